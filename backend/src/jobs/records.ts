import { isReference, type Reference, type Value, type Values } from '../base/value.ts';
import type { Point } from '../base/point.ts';
import type { TableDetails } from '../dataverse/index.ts';
import {
  contentColumns,
  joinContents,
  newestPut,
  plannedColumns,
  pointMalformed,
  readDetails,
  readLive,
  readRecord,
  sameValue,
  snapshotShowing,
  versionAt,
  versionBySeq,
  whyNotWritable,
  type ColumnSecurity,
  type ContentFact,
  type ContentFacts,
  type RecordVersions,
} from '../restore/index.ts';
import type { ColumnSchema, FileEntry, RowVersion, Snapshot, TableSchema } from '../vault/index.ts';
import { accessTo, type Access } from './access.ts';
import type { ComparedColumn, Comparison, RecordHistory, VersionSummary } from './contract.ts';
import type { Caller, Environment } from './environment.ts';
import { instantOf, personOf, readNames, shownValue, type Names } from './presentation.ts';

/** A version with its contents looked up, and the columns it holds. */
interface ReadVersion {
  readonly version: RowVersion;
  readonly schema: TableSchema;
  /** Empty of a `gone`. */
  readonly values: Values;
  readonly contents: ContentFacts;
}

/**
 * All backed-up versions of a record, newest first, with the columns that each changed. Throws what `readRecord` and
 * `accessTo` throw.
 */
export async function recordHistory(
  environment: Environment,
  of: { readonly table: string; readonly id: string },
  caller: Caller,
): Promise<RecordHistory> {
  const record = await readRecord(environment, of.table, of.id);
  const access = await accessTo(environment, caller, record, 'read');
  const versions = await readVersions(environment, record, access);
  const details = await readDetails(environment.client, record.table);
  const live = details === null ? null : await readLiveHead(environment, details, record.id);
  const people = [...versions.map(({ values }) => values['modifiedby']), live?.['modifiedby']].filter(
    isReference,
  );
  const names = await readNames(environment, record.tables, people, access.reader);
  const summaries = await summarise(environment, record, versions, names);
  const schema = versions.at(-1)?.schema;
  await audit(environment, caller, 'history', record);
  return {
    environment: environment.name,
    table: record.table,
    tableLabel: details?.label ?? schema?.label ?? record.table,
    id: record.id,
    name: nameOf(versions),
    live:
      live === null
        ? null
        : { modifiedOn: instantOf(live['modifiedon']), modifiedBy: personOf(live['modifiedby'], names) },
    lastBackupAt: record.latest.endedAt,
    versionCount: summaries.length,
    versions: summaries.reverse(),
  };
}

async function readLiveHead(
  environment: Environment,
  details: TableDetails,
  id: string,
): Promise<Values | null> {
  const names = ['modifiedon', 'modifiedby'].filter((name) =>
    details.columns.some((column) => column.name === name),
  );
  const columns = names.length > 0 ? names : [details.primaryId ?? ''];
  return (await environment.client.readRow(details, id, columns))?.values ?? null;
}

/** Oldest first. What column security hides from whoever asks is not in the values. */
async function readVersions(
  environment: Environment,
  record: RecordVersions,
  { security }: Access,
): Promise<ReadVersion[]> {
  const files = await environment.vault.table('rowback_file').state();
  let entries: FileEntry[] | null = null;
  const read: ReadVersion[] = [];
  for (const version of record.versions) {
    const schema = await environment.vault.schemas.read(version.schema);
    const columns = [...contentColumns(schema).keys()];
    if (version.op === 'gone') read.push({ version, schema, values: {}, contents: {} });
    else if (columns.length === 0) {
      read.push({ version, schema, values: visible(version.values, security), contents: {} });
    } else {
      entries ??= await environment.vault.files.contentsOf(record.table, [record.id], files?.throughSeq ?? 0);
      const named = environment.vault.files.contentsNamedBy(schema, version.key, version.values);
      const { values, contents } = joinContents(columns, version.values, named, entries);
      read.push({
        version,
        schema,
        values: visible(values, security),
        contents: visible(contents, security),
      });
    }
  }
  return read;
}

function visible<T>(values: Readonly<Record<string, T>>, { hidden }: ColumnSecurity): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !hidden.has(name)));
}

