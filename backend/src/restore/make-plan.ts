import type { Point } from '../base/point.ts';
import { isReference, type Reference, type Values } from '../base/value.ts';
import type { ManyToMany, Party, TableDetails } from '../dataverse/index.ts';
import type { PutVersion, TableSchema } from '../vault/index.ts';
import { goneWithRecord, isLinked, linkOf, lostLinks, nameIn, partiesOf } from './attached.ts';
import type { ColumnSecurity, RestoreContext, Rights } from './context.ts';
import { withContents } from './contents.ts';
import { columnUnknown, tableGone, tableUnsupported } from './errors.ts';
import { readLive, type LiveRow } from './live-row.ts';
import {
  planLifetimeMs,
  type PlannedLink,
  type PlannedRow,
  type Problem,
  type RestorePlan,
  type Selection,
} from './plan.ts';
import { planRow, referencesIn, type RowChoices, type RowFacts } from './plan-row.ts';
import {
  newestPut,
  readDetails,
  readRecord,
  wantedVersion,
  type RecordVersions,
  type WantedVersion,
} from './record.ts';
import { sideEffectsOf } from './side-effects.ts';
import { badTargetsOf } from './targets.ts';
import { whyUnsupported } from './unsupported.ts';
import { fingerprint } from './writable.ts';

export interface PlanRequest extends Rights {
  readonly table: string;
  readonly id: string;
  readonly at: Point | { readonly kind: 'version'; readonly seq: string };
  readonly columns: 'all' | readonly string[];
  readonly overwrite: boolean;
  /** Whether the requester may have a deleted note or attachment brought back along. */
  readonly mayBringBack: (details: TableDetails, values: Values) => Promise<boolean>;
}

/** Everything that a plan of one record is made from. */
interface Gathered {
  readonly request: PlanRequest;
  readonly record: RecordVersions;
  readonly wanted: WantedVersion;
  readonly schema: TableSchema;
  readonly details: TableDetails;
  readonly now: LiveRow | null;
}

/**
 * Works out what restoring one record would write. Reads only. Throws the errors of `errors.ts`, of the vault and of
 * Dataverse.
 */
export async function makePlan(context: RestoreContext, request: PlanRequest): Promise<RestorePlan> {
  const record = await readRecord(context, request.table, request.id);
  const wanted = await wantedVersion(context.vault, record, request.at);
  const schema = await context.vault.schemas.read(wanted.version.schema);
  checkColumns(request, schema);
  const details = await readDetails(context.client, record.table);
  if (details === null) throw tableGone(record.table);
  const unsupported = whyUnsupported(schema);
  if (unsupported !== null) throw tableUnsupported(record.table, unsupported);
  if (schema.kind === 'intersect') {
    return await planOfPair(context, { request, record, wanted, schema, details, now: null });
  }
  const now = await readLive(context, details, schema, record.id);
  return await planOfRow(context, { request, record, wanted, schema, details, now });
}

function checkColumns(request: PlanRequest, schema: TableSchema): void {
  if (request.columns === 'all') return;
  for (const name of request.columns) {
    const known = schema.columns.some((column) => column.name === name) && !request.security.hidden.has(name);
    if (!known) throw columnUnknown(request.table, name);
  }
}

async function planOfRow(context: RestoreContext, gathered: Gathered): Promise<RestorePlan> {
  const { request, record, details, now } = gathered;
  const main = await mainFacts(context, gathered);
  const facts = [{ facts: main, security: request.security }];
  const whole = request.columns === 'all';
  if (now === null) facts.push(...(await ownedFacts(context, record, request)));
  const parties = now === null && details.kind === 'activity' ? await partiesOf(context, record) : null;
  const chosen = { snapshot: gathered.wanted.snapshot, live: now !== null };
  const links = whole ? await lostLinks(context, record, details, chosen) : [];

  const draft = await choicesFor(context, gathered);
  const planAll = (choices: RowChoices) =>
    facts.map(({ facts: one, security }) =>
      planRow(one, one === main ? choices : attachedChoices(choices, security)),
    );
  const first = planAll(draft);
  const wantedTargets = [
    ...first.flatMap(({ row }) => referencesIn(row)),
    ...(parties ?? []).flatMap(({ party }) => (party === null ? [] : [party])),
    ...links.flatMap(({ link }) => otherEnd(link, record)),
  ];
  const known = new Set([`${record.table}:${record.id}`]);
  const badTargets = await badTargetsOf(context.client, wantedTargets, known);
  const planned = planAll({ ...draft, badTargets });
  const linkRows = links.map(({ relation, link }) => planLink(relation, link, badTargets));
  const [mainRow, ...owned] = planned.map(({ row }) => row);
  const rows =
    mainRow === undefined
      ? []
      : [withParties(mainRow, parties, badTargets), ...owned, ...linkRows.map(({ row }) => row)];
  const problems = [
    ...planned.flatMap((one) => one.problems),
    ...linkRows.flatMap((one) => one.problems),
    ...partyProblems(record, parties ?? [], badTargets),
  ];
  const detailsOf = new Map(facts.map(({ facts: { details: of } }) => [of.name, of]));
  return finish(context, gathered, {
    rows: skipUnneeded(rows, now === null),
    problems,
    detailsOf: [...detailsOf.values()],
  });
}

