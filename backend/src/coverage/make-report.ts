import { parseEnvironmentSchema, readMetadata, type EnvironmentSchema } from '../backup/index.ts';
import { fileTableName, type Snapshot, type Vault } from '../vault/index.ts';
import * as say from './reasons.ts';
import { countsOf, type CoverageReport, type Reason, type TableCoverage } from './report.ts';
import { coverTable, type Captured, type Sources } from './tables.ts';

export interface ReportOptions {
  readonly madeAt: Date;
  /** The newest run after the snapshot in which nothing moved; null: none, or unknown. */
  readonly checked: string | null;
  /** The snapshot is the newest one, so the change tokens in the vault are its own. */
  readonly isNewest: boolean;
}

/** What a snapshot protects of its environment. Throws `blob-missing` or `blob-damaged`. */
export async function makeReport(
  vault: Vault,
  snapshot: Snapshot,
  { madeAt, checked, isNewest }: ReportOptions,
): Promise<CoverageReport> {
  const schema = parseEnvironmentSchema(await vault.schemas.readDocument(snapshot.schema));
  const metadata = schema.metadata === undefined ? null : await readMetadata(vault.schemas, schema.metadata);
  const captured = await capturedTables(vault, snapshot, schema);
  const now = isNewest ? madeAt : null;
  const sources: Sources = { vault, snapshot, schema, metadata, captured, checked, now };
  const names = tablesOf(sources);
  const tables: TableCoverage[] = [];
  for (const name of names) tables.push(await coverTable(sources, name));
  return {
    snapshot: snapshot.id,
    startedAt: snapshot.startedAt,
    endedAt: snapshot.endedAt,
    madeAt: madeAt.toISOString(),
    environment: {
      id: snapshot.environmentId,
      name: metadata?.environment.friendlyName ?? null,
      url: metadata?.environment.url ?? null,
    },
    policy: snapshot.policy,
    tables,
    counts: {
      tables: countsOf(tables),
      columns: countsOf(tables.flatMap((table) => table.columns)),
    },
    recoveryPoint: recoveryPointOf(tables, snapshot.startedAt),
    former: formerTables(sources, new Set(names)),
    notes: notesOf(sources),
    outOfScope: say.outOfScope,
  };
}

async function capturedTables(
  vault: Vault,
  snapshot: Snapshot,
  schema: EnvironmentSchema,
): Promise<ReadonlyMap<string, Captured>> {
  const captured = new Map<string, Captured>();
  for (const [folder, at] of await vault.snapshots.tablesAt(snapshot)) {
    const id = schema.tables[folder]?.schema;
    // A table that never came to a commit has no schema in the vault; neither has the vault's own table of contents.
    if (id === undefined || folder === fileTableName) continue;
    captured.set(folder, { folder, at, schema: await vault.schemas.read(id) });
  }
  return captured;
}

/** Every table of the environment; without its metadata, every table that the snapshot names. */
function tablesOf({ metadata, schema, captured }: Sources): string[] {
  const names = metadata === null ? [] : [...metadata.tables.keys(), ...metadata.others.keys()];
  const known = metadata === null ? [...captured.values()].map((one) => one.schema.table) : [];
  return [...new Set([...names, ...known, ...schema.excluded.map(({ table }) => table)])].sort();
}

/** Also those whose name another table has now. */
function formerTables({ metadata, captured }: Sources, names: ReadonlySet<string>): CoverageReport['former'] {
  if (metadata === null) return [];
  const idOf = (name: string) => (metadata.tables.get(name) ?? metadata.others.get(name))?.id;
  return [...captured.values()]
    .filter(({ schema }) => !names.has(schema.table) || idOf(schema.table) !== schema.tableId)
    .map(({ folder, at, schema }) => ({ table: schema.table, folder, rowCount: at.rowCount }));
}

function recoveryPointOf(
  tables: readonly TableCoverage[],
  startedAt: string,
): CoverageReport['recoveryPoint'] {
  const instantOf = (table: TableCoverage) => table.recoveryPoint ?? '';
  const read = tables
    .filter((table) => table.mode !== null)
    .sort((a, b) => (instantOf(a) < instantOf(b) ? -1 : 1));
  const behind = read.filter((table) => instantOf(table) < startedAt);
  return {
    worst: read[0]?.recoveryPoint ?? null,
    behind: behind.map(({ table, recoveryPoint }) => ({ table, recoveryPoint })),
  };
}

function notesOf({ metadata }: Sources): Reason[] {
  if (metadata === null) return [say.noMetadata];
  return [
    ...(metadata.environment.auditEnabled ? [] : [say.auditOff]),
    ...(metadata.security === null ? [say.securityNotCaptured] : []),
  ];
}
