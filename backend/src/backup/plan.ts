import type { Environment, ManyToMany, TableDetails, TableMetadata } from '../dataverse/index.ts';
import type { BackupMode, TableSchema } from '../vault/index.ts';
import { usualAlertRules, type AlertRules } from './alerts/moves.ts';
import { planColumns, type LeftOutColumn } from './columns.ts';
import { leftOutAsNoData } from './left-out.ts';
import { entriesWithoutTable, tableChoice } from './table-choice.ts';

/** What the policy says about tables and contents; patterns as in `rowback.yaml`. */
export interface BackupPolicy {
  readonly name: string;
  /** As {@link tableChoice} reads them. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** False: elastic tables stay out. */
  readonly elastic?: boolean;
  readonly files: boolean;
  readonly everyMs: number | null;
  /** Left out: {@link usualAlertRules}. */
  readonly alerts?: AlertRules;
}

/** Everything that a plan is made from, read from the service. */
export interface BackupFacts {
  readonly environment: Environment;
  /** Every table of the environment. */
  readonly tables: readonly TableMetadata[];
  /** At least of the tables that {@link chooseTables} takes in. */
  readonly details: ReadonlyMap<string, TableDetails>;
  /** Tables that we can read as a whole. */
  readonly readable: ReadonlySet<string>;
  /** By table, the secured columns that we may read. */
  readonly readableSecured: ReadonlyMap<string, ReadonlySet<string>>;
  /** The service's own counts, up to a day old. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface TablePlan {
  readonly table: string;
  readonly label: string;
  readonly mode: Extract<BackupMode, 'change-tracking' | 'version-scan' | 'append' | 'full'>;
  /** Why this mode. */
  readonly why: string;
  readonly details: TableDetails;
  /** As it will be captured; delta names are those of a table that was never captured before. */
  readonly schema: TableSchema;
  readonly leftOut: readonly LeftOutColumn[];
  /** Null: the service does not know. */
  readonly approximateRows: number | null;
  readonly requestsPerRun: number;
}

export interface ExcludedTable {
  readonly table: string;
  readonly label: string;
  readonly code: string;
  readonly why: string;
  readonly hint: string | null;
}

/** What a backup will do, as a plain value: it can be printed, tested and kept. Sorted by table. */
export interface BackupPlan {
  readonly environment: Environment;
  readonly policy: string;
  readonly files: boolean;
  readonly alerts: AlertRules;
  readonly tables: readonly TablePlan[];
  readonly excluded: readonly ExcludedTable[];
  /** Entries of the policy's lists that mean no table of the environment. */
  readonly unmatched: readonly string[];
  /** Null where the policy names no interval. */
  readonly runsPerDay: number | null;
  readonly requestsPerDay: number;
}

const rowsPerPage = 5000;
const rowsPerElasticPage = 500;
const dayMs = 86_400_000;

export interface ChosenTables {
  readonly tables: readonly TableMetadata[];
  readonly excluded: readonly ExcludedTable[];
}

/** Which tables a policy takes in, and why not the others. */
export function chooseTables(
  tables: readonly TableMetadata[],
  readable: ReadonlySet<string>,
  policy: BackupPolicy,
): ChosenTables {
  const chosen: TableMetadata[] = [];
  const excluded: ExcludedTable[] = [];
  for (const table of [...tables].sort(byName)) {
    const reason = cannotBeRead(table) ?? leftOutByPolicy(table, policy) ?? noPrivilege(table, readable);
    if (reason === null) chosen.push(table);
    else excluded.push({ table: table.name, label: table.label, hint: null, ...reason });
  }
  return { tables: chosen, excluded };
}

export function planBackup(facts: BackupFacts, policy: BackupPolicy): BackupPlan {
  const { tables, excluded } = chooseTables(facts.tables, facts.readable, policy);
  const links = new Map(
    [...facts.details.values()]
      .flatMap((table) => table.manyToMany)
      .map((link) => [link.intersectTable, link]),
  );
  const planned = tables.flatMap((table) => {
    const details = facts.details.get(table.name);
    return details === undefined ? [] : [planTable(details, links.get(table.name), facts, policy)];
  });
  const runsPerDay = policy.everyMs === null ? null : Math.round(dayMs / policy.everyMs);
  const requestsPerRun = planned.reduce((sum, table) => sum + table.requestsPerRun, fixedRequests);
  return {
    environment: facts.environment,
    policy: policy.name,
    files: policy.files,
    alerts: policy.alerts ?? usualAlertRules,
    tables: planned,
    excluded,
    unmatched: entriesWithoutTable([...policy.include, ...policy.exclude], facts.tables),
    runsPerDay,
    requestsPerDay: requestsPerRun * (runsPerDay ?? 1) + requestsToSweep(planned),
  };
}

/** Once a day the keys of every tracked table are compared with the vault. */
function requestsToSweep(tables: readonly TablePlan[]): number {
  const tracked = tables.filter(({ mode }) => mode === 'change-tracking');
  return tracked.reduce((sum, { details, approximateRows }) => sum + pagesOf(details, approximateRows), 0);
}

/** Of keys as of whole rows: the service gives no more in one, but they are a small part as long. */
function pagesOf({ kind }: TableDetails, rows: number | null): number {
  return Math.max(1, Math.ceil((rows ?? 0) / (kind === 'elastic' ? rowsPerElasticPage : rowsPerPage)));
}

