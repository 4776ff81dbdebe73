import { type Value, type Values } from '../base/value.ts';
import type { TableDetails } from '../dataverse/index.ts';
import { isAttachedSince } from './attached-since.ts';
import type { RestoreContext, Rights } from './context.ts';
import { type ContentFact, type RowWithContents } from './contents.ts';
import { nothingToUndo, restoreUnfinished, tableGone } from './errors.ts';
import { Journal } from './journal.ts';
import { readLive } from './live-row.ts';
import { linkRow, restoreIdAt } from './make-plan.ts';
import { planLifetimeMs, type PlannedRow, type Problem, type RestorePlan } from './plan.ts';
import { planRow, referencesIn, type RowChoices, type RowFacts } from './plan-row.ts';
import { readDetails } from './record.ts';
import { sameValue } from './same-value.ts';
import { sideEffectsOf } from './side-effects.ts';
import { columnsOf, stepsOf } from './steps.ts';
import { readPlan, readPreImage, readResult, type PreImage } from './store.ts';
import { badTargetsOf } from './targets.ts';
import { undoColumns, undoneRow, type UndoFacts } from './undo-row.ts';
import { fingerprint, plannedColumns } from './writable.ts';

interface Undoing {
  readonly context: RestoreContext;
  readonly plan: RestorePlan;
  readonly journal: Journal;
  readonly rights: Rights;
  readonly choices: RowChoices;
}

/**
 * Plans to put back what a restore replaced: three-way again, with the replaced value as wanted, what the restore wrote as
 * bad, and the live row as now. An undo is a restore like any other and can be undone itself. Throws `restore-missing`,
 * `restore-unfinished`, `nothing-to-undo`.
 */
export async function makeUndoPlan(
  context: RestoreContext,
  id: string,
  rights: Rights,
): Promise<RestorePlan> {
  const plan = await readPlan(context.vault, id);
  const result = await readResult(context.vault, id);
  if (result === null) throw restoreUnfinished(id);
  if (!result.undoOffered) throw nothingToUndo(id);
  const journal = await Journal.open(context.vault.restore(id), context.clock, plan.selection);
  const undoing = { context, plan, journal, rights, choices: await undoChoices(context, rights) };
  const planned = [];
  for (const index of [...plan.rows.keys()].reverse()) planned.push(...(await undoRow(undoing, index)));
  if (planned.length === 0) throw nothingToUndo(id);
  return finish(undoing, planned);
}

interface Undone {
  readonly row: PlannedRow;
  readonly problems: readonly Problem[];
  readonly details: TableDetails | null;
}

async function undoChoices(context: RestoreContext, { requester, security }: Rights): Promise<RowChoices> {
  const environment = await context.client.readEnvironment();
  const writer = requester.kind === 'user' ? requester.userId : environment.userId;
  const name = 'prvOverrideCreatedOnCreatedBy';
  const privileges = await context.client.privilegesOf(writer, [name]);
  return {
    columns: 'all',
    overwrite: false,
    security,
    badTargets: new Map(),
    mayOverrideCreatedOn: privileges.has(name),
    mayAssign: true,
    ownershipAcrossBusinessUnits: environment.ownershipAcrossBusinessUnits,
    lastSaved: null,
  };
}

/** Empty: the restore wrote nothing of this row. */
async function undoRow(undoing: Undoing, index: number): Promise<Undone[]> {
  const row = undoing.plan.rows[index];
  if (row === undefined) return [];
  if (row.link !== null) return await undoLink(undoing, index, row);
  const facts = await undoFacts(undoing, index, row);
  return facts === null ? [] : await undoWritten(await securedFor(undoing, facts), facts);
}

/** Column security is that of the row's own table. */
async function securedFor(undoing: Undoing, { row, details }: UndoFacts): Promise<Undoing> {
  const { plan, rights, choices } = undoing;
  if (row.schema === null || row.table === plan.selection.table) return undoing;
  const security = await rights.securityOf(details, row.schema);
  return { ...undoing, choices: { ...choices, security } };
}

async function undoWritten(undoing: Undoing, facts: UndoFacts): Promise<Undone[]> {
  const { row } = facts;
  if (facts.before === null) return [await undoCreate(undoing, facts)];
  if (row.action === 'delete') return [await undoDelete(undoing, facts)];
  const planned = undoColumns(facts, undoing.choices);
  const badTargets = await badTargetsOf(undoing.context.client, referencesIn(planned.row), new Set());
  return [{ ...undoColumns(facts, { ...undoing.choices, badTargets }), details: facts.details }];
}

async function undoLink(undoing: Undoing, index: number, row: PlannedRow): Promise<Undone[]> {
  const { plan, journal, context } = undoing;
  const step = stepsOf(plan).find((candidate) => candidate.row === index);
  const wrote = step !== undefined && journal.ended(step.number)?.outcome.kind === 'restored';
  if (!wrote || row.link === null) return [];
  const announced = await readPreImage(context.vault.restore(plan.id), step.number);
  const details = announced === null ? null : await readDetails(context.client, row.link.table1);
  const relation = details?.manyToMany.find(({ schemaName }) => schemaName === row.link?.relationship);
  if (relation === undefined) return [];
  const action = row.action === 'associate' ? 'disassociate' : 'associate';
  return [{ row: linkRow(relation, row.link, action, null, null), problems: [], details: null }];
}

