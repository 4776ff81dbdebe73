import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';

const idForm = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-z]{4}$/;

/** `20261123T140205Z-1f0c` from the service's instant; ids sort like their instants. */
export function newSnapshotId(instant: string, random: Random): string {
  const seconds = `${instant.slice(0, 19)}Z`;
  const id = `${seconds.replaceAll(/[-:]/g, '')}-${random.uuid().slice(0, 4)}`;
  assert(isSnapshotId(id), `${instant} is no instant`);
  return id;
}

export function isSnapshotId(text: string): boolean {
  return idForm.test(text);
}

/** Milliseconds since 1970. */
export function instantOfSnapshotId(id: string): number {
  const match = idForm.exec(id);
  assert(match !== null, `${id} is no snapshot id`);
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}
