import { parseEnvironmentSchema, quietRunsSince, readMetadata, type Metadata } from '../backup/index.ts';
import type { CoverageAnswer, CoverageQuery } from './contract.ts';
import { metadataNotKept } from './errors.ts';
import {
  coverageCsv,
  makeReport,
  periodOf,
  schemaDifference,
  snapshotsIn,
  type CoverageReport,
  type Period,
  type SchemaChange,
} from '../coverage/index.ts';
import type { Snapshot, Vault } from '../vault/index.ts';
import type { Environment } from './environment.ts';

/** Only what is needed to read a vault: Dataverse may be down. */
export type CoverageOf = Pick<Environment, 'vault' | 'control' | 'clock' | 'environmentId'>;

export interface CoverageRequest {
  /** Null: the newest, or the last one of the period. */
  readonly snapshot: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface Coverage {
  readonly report: CoverageReport;
  /** Null: no period was asked for. */
  readonly period: Period | null;
}

/** What a snapshot protects, and what happened in a period. Throws `snapshot-missing` or `no-snapshot-yet`. */
export async function coverageOf(
  environment: CoverageOf,
  { snapshot, from, to }: CoverageRequest,
): Promise<Coverage> {
  const { vault, control, clock, environmentId } = environment;
  const madeAt = clock.now();
  const newest = await vault.snapshots.resolve({ kind: 'latest' });
  const isPeriod = from !== null || to !== null;
  const [begin, end] = [from ?? new Date(0).toISOString(), to ?? madeAt.toISOString()];
  const within = isPeriod ? await snapshotsIn(vault, begin, end) : [];
  const last: Snapshot | undefined = within.at(-1);
  const shown = snapshot !== null ? await vault.snapshots.read(snapshot) : (last ?? newest);
  const isNewest = shown.id === newest.id;
  const quiet = isNewest ? await quietRunsSince(control, environmentId) : [];
  const checked = quiet.at(-1) ?? null;
  const report = await makeReport(vault, shown, { madeAt, isNewest, checked });
  return { report, period: isPeriod ? periodOf(within, begin, end) : null };
}

/** One page of tables of what a snapshot protects. Throws `snapshot-missing` or `no-snapshot-yet`. */
export async function showCoverage(
  environment: CoverageOf,
  { snapshotId, limit, after }: CoverageQuery,
): Promise<CoverageAnswer> {
  const report = await reportAt(environment, snapshotId);
  const later = report.tables.filter(({ table }) => after === undefined || table > after);
  const page = later.slice(0, limit);
  return {
    ...report,
    tables: page.map(({ reasons, warnings, columns, ...table }) => ({
      ...table,
      reasons: [...reasons],
      warnings: [...warnings],
      columns: [...columns],
    })),
    next: later.length > limit ? (page.at(-1)?.table ?? null) : null,
    recoveryPoint: { ...report.recoveryPoint, behind: [...report.recoveryPoint.behind] },
    former: [...report.former],
    notes: [...report.notes],
    outOfScope: [...report.outOfScope],
  };
}

/** All of it as CSV (RFC 4180): a line for each table and each column. Throws as {@link showCoverage}. */
export async function coverageAsCsv(
  environment: CoverageOf,
  { snapshotId }: Pick<CoverageQuery, 'snapshotId'>,
): Promise<string> {
  return coverageCsv(await reportAt(environment, snapshotId));
}

async function reportAt(environment: CoverageOf, snapshot: string | undefined): Promise<CoverageReport> {
  const { report } = await coverageOf(environment, { snapshot: snapshot ?? null, from: null, to: null });
  return report;
}

/** How the environment's metadata moved from one snapshot to another. Throws `snapshot-missing`, `metadata-not-kept`. */
export async function compareSchemas(vault: Vault, before: string, after: string): Promise<SchemaChange[]> {
  return schemaDifference(await metadataOf(vault, before), await metadataOf(vault, after));
}

async function metadataOf(vault: Vault, id: string): Promise<Metadata> {
  const snapshot = await vault.snapshots.read(id);
  const schema = parseEnvironmentSchema(await vault.schemas.readDocument(snapshot.schema));
  if (schema.metadata === undefined) throw metadataNotKept(id);
  return readMetadata(vault.schemas, schema.metadata);
}
