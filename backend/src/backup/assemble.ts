import { assert } from '../base/assert.ts';
import { fileTableName, type TableAtSnapshot, type TableInSnapshot, type Vault } from '../vault/index.ts';
import type { ContentsOutcome } from './contents.ts';
import type { Before } from './run-begin.ts';
import type { TableOutcome } from './table-run.ts';

/** `throughSeq` of the vault's table of contents. */
export interface FileSeqs {
  readonly previous: number;
  readonly now: number;
}

/** What a table's rows and contents came to. */
export type Captured = TableOutcome & { readonly contents: ContentsOutcome };

/**
 * As it is now: of lines about contents only those of the table described count, and these only its own step writes.
 */
export async function fileSeqsOf(vault: Vault, before: Pick<Before, 'tables'>): Promise<FileSeqs> {
  const previous = before.tables.get(fileTableName)?.throughSeq ?? 0;
  return { previous, now: (await vault.table(fileTableName).state())?.throughSeq ?? 0 };
}

/** What the snapshot will say of a table; null: nothing moved and nothing changed since the last one that named it. */
export async function describeTable(
  vault: Vault,
  outcome: Captured,
  before: Pick<Before, 'tables'>,
): Promise<TableInSnapshot | null> {
  const previous = before.tables.get(outcome.folder) ?? null;
  if (outcome.status === 'failed' || outcome.status === 'not-proved') {
    const failed = describeFailed(outcome, previous);
    return sameAsBefore(failed, previous) ? null : failed;
  }
  const { contents } = outcome;
  const throughSeq = outcome.state?.throughSeq ?? 0;
  const status = outcome.status === 'read' ? 'complete' : 'incomplete';
  const moved = previous === null || previous.throughSeq !== throughSeq || previous.status !== status;
  if (!moved && !contents.moved && previous.files.pending === contents.pending) return null;
  return {
    status,
    throughSeq,
    deltaVersion: outcome.state?.version ?? 0,
    mode: outcome.mode,
    rowCount: await countRows(vault, outcome, previous),
    ...missedBy(outcome, previous),
    captured: {
      put: outcome.captured.put,
      gone: outcome.captured.gone,
      ...deletedOf(outcome),
      bytes: outcome.captured.bytes + contents.bytes,
      requests: outcome.captured.requests + contents.requests,
    },
    tableHash: await hashOf(vault, outcome, previous, () => fileSeqsOf(vault, before)),
    files: {
      stored: contents.stored,
      pending: contents.pending,
      lost: contents.lost,
    },
    warnings: outcome.warnings,
    errors: [...outcome.errors, ...contents.errors.slice(0, 20)],
  };
}

/** What the newest sweep found that found anything. */
function missedBy(
  { missed }: TableOutcome,
  previous: TableAtSnapshot | null,
): Pick<TableInSnapshot, 'missed'> {
  const newest = missed ?? previous?.missed;
  return newest === undefined ? {} : { missed: newest };
}

/** Left out where somebody deleted every row that is gone, which is the rule. */
function deletedOf({ captured: { gone, deleted } }: TableOutcome): { deleted?: number } {
  return deleted === gone ? {} : { deleted };
}

/** Where the run began at the last snapshot's state and met every row's head, the count is carried and not taken. */
async function countRows(
  vault: Vault,
  { folder, state, startSeq, captured }: Captured,
  previous: TableAtSnapshot | null,
): Promise<number> {
  const throughSeq = state?.throughSeq ?? 0;
  if (previous?.throughSeq === startSeq && captured.live !== null) return previous.rowCount + captured.live;
  return vault.table(folder).countRows(throughSeq);
}

/** Versions in a table up to which its hash is part of the snapshot. Beyond, computing it would cost more than reading
 * the changes does, at every run; whoever wants it computes it from the vault. */
const versionsToHash = 10_000;

async function hashOf(
  vault: Vault,
  table: Pick<Captured, 'folder' | 'state'>,
  previous: TableAtSnapshot | null,
  filesNow: () => Promise<FileSeqs>,
): Promise<string | null> {
  const { folder, state } = table;
  const throughSeq = state?.throughSeq ?? 0;
  if ((state?.versionCount ?? 0) > versionsToHash) return null;
  const files = await filesNow();
  if (previous === null || previous.throughSeq === 0 || previous.tableHash === null)
    return vault.hashes.at(folder, throughSeq, files.now);
  return vault.hashes.advance(
    folder,
    { hash: previous.tableHash, throughSeq: previous.throughSeq, fileSeq: files.previous },
    { throughSeq, fileSeq: files.now },
  );
}

/** The table stays as the last snapshot has it, and says why; a table that was never complete has failed. */
function describeFailed(outcome: TableOutcome, previous: TableAtSnapshot | null): TableInSnapshot {
  const { put, gone, bytes, requests } = outcome.captured;
  const deleted = deletedOf(outcome);
  const errors =
    outcome.status === 'not-proved'
      ? [{ code: 'deletes-not-proved', message: outcome.warnings.at(-1) ?? 'deletes could not be proved' }]
      : outcome.errors;
  const common = {
    mode: outcome.mode,
    captured: { put, gone, ...deleted, bytes, requests },
    ...missedBy(outcome, previous),
    warnings: outcome.warnings,
    errors,
  };
  if (previous === null || previous.throughSeq === 0) {
    const files = { stored: 0, pending: 0, lost: 0 };
    const hash = '0'.repeat(64);
    return {
      ...common,
      status: 'failed',
      throughSeq: 0,
      deltaVersion: 0,
      rowCount: 0,
      tableHash: hash,
      files,
    };
  }
  const { throughSeq, deltaVersion, rowCount, tableHash, files } = previous;
  const stateOf = previous.stateOf ?? previous.namedBy;
  return { ...common, status: 'stale', stateOf, throughSeq, deltaVersion, rowCount, tableHash, files };
}

/** A table that goes on failing in the same way is no news. */
function sameAsBefore(now: TableInSnapshot, previous: TableAtSnapshot | null): boolean {
  return (
    previous !== null &&
    previous.status === now.status &&
    JSON.stringify(previous.errors) === JSON.stringify(now.errors)
  );
}

/** A table that this run was not asked to read. */
export function asStale(previous: TableAtSnapshot): TableInSnapshot {
  const { namedBy, ...table } = previous;
  const captured = { put: 0, gone: 0, bytes: 0, requests: 0 };
  return { ...table, captured, status: 'stale', stateOf: table.stateOf ?? namedBy, warnings: [], errors: [] };
}

/** The vault's own table of contents is named like any other. */
export async function describeFileTable(
  vault: Vault,
  previous: TableAtSnapshot | null,
  results: readonly Captured[],
): Promise<TableInSnapshot> {
  const state = await vault.table(fileTableName).state();
  assert(state !== null, `${fileTableName} moved and has no state`);
  const { throughSeq, version: deltaVersion } = state;
  const sum = (of: (contents: ContentsOutcome) => number) =>
    results.reduce((total, { contents }) => total + of(contents), 0);
  const files = { previous: previous?.throughSeq ?? 0, now: throughSeq };
  return {
    status: 'complete',
    throughSeq,
    deltaVersion,
    mode: 'append',
    rowCount: await vault.table(fileTableName).countRows(throughSeq),
    captured: { put: sum((one) => one.stored + one.lost), gone: 0, bytes: 0, requests: 0 },
    tableHash: await hashOf(vault, { folder: fileTableName, state }, previous, () => Promise.resolve(files)),
    files: { stored: 0, pending: 0, lost: 0 },
    warnings: [],
    errors: [],
  };
}