/** Oldest first. */
async function summarise(
  environment: Environment,
  record: RecordVersions,
  versions: readonly ReadVersion[],
  names: Names,
): Promise<VersionSummary[]> {
  const summaries: VersionSummary[] = [];
  let before: ReadVersion | null = null;
  let wasGone = false;
  for (const one of versions) {
    const { version, values } = one;
    const gone = version.op === 'gone';
    const shownBy = await snapshotShowing(environment.vault, record.table, version);
    const kind = gone
      ? 'deleted'
      : wasGone
        ? 'restored-after-delete'
        : before !== null
          ? 'changed'
          : await firstKind(environment, one, shownBy);
    summaries.push({
      version: String(version.seq),
      snapshot: shownBy.id,
      capturedAt: version.capturedAt,
      kind,
      modifiedOn: instantOf(values['modifiedon']),
      modifiedBy: personOf(values['modifiedby'], names),
      changedColumns: gone || before === null ? [] : changedColumns(before, one),
    });
    wasGone = gone;
    if (!gone) before = one;
  }
  return summaries;
}

/** A row that was there when its table was first read was not made then. */
async function firstKind(
  environment: Environment,
  { schema }: ReadVersion,
  { previous }: Snapshot,
): Promise<'created' | 'first-captured'> {
  if (previous === null) return 'first-captured';
  const earlier = await environment.vault.snapshots.tableAt(
    await environment.vault.snapshots.read(previous),
    schema.table,
  );
  return earlier === null || earlier.status === 'incomplete' ? 'first-captured' : 'created';
}

/** Columns that both versions hold and that differ; a column that one does not hold changed for nobody to see. */
function changedColumns(before: ReadVersion, after: ReadVersion): { name: string; label: string }[] {
  return plannedColumns(after.schema)
    .filter(({ name, type }) => {
      const old = before.values[name];
      const now = after.values[name];
      return old !== undefined && now !== undefined && !sameValue(type, old, now);
    })
    .map(({ name, label }) => ({ name, label }));
}

function nameOf(versions: readonly ReadVersion[]): string | null {
  for (const { schema, values } of [...versions].reverse()) {
    const { primaryName } = schema;
    const name = primaryName === null ? null : values[primaryName];
    if (typeof name === 'string') return name;
  }
  return null;
}

/** One side of a comparison. */
interface Side {
  readonly kind: 'version' | 'live' | 'deleted';
  readonly version: RowVersion | null;
  /** Id of the first snapshot that shows the version. */
  readonly snapshot: string | null;
  readonly schema: TableSchema;
  readonly values: Values;
  readonly contents: ContentFacts;
}

/**
 * Compares two versions of a record, or one with the live row. A side is `live`, `latest`, a snapshot id, an instant, or
 * a version number. Throws `point-malformed`, `version-missing`, and what {@link recordHistory} throws.
 */
export async function compareVersions(
  environment: Environment,
  of: { readonly table: string; readonly id: string; readonly from: string; readonly to: string },
  caller: Caller,
): Promise<Comparison> {
  const record = await readRecord(environment, of.table, of.id);
  const access = await accessTo(environment, caller, record, 'read');
  const details = await readDetails(environment.client, record.table);
  const versions = await readVersions(environment, record, access);
  const from = await readSide(environment, record, { versions, details, access }, of.from);
  const to = await readSide(environment, record, { versions, details, access }, of.to);
  const references = [...referencesOf(from), ...referencesOf(to)];
  const names = await readNames(environment, record.tables, references, access.reader);
  await audit(environment, caller, 'compare', record);
  const sides = { from: sideOf(from, names), to: sideOf(to, names) };
  const ownership =
    details === null ? false : (await environment.client.readEnvironment()).ownershipAcrossBusinessUnits;
  return {
    table: record.table,
    tableLabel: details?.label ?? from.schema.label,
    id: record.id,
    name: nameOf(versions),
    ...sides,
    columns: columnsOfBoth(from, to)
      // Computed columns change without a save: they say nothing about what somebody did, and cannot be put back.
      .filter(({ name, volatile }) => volatile !== true && !access.security.hidden.has(name))
      .map((column) => compareColumn(column, from, to, names, { details, access, ownership })),
  };
}

const snapshotLike = /^\d{8}T\d{6}Z-[a-z0-9]{4}$/;

async function readSide(
  environment: Environment,
  record: RecordVersions,
  known: {
    readonly versions: readonly ReadVersion[];
    readonly details: TableDetails | null;
    readonly access: Access;
  },
  text: string,
): Promise<Side> {
  const { versions, details, access } = known;
  const newest = await environment.vault.schemas.read(newestPut(record).schema);
  if (text === 'live') {
    const live = details === null ? null : await readLive(environment, details, newest, record.id);
    const none = { version: null, snapshot: null, schema: newest, contents: {} };
    if (live === null) return { kind: 'deleted', ...none, values: {} };
    return { kind: 'live', ...none, values: visible(live.values, access.security) };
  }
  const version = await versionNamed(environment, record, text);
  const read = versions.find((one) => one.version === version);
  if (version === null || read === undefined) {
    return { kind: 'deleted', version: null, snapshot: null, schema: newest, values: {}, contents: {} };
  }
  const snapshot = await snapshotShowing(environment.vault, record.table, version);
  return { kind: version.op === 'gone' ? 'deleted' : 'version', snapshot: snapshot.id, ...read };
}

