import type { Row } from '../dataverse/index.ts';
import { columnsToRead } from './columns.ts';
import { keepable } from './round-events.ts';
import { addressOf } from './row-address.ts';
import type { TableRound } from './table-round.ts';

/** Rows that one request gives by their keys, as the client asks for them. */
const rowsPerRequest = 100;

/** Requests that so many keys take. */
export function requestsFor(keys: number): number {
  return Math.ceil(keys / rowsPerRequest);
}

/** The rows that are there, whole and in a form that the vault can keep, by the keys that the vault knows them by. */
export async function readByKeys(
  round: TableRound,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  const { client, meter } = round.run;
  const addresses = keys.map((key) => addressOf(round.schema, key));
  const rows = await client.readRows(round.plan.details, addresses, columnsToRead(round.schema));
  meter.add({ requests: requestsFor(keys.length), rows: rows.size });
  return new Map([...rows].map(([key, row]) => [key, keepable(round, row)]));
}