/** When the record itself cannot be made, nothing that hangs from it can. */
function skipUnneeded(rows: readonly PlannedRow[], absent: boolean): PlannedRow[] {
  if (!absent || rows[0]?.action !== 'none') return [...rows];
  const why = 'The record it belongs to is not restored.';
  return rows.map((row) => (row.needs === null ? row : { ...row, action: 'none', why }));
}

async function mainFacts(context: RestoreContext, gathered: Gathered): Promise<RowFacts> {
  const { request, record, wanted, schema, details, now } = gathered;
  const { version } = wanted;
  const newest = newestPut(record);
  const { primaryName } = schema;
  const isNameHidden = primaryName !== null && request.security.hidden.has(primaryName);
  return {
    details,
    schema,
    schemaId: version.schema,
    id: record.id,
    name: isNameHidden ? null : nameIn(record, primaryName),
    wanted: await withContents(context.vault, schema, version.key, version.values),
    bad: await valuesWithContents(context, newest),
    since: [],
    now: now === null ? null : { etag: now.etag, values: now.values },
    needs: null,
  };
}

async function valuesWithContents(context: RestoreContext, version: PutVersion): Promise<Values> {
  const schema = await context.vault.schemas.read(version.schema);
  return (await withContents(context.vault, schema, version.key, version.values)).values;
}

interface SecuredFacts {
  readonly facts: RowFacts;
  readonly security: ColumnSecurity;
}

async function ownedFacts(
  context: RestoreContext,
  record: RecordVersions,
  request: PlanRequest,
): Promise<SecuredFacts[]> {
  const owned = [];
  for (const one of await goneWithRecord(context, record)) {
    if (await request.mayBringBack(one.details, one.version.values)) owned.push(one);
  }
  return await Promise.all(
    owned.map(async ({ details, version }) => {
      const schema = await context.vault.schemas.read(version.schema);
      const security = await request.securityOf(details, version.schema);
      const { primaryName } = schema;
      const isOpen = primaryName !== null && !security.hidden.has(primaryName);
      const name = isOpen ? version.values[primaryName] : null;
      const facts = {
        details,
        schema,
        schemaId: version.schema,
        id: version.key,
        name: typeof name === 'string' ? name : null,
        wanted: await withContents(context.vault, schema, version.key, version.values),
        bad: null,
        since: [],
        now: null,
        needs: 0,
      };
      return { facts, security };
    }),
  );
}

async function choicesFor(context: RestoreContext, gathered: Gathered): Promise<RowChoices> {
  const { request, details, now } = gathered;
  const environment = await context.client.readEnvironment();
  const writer = request.requester.kind === 'user' ? request.requester.userId : environment.userId;
  const override = 'prvOverrideCreatedOnCreatedBy';
  const assign = details.privileges.find(({ verb }) => verb === 'Assign')?.name ?? null;
  const asked = assign === null ? [override] : [override, assign];
  const privileges =
    now === null ? await context.client.privilegesOf(writer, asked) : new Map<string, never>();
  return {
    columns: now === null ? 'all' : request.columns,
    overwrite: request.overwrite,
    security: request.security,
    badTargets: new Map(),
    mayOverrideCreatedOn: privileges.has(override),
    mayAssign: assign === null || privileges.has(assign),
    ownershipAcrossBusinessUnits: environment.ownershipAcrossBusinessUnits,
    lastSaved: now === null ? null : await lastSavedText(context, now),
  };
}

async function lastSavedText(context: RestoreContext, now: LiveRow): Promise<string | null> {
  const by = now.raw['modifiedby'];
  const on = now.raw['modifiedon'];
  if (typeof on !== 'string') return null;
  const names = isReference(by) ? await context.client.names([by]) : null;
  const who = isReference(by) ? (names?.get(`${by.table}:${by.id}`) ?? by.id) : 'somebody';
  return `The row was last saved by ${who} at ${on}.`;
}

const attachedChoices = (choices: RowChoices, security: ColumnSecurity): RowChoices => ({
  ...choices,
  columns: 'all',
  security,
  lastSaved: null,
});

function otherEnd(link: PlannedLink, record: RecordVersions): Reference[] {
  const ends = [
    { table: link.table1, id: link.id1 },
    { table: link.table2, id: link.id2 },
  ];
  return ends.filter((end) => end.table !== record.table || end.id !== record.id);
}

function withParties(
  row: PlannedRow,
  parties: readonly Party[] | null,
  badTargets: ReadonlyMap<string, string>,
): PlannedRow {
  if (parties === null || row.action !== 'create') return row;
  const isBad = ({ party }: Party) => party !== null && badTargets.has(`${party.table}:${party.id}`);
  const kept = parties.map((party) => (isBad(party) ? { ...party, party: null } : party));
  return { ...row, parties: kept.filter(({ party, address }) => party !== null || address !== null) };
}

