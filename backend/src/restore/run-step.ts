import { isReference, type Value, type Values } from '../base/value.ts';
import {
  columnOf,
  DataverseError,
  type DataverseClient,
  type NewContent,
  type TableDetails,
} from '../dataverse/index.ts';
import type { TableSchema } from '../vault/index.ts';
import { isAttachedSince } from './attached-since.ts';
import type { RestoreContext } from './context.ts';
import { contentColumns } from './contents.ts';
import type { Journal, Left } from './journal.ts';
import { readLive, type LiveRow } from './live-row.ts';
import { failed, judged, kept, restored, skipped } from './outcome.ts';
import type { PlannedColumn, PlannedContent, PlannedRow, RestorePlan } from './plan.ts';
import { storeCurrent } from './pre-image.ts';
import type { ColumnOutcome, Outcome } from './result.ts';
import { sameValue } from './same-value.ts';
import type { Step } from './steps.ts';
import { readPreImage, storePreImage, type PreImage } from './store.ts';
import { plannedColumns } from './writable.ts';

/** One run of a plan, from its first step to its last. */
export interface Run {
  readonly context: RestoreContext;
  readonly plan: RestorePlan;
  readonly steps: readonly Step[];
  readonly journal: Journal;
  /** Signed in as the service, acting for the requester where that is a person. */
  readonly writer: DataverseClient;
  /** Who the rows will say created them. */
  readonly writerId: string;
  readonly details: ReadonlyMap<string, TableDetails>;
  readonly schemas: ReadonlyMap<string, TableSchema>;
}

/** A step together with what it works on. */
export interface RowStep {
  readonly step: Step;
  readonly row: PlannedRow;
  readonly details: TableDetails;
  readonly schema: TableSchema;
  readonly columns: readonly PlannedColumn[];
}

export interface StepResult {
  readonly outcome: Outcome;
  readonly left: Left | null;
}

/**
 * Writes one row step under its guard: read, decide, keep what is replaced, announce, write, read back. May be repeated
 * after a kill at any point: what was announced and is there is ours, what was announced and is not there is written.
 */
export async function runRowStep(run: Run, at: RowStep): Promise<StepResult> {
  const live = await readStep(run, at);
  const documents = run.context.vault.restore(run.plan.id);
  const announced = await readPreImage(documents, at.step.number);
  const stop =
    at.step.kind === 'create' ? guardCreate(run, at, live, announced) : await guard(run, at, live, announced);
  if (stop !== null) return { outcome: stop, left: leftOf(at, live) };
  if (announced === null) await storePreImage(documents, at.step.number, await preImage(run, at, live));
  await run.journal.writing(at.step.number);
  return await writeAndProve(run, at, live);
}

/** A content that the step writes is read and hashed: only that proves it. */
async function readStep(run: Run, { step, row, details, schema }: RowStep): Promise<LiveRow | null> {
  const hashed = step.kind === 'content' ? [step.content.column] : [];
  return await readLive(run.context, details, schema, row.id, new Set(hashed));
}

/** Null: go on and write. */
function guardCreate(
  run: Run,
  at: RowStep,
  live: LiveRow | null,
  announced: PreImage | null,
): Outcome | null {
  if (live === null) return null;
  const createdBy = live.raw['createdby'];
  const ours = announced !== null && (!isReference(createdBy) || createdBy.id === run.writerId);
  if (ours || allRight(at.columns, live.values)) return judged(compare(at, live.values));
  return kept(
    'changed-after-plan',
    'Changed after the plan: the row has been created meanwhile.',
    at.columns,
  );
}

/**
 * The first write of a row goes by its etag as the plan saw it: whatever changed since, the row is kept. Later ones go by
 * the columns they write, because the platform may touch the row in answer to our own first write.
 */
async function guard(
  run: Run,
  at: RowStep,
  live: LiveRow | null,
  announced: PreImage | null,
): Promise<Outcome | null> {
  if (live === null) {
    if (at.step.kind === 'delete')
      return announced === null ? skipped('The row is gone already.') : restored();
    return kept('changed-after-plan', 'Changed after the plan: the row has been deleted.', at.columns);
  }
  if (isDone(at, live)) return restored(compare(at, live.values));
  const left = run.journal.lastLeft(
    run.steps.filter(({ row }) => row === at.step.row).map(({ number }) => number),
  );
  const changed = left === null ? live.etag !== (announced?.etag ?? at.row.etag) : touched(at, live, left);
  if (changed)
    return kept(
      'changed-after-plan',
      'Changed after the plan: somebody saved the row meanwhile.',
      at.columns,
    );
  if (at.step.kind !== 'delete') return null;
  const attached = await isAttachedSince(run.context, run.plan, at.row);
  return attached === null ? null : kept('attached-since', attached, at.columns);
}

