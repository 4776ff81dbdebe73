import { RowbackError } from '../base/errors.ts';
import { DataverseError, type Environment } from '../dataverse/index.ts';
import {
  isVaultError,
  type BackupMode,
  type TableSchema,
  type TableState,
  type VaultTable,
} from '../vault/index.ts';
import type { LeftOutColumn } from './columns.ts';
import { readAppended } from './append.ts';
import { continueSchema, retiredColumns, type KnownColumn } from './continue-schema.ts';
import { BackupError } from './errors.ts';
import type { TablePlan } from './plan.ts';
import { nextRound, type CompareReason, type Round } from './read-state.ts';
import { readAndCompare, readChangesSince, readFirst } from './rounds.ts';
import type { RunContext } from './run-context.ts';
import type { Canary } from './run-mark.ts';
import { snapshotInstant } from './snapshot-id.ts';
import { sweep, type SweepFindings } from './sweep.ts';
import type { TableRound } from './table-round.ts';
import { VersionLog } from './version-log.ts';
import { scanVersions } from './version-scan.ts';
import { ColumnsWithdrawn, securityGuard, withoutColumns } from './withdrawn.ts';

/** What became of one table in one run, before contents and hashes. A plain value. */
export interface TableOutcome {
  readonly table: string;
  /** The table's folder in the vault. */
  readonly folder: string;
  readonly schemaId: string;
  readonly retired: readonly KnownColumn[];
  /** `unfinished`: the first read stopped on an error, and goes on from its position. */
  readonly status: 'read' | 'unfinished' | 'not-proved' | 'failed';
  readonly mode: BackupMode;
  /** The table as the run left it; null: never committed. */
  readonly state: TableState | null;
  /** `throughSeq` of the table as the run found it. */
  readonly startSeq: number;
  readonly captured: {
    readonly put: number;
    readonly gone: number;
    /** Rows more (or fewer) than before; null: not known from what was compared. */
    readonly live: number | null;
    /** Of the rows gone, those that somebody deleted. */
    readonly deleted: number;
    readonly lastSavedBy: Readonly<Record<string, number>>;
    readonly bytes: number;
    readonly requests: number;
  };
  readonly warnings: readonly string[];
  /** Every row of the table was compared with the vault. */
  readonly swept?: boolean;
  /** Rows that a sweep found and the list of changes had not shown; absent: none, or no sweep was due. */
  readonly missed?: SweepFindings;
  /** Columns that the plan reads and that had to be left out all the same; absent: none. */
  readonly withdrawn?: readonly LeftOutColumn[];
  readonly errors: readonly { readonly code: string; readonly message: string }[];
  /** Rows captured with the highest row versions, to know the environment by. */
  readonly canaries: readonly Canary[];
}

/** What runs before this one left of the table, by its folder in the vault. */
export interface TablePast {
  readonly retired: (folder: string) => readonly KnownColumn[];
  readonly sweepIsDue: (folder: string) => boolean;
}

/**
 * Reads one table and commits what changed. An error of this table is in the outcome; what no table could survive
 * (stopped, signed out, storage gone) is thrown.
 */
export async function readTable(
  run: RunContext,
  plan: TablePlan,
  past: TablePast,
  environment: Environment,
): Promise<TableOutcome> {
  // Ends: each time around fewer columns are read.
  for (let now = plan; ;) {
    const withdrawn = now.leftOut.slice(plan.leftOut.length);
    try {
      const outcome = await readAsPlanned(run, now, past, environment);
      if (withdrawn.length === 0) return outcome;
      const names = withdrawn.map(({ column }) => column).join(', ');
      const warning = `column security began to hide ${names} while the table was read: not captured`;
      return { ...outcome, withdrawn, warnings: [warning, ...outcome.warnings] };
    } catch (error) {
      if (!(error instanceof ColumnsWithdrawn)) throw error;
      now = withoutColumns(now, error.columns);
    }
  }
}