function partyProblems(
  record: RecordVersions,
  parties: readonly Party[],
  badTargets: ReadonlyMap<string, string>,
): Problem[] {
  return parties.flatMap(({ party }) => {
    const wrong = party === null ? undefined : badTargets.get(`${party.table}:${party.id}`);
    if (wrong === undefined) return [];
    const waysOut = ['Keep only the address of this party', 'Restore the record it points to first'];
    const { table, id } = record;
    return [{ code: 'party-missing', message: `Party: ${wrong}`, waysOut, table, id, column: null }];
  });
}

function planLink(
  relation: ManyToMany,
  link: PlannedLink,
  badTargets: ReadonlyMap<string, string>,
): { readonly row: PlannedRow; readonly problems: readonly Problem[] } {
  const wrong = badTargets.get(`${link.table1}:${link.id1}`) ?? badTargets.get(`${link.table2}:${link.id2}`);
  const row = linkRow(relation, link, wrong === undefined ? 'associate' : 'none', wrong ?? null);
  if (wrong === undefined) return { row, problems: [] };
  const waysOut = ['Leave the link out', 'Restore the other record first, then this one again'];
  const { table, id } = row;
  return { row, problems: [{ code: 'link-end-missing', message: wrong, waysOut, table, id, column: null }] };
}

/** A link has no row of its own that could be written: it is named by its pair. */
export function linkRow(
  relation: ManyToMany,
  link: PlannedLink,
  action: 'associate' | 'disassociate' | 'none',
  why: string | null,
  needs: number | null = 0,
): PlannedRow {
  return {
    table: relation.intersectTable,
    tableLabel: relation.schemaName,
    id: `${link.id1}|${link.id2}`,
    name: `${link.table1} ${link.id1} and ${link.table2} ${link.id2}`,
    action,
    why,
    etag: null,
    schema: null,
    columns: [],
    contents: [],
    createdOn: null,
    open: null,
    state: null,
    parties: null,
    link,
    needs,
  };
}

/** The selected record is itself a row of an intersect table: its pair is linked again, under a new row id. */
async function planOfPair(context: RestoreContext, gathered: Gathered): Promise<RestorePlan> {
  const { schema, wanted, record } = gathered;
  const ends = await context.client.readTableDetails([schema.link?.table1 ?? record.table]);
  const relation = ends[0]?.manyToMany.find(({ intersectTable }) => intersectTable === record.table);
  const link = relation === undefined ? null : linkOf(relation, wanted.version);
  if (relation === undefined || link === null)
    throw tableUnsupported(record.table, 'its relationship is gone');
  if (await isLinked(context.client, relation, link)) {
    const row = linkRow(relation, link, 'none', 'The two records are linked.', null);
    return finish(context, gathered, { rows: [row], problems: [], detailsOf: [] });
  }
  const targets = otherEnd(link, record);
  const planned = planLink(relation, link, await badTargetsOf(context.client, targets, new Set()));
  const rows = [{ ...planned.row, needs: null }];
  return finish(context, gathered, { rows, problems: planned.problems, detailsOf: [] });
}

function finish(
  context: RestoreContext,
  gathered: Gathered,
  parts: {
    readonly rows: readonly PlannedRow[];
    readonly problems: readonly Problem[];
    readonly detailsOf: readonly TableDetails[];
  },
): RestorePlan {
  const { request, record, wanted } = gathered;
  const createdAt = context.clock.now();
  const selection: Selection = {
    table: record.table,
    id: record.id,
    snapshot: wanted.shownBy,
    capturedAt: wanted.version.capturedAt,
    version: String(wanted.version.seq),
    columns: request.columns,
    overwrite: request.overwrite,
  };
  const named = request.columns !== 'all' || request.overwrite;
  return {
    format: 1,
    id: restoreIdAt(createdAt, context.random.uuid()),
    environmentId: context.environmentId,
    createdAt: createdAt.toISOString(),
    expiresAt: new Date(createdAt.getTime() + planLifetimeMs).toISOString(),
    undoes: null,
    by: request.requester,
    selection,
    fingerprints: Object.fromEntries(parts.detailsOf.map((details) => [details.name, fingerprint(details)])),
    rows: parts.rows,
    problems: parts.problems,
    sideEffects: sideEffectsOf(parts.rows, request.requester, named, retainedAt(gathered)),
  };
}

/** When the record was found gone to long-term retention; null: it is live, or somebody deleted it. */
function retainedAt({ record, now }: Gathered): string | null {
  const last = record.versions.at(-1);
  return now === null && last?.op === 'gone' && last.why === 'retained' ? last.capturedAt : null;
}

/** `20261123T140205Z-1f3a9c07`: sortable, and hard to guess. */
export function restoreIdAt(instant: Date, uuid: string): string {
  const text = instant.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${text}-${uuid.replaceAll('-', '').slice(0, 12)}`;
}