/** What the step means to write is there already: written by us before a kill, or by somebody else alike. */
function isDone(at: RowStep, live: LiveRow): boolean {
  const { step } = at;
  if (step.kind === 'delete') return false;
  if (step.kind !== 'open' && step.kind !== 'state') return allRight(at.columns, live.values);
  return live.raw['statecode'] === step.pair.state && live.raw['statuscode'] === step.pair.status;
}

function touched(at: RowStep, live: LiveRow, left: Left): boolean {
  const names =
    at.step.kind === 'state' || at.step.kind === 'open'
      ? ['statecode', 'statuscode']
      : at.columns.map(({ name }) => name);
  return names.some((name) => {
    const before = left.values[name];
    const type = at.schema.columns.find((column) => column.name === name)?.type ?? 'string';
    const now = live.identities[name] ?? live.values[name];
    return before !== undefined && now !== undefined && !sameValue(type, before, now);
  });
}

async function preImage(run: Run, at: RowStep, live: LiveRow | null): Promise<PreImage> {
  const { table, id } = at.row;
  const base = { row: at.step.row, table, id, etag: live?.etag ?? null };
  if (live === null) return { ...base, values: null, contents: [] };
  const { step } = at;
  const replaced = step.kind === 'content' ? [step.content.column] : step.kind === 'delete' ? 'all' : [];
  const current = await storeCurrent(run.context, at, live, replaced);
  return { ...base, ...current };
}

/** A write whose answer was lost and that did not happen is sent again, so often. */
const attempts = 3;

async function writeAndProve(run: Run, at: RowStep, live: LiveRow | null, attempt = 1): Promise<StepResult> {
  let problem: DataverseError | null = null;
  let omitted = new Map<string, string>();
  try {
    omitted = await write(run, at, live);
  } catch (error) {
    if (!(error instanceof DataverseError) || stopsRun(error)) throw error;
    problem = error;
  }
  const after = await readStep(run, at);
  const lost = problem?.kind === 'outcome-unknown' && (after?.etag ?? null) === (live?.etag ?? null);
  if (lost && attempt < attempts) return await writeAndProve(run, at, after, attempt + 1);
  return { outcome: prove(at, after, problem, omitted), left: leftOf(at, after) };
}

/** Nothing more can be written now; the run is repeated later and goes on here. */
export const stopsRun = ({ kind }: DataverseError): boolean =>
  ['sign-in', 'unauthorised', 'unreachable', 'throttled'].includes(kind);

/** After a refusal or an unknown outcome the row itself says what happened. */
function prove(
  at: RowStep,
  after: LiveRow | null,
  problem: DataverseError | null,
  omitted: ReadonlyMap<string, string>,
): Outcome {
  if (at.step.kind === 'delete') {
    if (after === null) return restored();
    return problem === null
      ? kept('changed-after-plan', 'The row is still there.', [])
      : refusal(problem, at.columns);
  }
  if (after === null) {
    return problem === null
      ? kept('changed-after-plan', 'The row was deleted right after it was written.', at.columns)
      : failed(problem, at.columns);
  }
  if (problem !== null && !isDone(at, after)) return refusal(problem, at.columns);
  const columns = compare(at, after.values, omitted);
  const isState = at.step.kind === 'open' || at.step.kind === 'state';
  // Opening, and closing again what was opened, are steps without columns of their own.
  if (isState && !isDone(at, after) && columns.every(({ kind }) => kind === 'restored')) {
    const why = 'The service took the write and left the row in another state.';
    return judged([{ name: 'statecode', kind: 'failed', why }]);
  }
  return judged(at.step.kind === 'create' ? [...columns, ...filledByItself(at, after.values)] : columns);
}

/** Empty when it was captured, so nothing was sent; the platform or a plug-in filled it all the same. */
function filledByItself({ row, details, schema }: RowStep, values: Values): ColumnOutcome[] {
  const contents = contentColumns(schema);
  return row.columns
    .filter(({ name, decision }) => decision === 'already-right' && !contents.has(name))
    .filter(({ name }) => columnOf(details, name)?.validForUpdate === true && (values[name] ?? null) !== null)
    .map(({ name }) => ({
      name,
      kind: 'kept',
      why: 'It was empty then. The platform or a plug-in filled it when the record was created.',
    }));
}

