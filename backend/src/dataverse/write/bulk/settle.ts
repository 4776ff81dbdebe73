import { DataverseError } from '../../errors.ts';
import type { TableDetails } from '../../metadata/types.ts';
import { readRows } from '../../read/rows.ts';
import type { Row } from '../../client.ts';
import { keyText } from '../../row-address.ts';
import type { WebApi } from '../../web-api.ts';
import { comparableColumns, holds } from './compare.ts';
import type { Item } from './item.ts';
import type { BulkMessage } from './support.ts';

/** What reading a row told about a write whose outcome nobody knew. */
export type Finding =
  | { readonly kind: 'written' }
  /** Not written, and safe to send again; with the etag, only if nobody writes in between. */
  | { readonly kind: 'not-written'; readonly etag: string | null }
  /** Neither as before nor as sent, or it could not be read: only the caller can tell. */
  | { readonly kind: 'unclear'; readonly error: DataverseError | null };

/**
 * Reads the rows and compares. What is there as it was sent is written; a created row that is missing is not, and
 * neither is a changed one that is otherwise. A row with our id and other values is somebody else's, or was changed
 * since.
 */
export async function findOut(
  api: WebApi,
  table: TableDetails,
  message: BulkMessage,
  items: readonly Item[],
): Promise<ReadonlyMap<Item, Finding>> {
  const columns = [...new Set(items.flatMap((item) => comparableColumns(table, item.sent)))];
  try {
    const addresses = items.map(({ address }) => address);
    const rows = await readRows(api, table, addresses, columns);
    return new Map(items.map((item) => [item, find(table, message, item, rows.get(keyText(item.address)))]));
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    return new Map(items.map((item) => [item, { kind: 'unclear', error }]));
  }
}

function find(table: TableDetails, message: BulkMessage, item: Item, row: Row | undefined): Finding {
  if (message === 'DeleteMultiple') {
    return row === undefined ? { kind: 'written' } : { kind: 'not-written', etag: item.ifMatch ?? row.etag };
  }
  if (row === undefined) return { kind: 'not-written', etag: null };
  if (holds(table, row.values, item.sent, comparableColumns(table, item.sent))) return { kind: 'written' };
  if (message === 'CreateMultiple') return { kind: 'unclear', error: null };
  if (item.ifMatch !== null && item.ifMatch !== row.etag) return { kind: 'unclear', error: null };
  return { kind: 'not-written', etag: row.etag };
}