async function undoFacts(undoing: Undoing, index: number, row: PlannedRow): Promise<UndoFacts | null> {
  const { context, plan, journal } = undoing;
  const images: PreImage[] = [];
  const written = new Set<string>();
  const numbers: number[] = [];
  for (const step of stepsOf(plan).filter((candidate) => candidate.row === index)) {
    const image = await readPreImage(context.vault.restore(plan.id), step.number);
    const outcome = journal.ended(step.number)?.outcome;
    if (image === null || outcome === undefined) continue;
    images.push(image);
    numbers.push(step.number);
    for (const { name, kind } of outcome.columns) if (kind === 'restored') written.add(name);
    if (outcome.kind === 'restored') columnsOf(row, step).forEach(({ name }) => written.add(name));
  }
  const [first] = images;
  if (first === undefined || row.schema === null) return null;
  const details = await readDetails(context.client, row.table);
  if (details === null) throw tableGone(row.table);
  const schema = await context.vault.schemas.read(row.schema);
  const now = await readLive(context, details, schema, row.id);
  return {
    row,
    details,
    schema,
    before: first.values === null ? null : beforeOf(images),
    contents: images.flatMap(({ contents }) => contents),
    written,
    left: journal.lastLeft(numbers)?.values ?? {},
    now: now === null ? null : { etag: now.etag, values: { ...now.values, ...now.identities } },
  };
}

/** Contents are known only from the step that replaced them; everything else from the first. */
function beforeOf(images: readonly PreImage[]): Values {
  const values: Record<string, Value> = { ...images[0]?.values };
  for (const { contents } of images) for (const { column, sha256 } of contents) values[column] = sha256;
  return values;
}

/** The restore created the row: it goes again, if it is still as the restore left it and nothing hangs from it. */
async function undoCreate(undoing: Undoing, facts: UndoFacts): Promise<Undone> {
  const { details } = facts;
  const keep = (why: string): Undone => ({ row: undoneRow(facts, 'none', why), problems: [], details });
  if (facts.now === null) return keep('The row is gone already.');
  if (isTouched(facts)) return keep('Kept: somebody changed the row since it was restored.');
  const gone = deletedRows(undoing.plan);
  const attached = await isAttachedSince(undoing.context, gone, facts.row);
  return attached === null
    ? { row: undoneRow(facts, 'delete', null), problems: [], details }
    : keep(`Kept: ${attached}`);
}

/** Any column counts, also one that the restore did not write or that is closed to whoever asks. */
function isTouched({ schema, left, now }: UndoFacts): boolean {
  return plannedColumns(schema).some(({ name, type }) => {
    const before = left[name];
    const after = now?.values[name];
    return before !== undefined && after !== undefined && !sameValue(type, before, after);
  });
}

/** The plan as its undo will read: what it created is about to be deleted, and so attaches nothing. */
const deletedRows = (plan: RestorePlan): RestorePlan => ({
  ...plan,
  rows: plan.rows.map((row) => (row.action === 'create' ? { ...row, action: 'delete' } : row)),
});

/** The restore (itself an undo) deleted the row: it comes back from what was kept of it. */
async function undoDelete(undoing: Undoing, facts: UndoFacts): Promise<Undone> {
  const { details, row } = facts;
  if (facts.now !== null) {
    return { row: undoneRow(facts, 'none', 'Kept: the row is there again.'), problems: [], details };
  }
  const wanted = wantedOf(facts);
  const base: RowFacts = {
    ...facts,
    schemaId: row.schema ?? '',
    id: row.id,
    name: row.name,
    wanted,
    bad: null,
    since: [],
    now: null,
    needs: null,
  };
  const first = planRow(base, undoing.choices);
  const known = new Set(
    undoing.plan.rows.filter(({ action }) => action === 'delete').map(({ table, id }) => `${table}:${id}`),
  );
  const badTargets = await badTargetsOf(undoing.context.client, referencesIn(first.row), known);
  return { ...planRow(base, { ...undoing.choices, badTargets }), details };
}

function wantedOf(facts: UndoFacts): RowWithContents {
  const contents: Record<string, ContentFact> = {};
  for (const { column, sha256, bytes, name, mimeType } of facts.contents) {
    contents[column] =
      sha256 === null ? { state: 'empty' } : { state: 'stored', sha256, bytes, name, mimeType };
  }
  return { values: facts.before ?? {}, contents };
}

function finish(undoing: Undoing, planned: readonly Undone[]): RestorePlan {
  const { context, plan } = undoing;
  const { requester } = undoing.rights;
  const createdAt = context.clock.now();
  const rows = planned.map(({ row }) => row);
  // A row that comes back first carries those that hang from it.
  const leads = rows[0]?.action === 'create';
  const details = new Map(
    planned.flatMap((one) => (one.details === null ? [] : [[one.details.name, one.details]])),
  );
  return {
    format: 1,
    id: restoreIdAt(createdAt, context.random.uuid()),
    environmentId: context.environmentId,
    createdAt: createdAt.toISOString(),
    expiresAt: new Date(createdAt.getTime() + planLifetimeMs).toISOString(),
    undoes: plan.id,
    by: requester,
    selection: { ...plan.selection, version: '', columns: 'all', overwrite: false },
    fingerprints: Object.fromEntries([...details].map(([name, table]) => [name, fingerprint(table)])),
    rows: rows.map((row, index) => (leads && index > 0 ? { ...row, needs: 0 } : row)),
    problems: planned.flatMap(({ problems }) => problems),
    sideEffects: sideEffectsOf(rows, requester, true),
  };
}
