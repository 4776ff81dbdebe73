import { keyText } from '../dataverse/index.ts';
import type { KeySet } from './key-set.ts';
import { requestsFor } from './read-by-keys.ts';
import { addressOf } from './row-address.ts';
import type { TableRound } from './table-round.ts';

export type MissingProof =
  | { readonly kind: 'proved'; readonly keys: readonly string[] }
  | { readonly kind: 'not-proved'; readonly why: string };

/** Up to so many missing rows are all looked up; of more, a sample of this size. */
const sampleSize = 100;

/**
 * Which rows of the vault a full read did not show, with the proof that they are gone: each (or, of more than a
 * hundred, each of a sample) is asked for by its key and must not be there.
 *
 * A few that are there after all slipped between two pages of the read: they are alive. But one in a sample means that
 * the read cannot be trusted, and nothing may be called gone.
 */
export async function proveMissing(
  round: TableRound,
  captured: AsyncIterable<string>,
  seen: KeySet,
): Promise<MissingProof> {
  const missing: string[] = [];
  for await (const key of captured) if (!seen.has(key)) missing.push(key);
  if (missing.length === 0) return { kind: 'proved', keys: [] };
  const asked = missing.length <= sampleSize ? missing : sample(missing, () => round.run.random.fraction());
  const found = await stillThere(round, asked);
  if (found === null) return rightsLost(missing.length);
  if (asked === missing) return { kind: 'proved', keys: missing.filter((key) => !found.has(key)) };
  if (found.size === 0) return { kind: 'proved', keys: missing };
  return {
    kind: 'not-proved',
    why: `${missing.length} rows did not come in the full read, yet ${found.size} of ${asked.length} looked up are there; none was recorded as deleted`,
  };
}

async function mayReadWhole({ run, plan }: TableRound): Promise<boolean> {
  return (await run.client.globallyReadable([plan.details])).has(plan.details.name);
}

function rightsLost(rows: number): MissingProof {
  return {
    kind: 'not-proved',
    why: `${rows} rows did not come in the full read, and the right to read all rows was lost meanwhile; none was recorded as deleted`,
  };
}

/**
 * Those of the keys whose rows are there when asked for: of elastic tables each in its own partition, for several may
 * share an id. Whoever may see only some of the rows gets neither in a read nor when asking, without an error: so the
 * right to read the whole table, which this run's plan was made with, must still be held before the rows are asked for
 * and afterwards. Null: it was lost, and what came says nothing.
 */
export async function stillThere(
  round: TableRound,
  keys: readonly string[],
): Promise<ReadonlySet<string> | null> {
  if (keys.length === 0) return new Set();
  const addresses = new Map(keys.map((key) => [key, addressOf(round.schema, key)]));
  const { client, meter } = round.run;
  if (!(await mayReadWhole(round))) return null;
  const rows = await client.readRows(round.plan.details, [...addresses.values()], [round.schema.primaryId]);
  meter.add({ requests: requestsFor(keys.length) });
  if (!(await mayReadWhole(round))) return null;
  return new Set(keys.filter((key) => rows.has(keyText(addresses.get(key) ?? key))));
}

/** Fisher and Yates, stopped after the sample. */
function sample(keys: readonly string[], fraction: () => number): string[] {
  const pool = [...keys];
  for (let at = 0; at < sampleSize; at += 1) {
    const other = at + Math.floor(fraction() * (pool.length - at));
    const [a, b] = [pool[at], pool[other]];
    if (a === undefined || b === undefined) break;
    pool[at] = b;
    pool[other] = a;
  }
  return pool.slice(0, sampleSize);
}
