import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';

/** Size and kind of a note or mail attachment follow its body. */
export function noteDefaults(
  table: TableDefinition,
  values: Readonly<Record<string, StoredValue>>,
): Record<string, StoredValue> {
  const column = bodyColumn(table.logicalName);
  if (column === undefined) return {};
  const derived: Record<string, StoredValue> = {};
  const body = values[column];
  if (typeof body === 'string') derived['filesize'] = Buffer.from(body, 'base64').length;
  if (table.logicalName === 'annotation') derived['isdocument'] = typeof body === 'string';
  for (const owner of ['objectid']) {
    const reference = values[owner];
    if (typeof reference === 'object' && reference !== null) derived['objecttypecode'] = reference.table;
  }
  return Object.fromEntries(Object.entries(derived).filter(([name]) => table.columns.has(name)));
}

/** The column that holds the file of a note or an attachment, as base64 text. */
export function bodyColumn(table: string): string | undefined {
  if (table === 'annotation') return 'documentbody';
  return table === 'activitymimeattachment' ? 'body' : undefined;
}