async function readAsPlanned(
  run: RunContext,
  plan: TablePlan,
  past: TablePast,
  environment: Environment,
): Promise<TableOutcome> {
  const counted = counting(run);
  const { table, state, previous } = await openTable(run, plan);
  const known = [...(previous?.columns ?? []), ...past.retired(table.name)];
  const schema = continueSchema(plan.schema, known, run.snapshot);
  const schemaId = await run.vault.schemas.put(schema);
  const admit = securityGuard(run.client, environment.userId, plan, schema);
  // After a rewind the platform hands out row versions that it used before, and they prove nothing. A version scan goes
  // by them afterwards, so there each row keeps the one that it has now.
  const ignoreVersion = state !== null && state.epoch < run.epoch && plan.mode !== 'version-scan';
  const options = { admit, ignoreVersion };
  const log = new VersionLog(counted.run, table, { value: schema, id: schemaId }, state, options);
  const warnings: string[] = [];
  const warn = (warning: string) => warnings.push(warning);
  const keptDays = environment.expireChangeTrackingInDays;
  const lastCapturedAt = state?.newestSnapshot == null ? null : snapshotInstant(state.newestSnapshot);
  const round: TableRound = { run: counted.run, plan, schema, table, log, lastCapturedAt, keptDays, warn };
  const how = nextRound(plan, schema, state, run.epoch);
  const isDue = past.sweepIsDue(table.name);
  const { result, sweeping } = await readAndSweep(round, how, isDue).finally(() => log.close());
  const after = await table.state();
  return {
    table: plan.table,
    folder: table.name,
    schemaId,
    retired: retiredColumns(known, schema),
    status: statusOf(result, after),
    mode: result.kind === 'failed' ? plan.mode : result.mode,
    state: after,
    startSeq: state?.throughSeq ?? 0,
    captured: { ...log.counts, requests: counted.requests() },
    warnings,
    ...sweeping,
    errors: result.kind === 'failed' ? [{ code: result.error.code, message: result.error.message }] : [],
    canaries: plan.schema.kind === 'elastic' ? [] : log.newest.map((row) => ({ table: plan.table, ...row })),
  };
}

/** A table that no process came to an end with, as it stands in the vault now. */
export async function failTable(
  run: Pick<RunContext, 'vault' | 'snapshot'>,
  plan: TablePlan,
  retired: (folder: string) => readonly KnownColumn[],
  error: { readonly code: string; readonly message: string },
): Promise<TableOutcome> {
  const { table, state, previous } = await openTable(run, plan);
  const known = [...(previous?.columns ?? []), ...retired(table.name)];
  const schema = continueSchema(plan.schema, known, run.snapshot);
  return {
    table: plan.table,
    folder: table.name,
    schemaId: await run.vault.schemas.put(schema),
    retired: retiredColumns(known, schema),
    status: state !== null && state.position !== null ? 'unfinished' : 'failed',
    mode: plan.mode,
    state,
    startSeq: state?.throughSeq ?? 0,
    captured: { put: 0, gone: 0, live: null, deleted: 0, lastSavedBy: {}, bytes: 0, requests: 0 },
    warnings: [],
    errors: [error],
    canaries: [],
  };
}

type Sweeping = Pick<TableOutcome, 'swept' | 'missed'>;

/** The table is read whether or not the sweep after it comes to an end; the next run sweeps again then. */
async function readAndSweep(
  round: TableRound,
  how: Round,
  isDue: boolean,
): Promise<{ readonly result: ReadResult; readonly sweeping: Sweeping }> {
  const result = await read(round, how).catch(failed);
  if (result.kind !== 'read') return { result, sweeping: {} };
  if (how.kind !== 'changes' || result.mode === 'full') return { result, sweeping: { swept: true } };
  if (!isDue) return { result, sweeping: {} };
  const findings = await sweep(round).catch(failed);
  if (findings === null) return { result, sweeping: {} };
  if ('kind' in findings) {
    if (findings.kind === 'failed') round.warn(`the daily sweep did not end: ${findings.error.message}`);
    return { result, sweeping: {} };
  }
  const missed = findings.put + findings.gone > 0 ? { missed: findings } : {};
  return { result, sweeping: { swept: true, ...missed } };
}

