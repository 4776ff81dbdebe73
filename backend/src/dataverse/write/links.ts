import type { WriteOptions } from '../client.ts';
import { DataverseError } from '../errors.ts';
import type { ManyToMany } from '../metadata/types.ts';
import { rowPath } from '../row-address.ts';
import { type WebApi } from '../web-api.ts';
import type { TableByName } from './encode.ts';
import { json, withTag, writeHeaders } from './options.ts';
import { doneUnless } from './write-rows.ts';

/** Intersect rows cannot be created; the pair is linked from its first end. Safe to repeat. */
export async function associate(
  api: WebApi,
  url: string,
  tables: TableByName,
  link: ManyToMany,
  ids: readonly [string, string],
  options: WriteOptions,
): Promise<boolean> {
  const { from, to } = ends(tables, link, ids);
  const request = {
    method: 'POST' as const,
    url: withTag(`${from}/${link.navigation1}/$ref`, options),
    headers: { ...json, ...writeHeaders(options) },
    body: JSON.stringify({ '@odata.id': `${url}/api/data/v9.2/${to}` }),
    repeatable: true,
  };
  return doneUnless('duplicate', api.send(request, { table: link.intersectTable }));
}

export async function disassociate(
  api: WebApi,
  tables: TableByName,
  link: ManyToMany,
  ids: readonly [string, string],
  options: WriteOptions,
): Promise<boolean> {
  const { from } = ends(tables, link, ids);
  const request = {
    method: 'DELETE' as const,
    url: withTag(`${from}/${link.navigation1}(${ids[1]})/$ref`, options),
    headers: writeHeaders(options),
    repeatable: true,
  };
  return doneUnless('not-found', api.send(request, { table: link.intersectTable }));
}

function ends(
  tables: TableByName,
  link: ManyToMany,
  [id1, id2]: readonly [string, string],
): { readonly from: string; readonly to: string } {
  const [table1, table2] = [tables.get(link.table1), tables.get(link.table2)];
  if (table1 !== undefined && table2 !== undefined) {
    return { from: rowPath(table1, id1), to: rowPath(table2, id2) };
  }
  throw new DataverseError(`One end of ${link.schemaName} is no table of this environment.`, {
    kind: 'not-found',
    status: 0,
    serviceCode: '',
    requestId: null,
    table: link.intersectTable,
  });
}
