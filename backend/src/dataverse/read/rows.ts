import type { ChangeEvent, ReadOptions, Row, RowKey } from '../client.ts';
import { lookupTable, rowDecoder, selectClause } from '../json/decode.ts';
import { columnOf, type TableDetails } from '../metadata/types.ts';
import { encode, rowPath, type WebApi } from '../web-api.ts';
import { readPages, startOf } from './pages.ts';

const annotations = `odata.include-annotations="${lookupTable}"`;
/** Guids in one filter: 37 bytes each, far from the URL's 32 KB together with the widest `$select`. */
const idsAtOnce = 100;

export function readChanges(
  api: WebApi,
  table: TableDetails,
  columns: readonly string[],
  link: string | null,
  options: ReadOptions = {},
): AsyncIterable<ChangeEvent> {
  const url = link ?? startOf(table, columns);
  return readPages(api, { table, columns, url, startTracking: link === null, tracked: true, options });
}

export function readAll(
  api: WebApi,
  table: TableDetails,
  columns: readonly string[],
  link: string | null = null,
  options: ReadOptions = {},
): AsyncIterable<ChangeEvent> {
  const url = link ?? startOf(table, columns);
  return readPages(api, { table, columns, url, startTracking: false, tracked: false, options });
}

export async function* readKeys(
  api: WebApi,
  table: TableDetails,
  options: ReadOptions = {},
): AsyncIterable<RowKey> {
  const versioned = columnOf(table, 'versionnumber')?.validOData ?? false;
  for await (const event of readAll(api, table, versioned ? ['versionnumber'] : [], null, options)) {
    if (event.kind !== 'row') continue;
    const version = event.values['versionnumber'];
    yield { id: event.id, version: typeof version === 'string' ? version : null };
  }
}

export async function readRow(
  api: WebApi,
  table: TableDetails,
  id: string,
  columns: readonly string[],
): Promise<Row | null> {
  const url = `${rowPath(table, id)}?$select=${selectClause(table, columns)}`;
  const about = { table: table.name, row: id };
  const response = await api.request({ method: 'GET', url, headers: { prefer: annotations } }, about);
  if (response === null) return null;
  const row = rowDecoder(table, columns)(response.json);
  return { ...row, date: response.date };
}

export async function readRows(
  api: WebApi,
  table: TableDetails,
  ids: readonly string[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  const found = new Map<string, Row>();
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const filter = inFilter(table.primaryId ?? '', ids.slice(at, at + idsAtOnce));
    for await (const row of readWhere(api, table, columns, filter)) found.set(row.id, row);
  }
  return found;
}

export async function* readWhere(
  api: WebApi,
  table: TableDetails,
  columns: readonly string[],
  filter: string,
  options: ReadOptions & { readonly orderBy?: string; readonly top?: number } = {},
): AsyncIterable<Row> {
  const url = [
    startOf(table, columns),
    `$filter=${encode(filter)}`,
    ...(options.orderBy === undefined ? [] : [`$orderby=${encode(options.orderBy)}`]),
    ...(options.top === undefined ? [] : [`$top=${options.top}`]),
  ].join('&');
  const read = { table, columns, url, startTracking: false, tracked: false, options };
  let left = options.top ?? Infinity;
  for await (const event of readPages(api, read)) {
    if (event.kind !== 'row') continue;
    const { id, etag, values, date } = event;
    yield { id, etag, values, date };
    left -= 1;
    if (left <= 0) return;
  }
}

/** Values of a guid or lookup property; the function takes texts whatever the property's type. */
export function inFilter(property: string, ids: readonly string[]): string {
  const values = ids.map((id) => `'${id}'`).join(',');
  return `Microsoft.Dynamics.CRM.In(PropertyName='${property}',PropertyValues=[${values}])`;
}