async function versionNamed(
  environment: Environment,
  record: RecordVersions,
  text: string,
): Promise<RowVersion | null> {
  if (/^\d+$/.test(text)) return versionBySeq(record, text);
  if (text === 'latest') return record.versions.at(-1) ?? null;
  const snapshot = await environment.vault.snapshots.resolve(pointOf(text));
  return await versionAt(environment.vault, record, snapshot);
}

/** Throws `point-malformed`. */
export function pointOf(text: string): Point {
  if (text === 'latest') return { kind: 'latest' };
  if (snapshotLike.test(text)) return { kind: 'snapshot', id: text };
  if (/^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)))
    return { kind: 'instant', at: text };
  throw pointMalformed(text);
}

function referencesOf(side: Side): Reference[] {
  return Object.values(side.values).filter(isReference);
}

function sideOf(side: Side, names: Names): Comparison['from'] {
  return {
    kind: side.kind,
    version: side.version === null ? null : String(side.version.seq),
    snapshot: side.snapshot,
    capturedAt: side.version?.capturedAt ?? null,
    modifiedOn: instantOf(side.values['modifiedon']),
    modifiedBy: personOf(side.values['modifiedby'], names),
  };
}

/** Sorted by label: that is how people look for a column. The newer side's schema names it. */
function columnsOfBoth(from: Side, to: Side): ColumnSchema[] {
  const columns = new Map<string, ColumnSchema>();
  for (const side of [from, to]) for (const column of side.schema.columns) columns.set(column.name, column);
  return [...columns.values()].sort((a, b) =>
    a.label < b.label ? -1 : a.label > b.label ? 1 : a.name < b.name ? -1 : 1,
  );
}

interface Rules {
  readonly details: TableDetails | null;
  readonly access: Access;
  readonly ownership: boolean;
}

function compareColumn(
  column: ColumnSchema,
  from: Side,
  to: Side,
  names: Names,
  rules: Rules,
): ComparedColumn {
  const { name, type } = column;
  // A row that is not there is empty in every column, which is something else than not captured.
  const before: Value | undefined = from.kind === 'deleted' ? null : from.values[name];
  const after: Value | undefined = to.kind === 'deleted' ? null : to.values[name];
  const why = whyNotRestorable(column, from, rules);
  return {
    name,
    label: column.label,
    type,
    from: shownValue(columnIn(from, column), before, names, contentOf(from, to, name, before)),
    to: shownValue(columnIn(to, column), after, names, contentOf(to, from, name, after)),
    change: changeOf(column, before, after),
    restorable: why === null,
    why,
  };
}

/** A live content is known by the version that has the same. */
function contentOf(side: Side, other: Side, name: string, value: Value | undefined): ContentFact | undefined {
  const own = side.contents[name];
  if (own !== undefined) return own;
  const twin = other.contents[name];
  return twin?.state === 'stored' && twin.sha256 === value ? twin : undefined;
}

const columnIn = (side: Side, column: ColumnSchema): ColumnSchema =>
  side.schema.columns.find(({ name }) => name === column.name) ?? column;

function changeOf(
  column: ColumnSchema,
  before: Value | undefined,
  after: Value | undefined,
): ComparedColumn['change'] {
  if (before === undefined || after === undefined) return 'not-captured';
  if (sameValue(column.type, before, after)) return 'same';
  if (before === null) return 'added';
  return after === null ? 'removed' : 'changed';
}

function whyNotRestorable(
  column: ColumnSchema,
  from: Side,
  { details, access, ownership }: Rules,
): string | null {
  if (details === null) return 'The table is gone.';
  if (!plannedColumns(from.schema).some(({ name }) => name === column.name)) return 'The platform sets it.';
  if (from.kind !== 'deleted' && from.values[column.name] === undefined)
    return 'This backup does not hold the column.';
  if (column.name === 'statecode') return null;
  return whyNotWritable({
    details,
    column,
    action: 'update',
    writableSecured: access.security.writableSecured,
    ownershipAcrossBusinessUnits: ownership,
  });
}

/** Every look at backed-up data is written down where the product cannot change it. */
async function audit(
  environment: Environment,
  caller: Caller,
  action: string,
  record: RecordVersions,
): Promise<void> {
  const at = environment.clock.now().toISOString();
  await environment.vault.appendAudit({ at, action, caller, table: record.table, id: record.id });
}
