import type { ChangeEvent, ReadOptions, Row, RowKey } from '../client.ts';
import { lookupTable, rowDecoder } from '../json/decode.ts';
import { columnOf, type TableDetails } from '../metadata/types.ts';
import { idOf, keyText, rowPath, type RowAddress } from '../row-address.ts';
import { encode, type WebApi } from '../web-api.ts';
import { partitionIn, readPages, selectOf, startOf } from './pages.ts';

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
    yield {
      id: event.id,
      ...(event.partition === undefined ? {} : { partition: event.partition }),
      version: typeof version === 'string' ? version : null,
      date: event.date,
    };
  }
}

export async function readRow(
  api: WebApi,
  table: TableDetails,
  address: RowAddress,
  columns: readonly string[],
): Promise<Row | null> {
  const url = `${rowPath(table, address)}?$select=${selectOf(table, columns)}`;
  const about = { table: table.name, row: keyText(address) };
  const response = await api.request({ method: 'GET', url, headers: { prefer: annotations } }, about);
  if (response === null) return null;
  const row = rowDecoder(table, columns)(response.json);
  return { ...row, ...partitionIn(response.json, row.id, table), date: response.date };
}

/** Rows of one id in other partitions than those asked for come with the filter, and are not given. */
export async function readRows(
  api: WebApi,
  table: TableDetails,
  addresses: readonly RowAddress[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, Row>> {
  const found = new Map<string, Row>();
  const wanted = new Set(addresses.map(keyText));
  const ids = [...new Set(addresses.map((address) => idOf(address).toLowerCase()))];
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const filter = inFilter(table.primaryId ?? '', ids.slice(at, at + idsAtOnce));
    for await (const row of readWhere(api, table, columns, filter)) {
      const key = keyText(row);
      if (wanted.has(key)) found.set(key, row);
    }
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
    const { kind: _, ...row } = event;
    yield row;
    left -= 1;
    if (left <= 0) return;
  }
}

/** Values of a guid or lookup property; the function takes texts whatever the property's type. */
export function inFilter(property: string, ids: readonly string[]): string {
  const values = ids.map((id) => `'${id}'`).join(',');
  return `Microsoft.Dynamics.CRM.In(PropertyName='${property}',PropertyValues=[${values}])`;
}
