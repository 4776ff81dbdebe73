import type { BatchRequest, BulkOptions, OmittedColumn, RowOutcome } from '../../client.ts';
import type { Values } from '../../../base/value.ts';
import { DataverseError } from '../../errors.ts';
import { stringifyLossless } from '../../json/lossless.ts';
import type { TableDetails } from '../../metadata/types.ts';
import { entitySetOf, keyText, rowPath, type RowAddress } from '../../row-address.ts';
import type { Body } from '../encode.ts';
import { json, withTag, writeHeaders } from '../options.ts';
import { partitionMember } from '../write-rows.ts';
import type { BulkMessage } from './support.ts';

/** One row on its way, ready to be sent in any of the three forms. */
export interface Item {
  /** Its place among the caller's rows. */
  readonly index: number;
  readonly address: RowAddress & object;
  readonly body: Body;
  /** What was asked for, without what is not sent: to compare with the row afterwards. */
  readonly sent: Values;
  readonly omitted: readonly OmittedColumn[];
  readonly ifMatch: string | null;
}

/** What a row adds to a request beside its texts: names, numbers, punctuation. */
const memberBytes = 64;

/** About how long the row is in a request, without writing it out. */
export function lengthOf({ body }: Item): number {
  return Object.values(body).reduce<number>(
    (sum, value) => sum + memberBytes + (typeof value === 'string' ? value.length : 0),
    memberBytes,
  );
}

/** As a target of the bulk message; values keep their `LosslessNumber`s. */
export function targetOf(table: TableDetails, item: Item): Body {
  return {
    '@odata.type': `Microsoft.Dynamics.CRM.${table.name}`,
    [table.primaryId ?? '']: item.address.id,
    ...item.body,
    ...partitionMember(table, item.address),
  };
}

/** As a request of its own, alone or as part of a batch. */
export function requestOf(
  table: TableDetails,
  item: Item,
  message: BulkMessage,
  options: BulkOptions,
): BatchRequest {
  const headers = { ...json, ...writeHeaders(options) };
  if (message === 'CreateMultiple') {
    const whole = {
      [table.primaryId ?? '']: item.address.id,
      ...item.body,
      ...partitionMember(table, item.address),
    };
    return {
      method: 'POST',
      url: withTag(entitySetOf(table), options),
      headers,
      body: stringifyLossless(whole),
    };
  }
  const match = item.ifMatch ?? (message === 'UpsertMultiple' ? null : '*');
  const guarded = match === null ? headers : { ...headers, 'if-match': match };
  if (message === 'DeleteMultiple') {
    return { method: 'DELETE', url: withTag(rowPath(table, item.address), options), headers: guarded };
  }
  const body = { ...item.body, ...partitionMember(table, item.address) };
  return {
    method: 'PATCH',
    url: withTag(rowPath(table, item.address.id), options),
    headers: guarded,
    body: stringifyLossless(body),
  };
}

export function done(item: Item): RowOutcome {
  return { kind: 'done', omitted: item.omitted };
}

/** The same error, about this row. */
export function refused(table: TableDetails, item: Item, error: DataverseError): RowOutcome {
  return { kind: 'refused', error: aboutRow(table, item, error) };
}

export function unknown(table: TableDetails, item: Item, error: DataverseError): RowOutcome {
  return { kind: 'unknown', error: aboutRow(table, item, error) };
}

function aboutRow(table: TableDetails, item: Item, error: DataverseError): DataverseError {
  const { kind, status, serviceCode, requestId, hint, cause } = error;
  const row = keyText(item.address);
  const facts = { kind, status, serviceCode, requestId, table: table.name, row };
  const named = error.message.startsWith(table.name) ? '' : `${table.name} ${row}: `;
  return new DataverseError(named + error.message, facts, { hint, cause });
}
