import type { Reference } from '../../base/value.ts';
import { DataverseError } from '../errors.ts';
import type { TableMetadata } from '../metadata/types.ts';
import type { WebApi } from '../web-api.ts';
import { encode } from '../web-api.ts';
import { text } from '../metadata/fields.ts';
import { inFilter } from './rows.ts';

const idsAtOnce = 100;

/** Primary names under `table:id`; null where the row is gone, has no name, or its table cannot be asked. */
export async function readNames(
  api: WebApi,
  tables: ReadonlyMap<string, TableMetadata>,
  references: readonly Reference[],
): Promise<ReadonlyMap<string, string | null>> {
  const names = new Map<string, string | null>();
  for (const { table, id } of references) names.set(`${table}:${id}`, null);
  for (const [name, ids] of idsByTable(references)) {
    const table = tables.get(name);
    if (table === undefined || !table.exposed || table.primaryName === null) continue;
    for (let at = 0; at < ids.length; at += idsAtOnce) {
      const found = await readableNames(api, table, ids.slice(at, at + idsAtOnce));
      for (const [id, label] of found) names.set(`${name}:${id}`, label);
    }
  }
  return names;
}

function idsByTable(references: readonly Reference[]): Map<string, string[]> {
  const sets = new Map<string, Set<string>>();
  for (const { table, id } of references) sets.set(table, (sets.get(table) ?? new Set()).add(id));
  return new Map([...sets].map(([table, ids]) => [table, [...ids]]));
}

/** Whoever has no read privilege on a table at all is told so, instead of being shown no rows. */
async function readableNames(
  api: WebApi,
  table: TableMetadata,
  ids: readonly string[],
): ReturnType<typeof namesIn> {
  try {
    return await namesIn(api, table, ids);
  } catch (error) {
    if (error instanceof DataverseError && error.kind === 'forbidden') return [];
    throw error;
  }
}

async function namesIn(
  api: WebApi,
  table: TableMetadata,
  ids: readonly string[],
): Promise<readonly (readonly [string, string | null])[]> {
  const [key, name] = [table.primaryId ?? '', table.primaryName ?? ''];
  const filter = encode(inFilter(key, ids));
  const rows = await api.list(`${table.entitySet}?$select=${key},${name}&$filter=${filter}`, {
    about: { table: table.name },
  });
  return rows.map((row) => [(text(row, key) ?? '').toLowerCase(), text(row, name)] as const);
}
