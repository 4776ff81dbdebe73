import type { Clock } from '../../../base/clock.ts';
import { sendBatch, type Batching } from '../../batch/batch.ts';
import type { BulkOptions, RowOutcome } from '../../client.ts';
import { DataverseError } from '../../errors.ts';
import type { TableDetails } from '../../metadata/types.ts';
import { entitySetOf } from '../../row-address.ts';
import { stringifyLossless } from '../../json/lossless.ts';
import { errorOf } from '../../read-error.ts';
import type { TransportResponse } from '../../transport/port.ts';
import type { WebApi } from '../../web-api.ts';
import { json, withTag, writeHeaders } from '../options.ts';
import { ChunkSize } from './chunk-size.ts';
import { done, lengthOf, refused, requestOf, targetOf, unknown, type Item } from './item.ts';
import { failuresOf } from './partial.ts';
import { findOut } from './settle.ts';
import { refusesMessage, type BulkMessage, type BulkSupport } from './support.ts';

const mostRows = 1000;
const mostElasticRows = 100;
const rowsInBatch = 100;
/** Characters: as much as goes into a batch. */
const mostLength = 16 * 1024 * 1024;
/** Times that a row is sent again after an outcome that nobody knew. */
const repeats = 3;

export interface BulkWrite {
  readonly api: WebApi;
  readonly batching: Batching;
  readonly clock: Clock | null;
  readonly support: BulkSupport;
  readonly table: TableDetails;
  readonly message: BulkMessage;
  readonly options: BulkOptions;
}

export type Outcomes = Map<Item, RowOutcome>;

/** All rows, chunk after chunk. See the client's `createMultiple` for what is promised. */
export async function writeMany(write: BulkWrite, items: readonly Item[]): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const most = write.table.kind === 'elastic' ? mostElasticRows : mostRows;
  const size = new ChunkSize(write.options.chunkRows ?? rowsInBatch, most);
  const guarded = items.filter(({ ifMatch }) => ifMatch !== null);
  await byBatch(write, guarded, outcomes, 0);
  const plain = items.filter(({ ifMatch }) => ifMatch === null);
  for (let at = 0; at < plain.length;) {
    const chunk = chunkAt(plain, at, size.rows);
    at += chunk.length;
    if (await write.support.takes(write.table, write.message)) await byMessage(write, chunk, outcomes, size);
    else await byBatch(write, chunk, outcomes, 0);
  }
  return outcomes;
}

/** At least one row, and no more than a request can carry. */
function chunkAt(items: readonly Item[], from: number, rows: number): readonly Item[] {
  let end = from;
  for (let length = 0; end < items.length && end - from < rows; end += 1) {
    const item = items[end];
    length += item === undefined ? 0 : lengthOf(item);
    if (length > mostLength && end > from) break;
  }
  return items.slice(from, end);
}

/** One transaction on a standard table: all or none. On an elastic one each row for itself. */
async function byMessage(
  write: BulkWrite,
  chunk: readonly Item[],
  outcomes: Outcomes,
  size: ChunkSize,
): Promise<void> {
  const { table, message, clock } = write;
  const startedMs = clock?.now().getTime() ?? 0;
  const answer = await attempt(write, chunk);
  size.took((clock?.now().getTime() ?? 0) - startedMs);
  if (answer === null) {
    for (const item of chunk) outcomes.set(item, done(item));
    return;
  }
  const { error, failed } = answer;
  if (failed !== null) {
    const bad = new Set(failed.map((index) => chunk[index]));
    for (const item of chunk) if (!bad.has(item)) outcomes.set(item, done(item));
    return byBatch(
      write,
      chunk.filter((item) => bad.has(item)),
      outcomes,
      0,
    );
  }
  if (isUnknown(error)) {
    size.halve();
    return settle(write, chunk, outcomes, error, 0);
  }
  if (error.kind === 'too-large' && chunk.length > 1) {
    size.halve();
    const half = Math.ceil(chunk.length / 2);
    await byMessage(write, chunk.slice(0, half), outcomes, size);
    return byMessage(write, chunk.slice(half), outcomes, size);
  }
  if (isAboutCaller(error)) return refuseAll(table, chunk, outcomes, error);
  if (refusesMessage(error)) write.support.refused(table, message);
  // Some row is bad, and the error does not say which.
  return byBatch(write, chunk, outcomes, 0);
}