function refusal(problem: DataverseError, columns: readonly PlannedColumn[]): Outcome {
  if (problem.kind !== 'conflict' && problem.kind !== 'duplicate') return failed(problem, columns);
  if (problem.kind === 'duplicate' && problem.serviceCode !== '0x80040237') return failed(problem, columns);
  return kept(
    'changed-after-plan',
    'Changed after the plan: somebody saved the row at the same moment.',
    columns,
  );
}

const omittedText: Readonly<Record<string, string>> = {
  'unknown-column': 'The column is gone from the table.',
  'not-writable': 'The platform does not let it be written.',
  computed: 'The platform computes it.',
  'written-separately': 'It is written in a step of its own.',
  'unknown-target': 'The lookup cannot point to this table any more.',
};

/** Sends the write; gives the columns that were not sent, with the reason. */
async function write(run: Run, at: RowStep, live: LiveRow | null): Promise<Map<string, string>> {
  const { row, step, details } = at;
  const options = live?.etag != null && details.optimisticConcurrency ? { ifMatch: live.etag } : {};
  switch (step.kind) {
    case 'create': {
      const receipt = await run.writer.createRow(details, valuesToSend(at, {}), {
        id: row.id,
        ...(row.createdOn === null ? {} : { createdOn: row.createdOn }),
        ...(row.parties === null ? {} : { parties: row.parties }),
        ...bodyOf(run, row),
      });
      return new Map(receipt.omitted.map(({ column, because }) => [column, omittedText[because] ?? because]));
    }
    case 'update':
    case 'complete': {
      const receipt = await run.writer.updateRow(
        details,
        row.id,
        valuesToSend(at, live?.values ?? {}),
        options,
      );
      return new Map(receipt.omitted.map(({ column, because }) => [column, omittedText[because] ?? because]));
    }
    case 'open':
    case 'state':
      await run.writer.setState(details, row.id, step.pair.state, step.pair.status, options);
      break;
    case 'content':
      await writeContent(run, at, step.content, options);
      break;
    case 'delete':
      await run.writer.deleteRow(details, row.id, options);
      break;
    case 'associate':
    case 'disassociate':
      break;
  }
  return new Map();
}

async function writeContent(
  run: Run,
  { details, row }: RowStep,
  content: PlannedContent,
  options: { readonly ifMatch?: string },
): Promise<void> {
  const source = newContent(run, content);
  if (content.kind === 'file') await run.writer.writeFile(details, row.id, content.column, source);
  else if (content.kind === 'image')
    await run.writer.writeImage(details, row.id, content.column, source, options);
  else await run.writer.writeBody(details, row.id, content.column, source, options);
}

function newContent(run: Run, content: PlannedContent): NewContent | null {
  const { sha256 } = content;
  if (sha256 === null) return null;
  return {
    name: content.name ?? `${content.column}.bin`,
    mimeType: content.mimeType,
    bytes: content.bytes ?? 0,
    open: () => run.context.vault.files.openContent(sha256),
  };
}

function bodyOf(run: Run, row: PlannedRow): { body?: { column: string; content: NewContent } } {
  const body = row.contents.find(({ kind }) => kind === 'body');
  const content = body === undefined ? null : newContent(run, body);
  return body === undefined || content === null ? {} : { body: { column: body.column, content } };
}

/** Only what differs: an equal value sent again would count as a change. */
function valuesToSend(at: RowStep, now: Values): Values {
  const contents = contentColumns(at.schema);
  const values: Record<string, Value> = {};
  for (const column of at.columns) {
    const { name, wanted } = column;
    if (name === 'createdon' || contents.has(name) || wanted === undefined || isRight(column, now)) continue;
    values[name] = wanted;
  }
  return values;
}

function compare(
  at: RowStep,
  values: Values,
  omitted: ReadonlyMap<string, string> = new Map(),
): ColumnOutcome[] {
  return at.columns.map((column) => {
    if (isRight(column, values)) return { name: column.name, kind: 'restored', why: null };
    const why = omitted.get(column.name) ?? 'The service took the write and left another value.';
    return { name: column.name, kind: 'failed', why };
  });
}

const allRight = (columns: readonly PlannedColumn[], values: Values): boolean =>
  columns.length > 0 && columns.every((column) => isRight(column, values));

function isRight({ name, type, wanted }: PlannedColumn, values: Values): boolean {
  const value = values[name];
  return value !== undefined && wanted !== undefined && sameValue(type, value, wanted);
}

function leftOf(at: RowStep, live: LiveRow | null): Left | null {
  if (live === null) return null;
  const names = new Set([...plannedColumns(at.schema).map(({ name }) => name), 'statecode', 'statuscode']);
  const values = Object.entries({ ...live.values, ...live.identities }).filter(([name]) => names.has(name));
  return { etag: live.etag, values: Object.fromEntries(values) };
}
