import { DataverseError } from '../../../src/dataverse/index.ts';
import type { Day } from './world.ts';

/** One thing that a client does on a bad day. It throws where what came of it is wrong. */
export type Way = (day: Day, random: () => number) => Promise<Outcome>;

/** Came it through, or did an error tell what is missing? */
export type Outcome = 'whole' | 'told';

/** What came of the work, or null where it ended with an error that names the table, or one that the work needs too. */
export async function orTold<T>(table: string | readonly string[], work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DataverseError && names(error, table)) return null;
    throw error;
  }
}

/** What the client says of a write. */
export type Said = 'done' | 'refused' | 'unknown';

export async function saidOf(table: string | readonly string[], work: Promise<unknown>): Promise<Said> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!(error instanceof DataverseError) || !names(error, table)) throw error;
    return error.kind === 'outcome-unknown' ? 'unknown' : 'refused';
  }
}

function names(error: DataverseError, table: string | readonly string[]): boolean {
  return [table].flat().includes(error.table ?? '');
}

export function someOf<T>(list: readonly T[], count: number, random: () => number): readonly T[] {
  const first = Math.floor(random() * Math.max(1, list.length - count));
  return list.slice(first, first + count);
}