/** Null: all went through. `failed`: those rows did not, the others did. */
async function attempt(
  write: BulkWrite,
  chunk: readonly Item[],
): Promise<{ readonly error: DataverseError; readonly failed: readonly number[] | null } | null> {
  const { api, table, message, options } = write;
  const targets = chunk.map((item) => stringifyLossless(targetOf(table, item))).join(',');
  try {
    const response: TransportResponse = await api.exchange(
      {
        method: 'POST',
        url: withTag(`${entitySetOf(table)}/Microsoft.Dynamics.CRM.${message}`, options),
        headers: { ...json, ...writeHeaders(options), prefer: 'odata.include-annotations="*"' },
        body: `{"Targets":[${targets}]}`,
      },
      { table: table.name },
    );
    if (response.status < 300) return null;
    const failed = table.kind === 'elastic' ? failuresOf(await response.text(), chunk.length) : null;
    return { error: await errorOf(response, { table: table.name }), failed };
  } catch (error) {
    if (error instanceof DataverseError) return { error, failed: null };
    throw error;
  }
}

/** A row costs only itself here. What a whole batch is refused for is found by sending its rows one by one. */
async function byBatch(
  write: BulkWrite,
  items: readonly Item[],
  outcomes: Outcomes,
  repeat: number,
): Promise<void> {
  const { table, message, options, batching } = write;
  for (let at = 0; at < items.length; at += rowsInBatch) {
    const some = items.slice(at, at + rowsInBatch);
    const answers = await sendBatch(
      { ...batching, continueOnError: true },
      some.map((item) => requestOf(table, item, message, options)),
    );
    const unknowns: Item[] = [];
    let lost: DataverseError | null = null;
    for (const [index, item] of some.entries()) {
      const answer = answers[index] ?? { kind: 'not-begun' as const };
      if (answer.kind === 'not-begun' && answer.error !== undefined && isAboutCaller(answer.error)) {
        outcomes.set(item, refused(table, item, answer.error));
      } else if (answer.kind === 'not-begun') await alone(write, item, outcomes, repeat);
      else if (answer.kind === 'done') outcomes.set(item, done(item));
      else if (answer.kind === 'unknown' || isUnknown(answer.error)) {
        unknowns.push(item);
        lost = answer.error;
      } else await concluded(write, item, outcomes, answer.error, repeat);
    }
    if (lost !== null) await settle(write, unknowns, outcomes, lost, repeat);
  }
}

async function alone(write: BulkWrite, item: Item, outcomes: Outcomes, repeat: number): Promise<void> {
  const { api, table, message, options } = write;
  try {
    await api.send(requestOf(table, item, message, options), { table: table.name, row: item.address.id });
    outcomes.set(item, done(item));
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    if (isUnknown(error)) await settle(write, [item], outcomes, error, repeat);
    else await concluded(write, item, outcomes, error, repeat);
  }
}

/** A refusal that only says that an earlier try went through is none. */
async function concluded(
  write: BulkWrite,
  item: Item,
  outcomes: Outcomes,
  error: DataverseError,
  repeat: number,
): Promise<void> {
  const { api, table, message } = write;
  const gone = message === 'DeleteMultiple' && error.kind === 'not-found';
  const mayBeOurs = repeat > 0 && (error.kind === 'duplicate' || error.kind === 'conflict');
  if (gone) outcomes.set(item, done(item));
  else if (!mayBeOurs) outcomes.set(item, refused(table, item, error));
  else {
    const finding = (await findOut(api, table, message, [item])).get(item);
    outcomes.set(item, finding?.kind === 'written' ? done(item) : unknown(table, item, error));
  }
}

/** Read, compare, and send again only what is not there, under the etag that was just read. */
async function settle(
  write: BulkWrite,
  items: readonly Item[],
  outcomes: Outcomes,
  error: DataverseError,
  repeat: number,
): Promise<void> {
  const { api, table, message } = write;
  const again: Item[] = [];
  for (const [item, finding] of await findOut(api, table, message, items)) {
    if (finding.kind === 'written') outcomes.set(item, done(item));
    else if (finding.kind === 'unclear' || repeat >= repeats) outcomes.set(item, unknown(table, item, error));
    else again.push(guardedBy(table, item, finding.etag));
  }
  const later: Outcomes = new Map();
  await byBatch(write, again, later, repeat + 1);
  for (const [sent, outcome] of later) {
    const original = items.find(({ index }) => index === sent.index);
    if (original !== undefined) outcomes.set(original, outcome);
  }
}

function guardedBy(table: TableDetails, item: Item, etag: string | null): Item {
  return etag === null || !table.optimisticConcurrency ? item : { ...item, ifMatch: etag };
}

function refuseAll(
  table: TableDetails,
  items: readonly Item[],
  outcomes: Outcomes,
  error: DataverseError,
): void {
  for (const item of items) outcomes.set(item, refused(table, item, error));
}

/** The service broke off, or said that it did: the rows may be there all the same. */
function isUnknown(error: DataverseError): boolean {
  return error.kind === 'outcome-unknown' || error.kind === 'transient' || error.kind === 'unreachable';
}

/** No row could do any better. */
function isAboutCaller(error: DataverseError): boolean {
  return error.kind === 'throttled' || error.kind === 'unauthorised' || error.kind === 'sign-in';
}
