import { RowbackError } from '../base/errors.ts';
import type { CommitFacts, NamedFile, Vault } from '../vault/index.ts';
import { finding, type Finding } from './finding.ts';

/** A table as its log tells it, commit by commit. */
export interface TableLog {
  readonly table: string;
  /** Files that the newest commit names. */
  readonly files: readonly NamedFile[];
  /** Every `throughSeq` that the table had after some commit; a snapshot may name only these. */
  readonly ends: ReadonlySet<number>;
  readonly schemas: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Sequences of one commit lie in a range of their own; `docs/vault.md`, "Rows". */
const seqsOfCommit = 2 ** 24;

/** Replays the commits of a table: none may be missing, and sequences, snapshots and epochs must rise. */
export async function readTableLog(
  vault: Vault,
  table: string,
  versions: readonly number[],
): Promise<TableLog> {
  const files = new Map<string, NamedFile>();
  const ends = new Set([0]);
  const schemas = new Set<string>();
  const findings: Finding[] = [];
  let last: Last = { throughSeq: 0, snapshot: '', epoch: 0 };
  for (const [at, version] of versions.entries()) {
    if (version !== at) {
      findings.push(finding('log-gap', `Commit ${at} of ${table} is not there.`, { table }));
      break;
    }
    const commit = await readCommit(vault, table, version);
    if ('code' in commit) {
      findings.push(commit);
      break;
    }
    findings.push(...orderOf(table, commit, last));
    last = apply(commit, last, files);
    ends.add(last.throughSeq);
    const schema = commit.configuration?.['rowback.schema'];
    if (schema !== undefined) schemas.add(schema);
  }
  return { table, files: [...files.values()], ends, schemas, findings };
}

interface Last {
  readonly throughSeq: number;
  readonly snapshot: string;
  readonly epoch: number;
}

function apply(commit: CommitFacts, last: Last, files: Map<string, NamedFile>): Last {
  for (const blob of commit.removes) files.delete(blob);
  for (const file of commit.adds) files.set(file.blob, file);
  return {
    throughSeq: Math.max(last.throughSeq, ...commit.adds.map((file) => file.maxSeq)),
    snapshot: [last.snapshot, ...commit.adds.map((file) => file.newestSnapshot)].sort().at(-1) ?? '',
    epoch: Number(commit.configuration?.['rowback.epoch'] ?? last.epoch),
  };
}

async function readCommit(vault: Vault, table: string, version: number): Promise<CommitFacts | Finding> {
  try {
    return await vault.inspection.readCommit(table, version);
  } catch (error) {
    if (!(error instanceof RowbackError) || error.code !== 'blob-damaged') throw error;
    return finding('blob-damaged', error.message, { table, blob: String(error.context['blob'] ?? '') });
  }
}

/** A commit that merges older files adds what others removed; its rows keep their old sequences. */
function orderOf(table: string, commit: CommitFacts, last: Last): Finding[] {
  const broken = (message: string) => [finding('order-broken', message, { table, blob: commit.blob })];
  const epoch = Number(commit.configuration?.['rowback.epoch'] ?? last.epoch);
  if (epoch < last.epoch) return broken(`The epoch of ${table} falls from ${last.epoch} to ${epoch}.`);
  if (commit.removes.length > 0) return [];
  const [low, high] = [commit.version * seqsOfCommit, (commit.version + 1) * seqsOfCommit];
  const strange = commit.adds.find((file) => file.minSeq <= low || file.maxSeq >= high);
  if (strange !== undefined)
    return broken(`Commit ${commit.version} of ${table} adds sequences of another one.`);
  const older = commit.adds.find((file) => file.oldestSnapshot < last.snapshot);
  if (older === undefined) return [];
  return broken(
    `Commit ${commit.version} of ${table} adds rows of ${older.oldestSnapshot} after ${last.snapshot}.`,
  );
}