type ReadResult =
  | { readonly kind: 'read' | 'not-proved'; readonly mode: BackupMode }
  | { readonly kind: 'failed'; readonly error: RowbackError };

async function read(round: TableRound, how: Round): Promise<ReadResult> {
  switch (how.kind) {
    case 'first': {
      const next = await readFirst(round, how.from);
      // What changed while the first read went on its way comes right after it; what of that is not proved comes again.
      if (next !== null) await orCompare(round, () => readChangesSince(round, next));
      return { kind: 'read', mode: round.plan.mode };
    }
    case 'changes':
      return orCompare(round, () => readChangesSince(round, how.since));
    case 'scan':
      return scan(round);
    case 'append': {
      await readAppended(round, how.after, how.isNew);
      return { kind: 'read', mode: 'append' };
    }
    case 'compare':
      return compare(round, how.because);
  }
}

/** A token that the service no longer takes: a full read still finds what is gone. */
async function orCompare(
  round: TableRound,
  changes: () => Promise<'proved' | 'not-proved'>,
): Promise<ReadResult> {
  try {
    const proof = await changes();
    return { kind: proof === 'proved' ? 'read' : 'not-proved', mode: 'change-tracking' };
  } catch (error) {
    if (!(error instanceof DataverseError) || error.kind !== 'expired-token') throw error;
    round.warn('the change token was too old or the schema moved: read in full and compared');
    return compare(round, 'expired-token');
  }
}

async function scan(round: TableRound): Promise<ReadResult> {
  const proof = await scanVersions(round);
  if (proof === 'too-many') return compare(round, 'much-moved');
  return { kind: proof === 'proved' ? 'read' : 'not-proved', mode: 'version-scan' };
}

async function compare(round: TableRound, because: CompareReason): Promise<ReadResult> {
  const proof = await readAndCompare(round, because);
  return { kind: proof === 'proved' ? 'read' : 'not-proved', mode: 'full' };
}

function failed(error: unknown): ReadResult {
  return { kind: 'failed', error: errorOfTable(error) };
}

/**
 * The error, where it is one of this table alone. Throws those after which reading another table makes no sense, and
 * what is no error, which goes on to who planned.
 */
export function errorOfTable(error: unknown): RowbackError {
  if (!(error instanceof RowbackError) || error instanceof BackupError) throw error;
  if (error instanceof DataverseError && ['sign-in', 'unauthorised'].includes(error.kind)) throw error;
  if (error.code.startsWith('storage-') || isVaultError(error, 'container-missing')) throw error;
  return error;
}

function statusOf(result: ReadResult, state: TableState | null): TableOutcome['status'] {
  if (result.kind !== 'failed') return result.kind;
  return state !== null && state.position !== null ? 'unfinished' : 'failed';
}

interface OpenedTable {
  readonly table: VaultTable;
  readonly state: TableState | null;
  /** Null: never captured before. */
  readonly previous: TableSchema | null;
}

/** A table is its MetadataId: one that came back under an old name gets a folder of its own (`name__2`). */
export async function openTable(run: Pick<RunContext, 'vault'>, plan: TablePlan): Promise<OpenedTable> {
  for (let number = 1; ; number += 1) {
    const table = run.vault.table(number === 1 ? plan.table : `${plan.table}__${number}`);
    const state = await table.state();
    if (state === null) return { table, state, previous: null };
    const previous = await run.vault.schemas.read(state.schemaId);
    if (previous.tableId === plan.schema.tableId) return { table, state, previous };
  }
}

/** The same run, with the requests of this table counted apart. */
function counting(run: RunContext): { readonly run: RunContext; readonly requests: () => number } {
  let requests = 0;
  const add: RunContext['meter']['add'] = (what) => {
    requests += what.requests ?? 0;
    run.meter.add(what);
  };
  return { run: { ...run, meter: { ...run.meter, add } }, requests: () => requests };
}