/** Who we are, the organization, the list of tables, rights and the proof that this run continues the last one. */
const fixedRequests = 10;

function planTable(
  details: TableDetails,
  link: ManyToMany | undefined,
  facts: BackupFacts,
  policy: BackupPolicy,
): TablePlan {
  const readable = facts.readableSecured.get(details.name) ?? new Set<string>();
  const { columns, leftOut } = planColumns(details, readable, policy.files);
  const approximateRows = facts.counts.get(details.name) ?? null;
  const { mode, why } = modeOf(details, columns, facts, policy);
  return {
    table: details.name,
    label: details.label,
    mode,
    why,
    details,
    schema: schemaOf(details, link, columns),
    leftOut,
    approximateRows,
    requestsPerRun: mode === 'change-tracking' || mode === 'append' ? 1 : pagesOf(details, approximateRows),
  };
}

function schemaOf(
  details: TableDetails,
  link: ManyToMany | undefined,
  columns: TableSchema['columns'],
): TableSchema {
  const primaryId = primaryIdOf(details);
  return {
    format: 1,
    table: details.name,
    tableId: details.id,
    label: details.label,
    kind: details.kind === 'virtual' ? 'standard' : details.kind,
    key: details.kind === 'elastic' ? [primaryId, 'partitionid'] : [primaryId],
    primaryId,
    primaryName: details.primaryName,
    ...(link === undefined ? {} : { link: linkOf(link) }),
    columns,
  };
}

function linkOf(link: ManyToMany): NonNullable<TableSchema['link']> {
  const { schemaName: relationship, column1, table1, column2, table2 } = link;
  return { relationship, column1, table1, column2, table2 };
}

function primaryIdOf(table: TableMetadata): string {
  if (table.primaryId === null) throw new TypeError(`${table.name} was chosen and has no primary id`);
  return table.primaryId;
}

function modeOf(
  table: TableDetails,
  columns: TableSchema['columns'],
  facts: BackupFacts,
  policy: BackupPolicy,
): Pick<TablePlan, 'mode' | 'why'> {
  const has = (column: string) => columns.some(({ name }) => name === column);
  if (table.name === 'audit' && has('createdon')) {
    return { mode: 'append', why: 'its rows are only ever added: those created since the last run are read' };
  }
  const because = whyNotTracked(table, facts, policy);
  if (because === null) {
    return { mode: 'change-tracking', why: 'the service lists what changed since the last run' };
  }
  if (has('versionnumber')) {
    return { mode: 'version-scan', why: `keys and row versions are read and compared: ${because}` };
  }
  return { mode: 'full', why: because };
}

function whyNotTracked(table: TableDetails, facts: BackupFacts, policy: BackupPolicy): string | null {
  if (table.kind === 'elastic') {
    return 'a tombstone of an elastic table does not say which partition it was in';
  }
  if (!table.changeTracking) {
    return table.changeTrackingPossible
      ? 'change tracking is off; turn it on to read only what changed'
      : 'the platform offers no change tracking for this table';
  }
  const keptMs = facts.environment.expireChangeTrackingInDays * dayMs;
  return policy.everyMs !== null && policy.everyMs >= keptMs
    ? 'the service forgets changes sooner than the policy comes back'
    : null;
}

type Reason = Pick<ExcludedTable, 'code' | 'why'> & { readonly hint?: string };

function cannotBeRead(table: TableMetadata): Reason | null {
  if (table.kind === 'virtual') {
    return { code: 'virtual', why: 'its rows live outside Dataverse and are fetched when somebody looks' };
  }
  if (!table.exposed || table.primaryId === null) {
    return { code: 'not-exposed', why: 'the Web API does not give its rows' };
  }
  if (table.name.startsWith('rowback_')) {
    return { code: 'own', why: 'requests and answers of Rowback itself' };
  }
  return null;
}

/** A pattern without `*` is a decision about this one table and outweighs our own list of tables without data. */
function leftOutByPolicy(table: TableMetadata, policy: BackupPolicy): Reason | null {
  if (policy.exclude.some((entry) => tableChoice(entry)(table))) {
    return { code: 'policy', why: 'the policy excludes it' };
  }
  if (table.kind === 'elastic' && policy.elastic === false) {
    return { code: 'policy', why: 'the policy leaves elastic tables out' };
  }
  if (policy.include.includes(table.name)) return null;
  const noData = leftOutAsNoData(table.name);
  const chosenLog = noData?.code === 'log' && policy.include.includes('kind:log');
  if (noData !== null && !chosenLog) return noData;
  if (policy.include.some((entry) => tableChoice(entry)(table))) return null;
  return { code: 'policy', why: 'the policy does not include it' };
}

function noPrivilege(table: TableMetadata, readable: ReadonlySet<string>): Reason | null {
  if (readable.has(table.name)) return null;
  const privilege =
    table.privileges.find((candidate) => candidate.verb === 'Read')?.name ?? `read on ${table.name}`;
  return {
    code: 'no-privilege',
    why: 'the backup identity cannot read all of its rows, and a part of them would look like deletes',
    hint: `Give the application user the System Administrator role, or a role with ${privilege} for the whole organization.`,
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
