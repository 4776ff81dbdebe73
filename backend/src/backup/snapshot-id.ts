import type { Random } from '../base/random.ts';
import { newSnapshotId } from '../vault/index.ts';

/**
 * The id that a run captures under. Never below the run before, also when the service's clocks disagree by some
 * seconds or two runs begin in the same one: within a table the snapshot may not fall as the sequence rises.
 */
export function nextSnapshotId(startedAt: string, last: string | null, random: Random): string {
  const id = newSnapshotId(startedAt, random);
  return last === null || id > last ? id : following(last);
}

/** The next id in the order of text, a second later when the last one's suffix is used up. */
function following(last: string): string {
  const number = parseInt(last.slice(-4), 36) + 1;
  if (number < 36 ** 4) return `${last.slice(0, -4)}${number.toString(36).padStart(4, '0')}`;
  const later = new Date(Date.parse(snapshotInstant(last)) + 1000).toISOString();
  return `${later.replace(/\.\d+/, '').replace(/[-:]/g, '')}-0000`;
}

/** When the run began that captured under an id; whole seconds, by the service's clock. */
export function snapshotInstant(id: string): string {
  return id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6Z');
}
