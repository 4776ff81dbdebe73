import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { RowValues } from '../store/table-store.ts';
import { plainText } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { badRequest } from './errors.ts';
import { refuseBlocked } from './files/file-store.ts';

/** The most that any organization may allow, in characters of base64. */
const MAX_IN_BLOCKS = 131_072_000;

/** Size and kind of a note or mail attachment follow its body. */
export function noteDefaults(
  table: TableDefinition,
  values: Readonly<Record<string, StoredValue>>,
  created: boolean,
): Record<string, StoredValue> {
  const column = bodyColumn(table.logicalName);
  if (column === undefined) return {};
  const derived: Record<string, StoredValue> = {};
  const body = values[column];
  if (typeof body === 'string') derived['filesize'] = Buffer.from(body, 'base64').length;
  if (table.logicalName === 'annotation' && (created || body !== undefined))
    derived['isdocument'] = typeof body === 'string';
  for (const owner of ['objectid']) {
    const reference = values[owner];
    if (typeof reference === 'object' && reference !== null) derived['objecttypecode'] = reference.table;
  }
  return Object.fromEntries(Object.entries(derived).filter(([name]) => table.columns.has(name)));
}

/**
 * Size and kind of a note's or attachment's file. The size is that of the base64 text, as it comes with the row; what
 * came in blocks may be larger. @throws ServiceError 400 `0x80044a02`, `0x80043e09`
 */
export function checkBody(
  context: RequestContext,
  table: TableDefinition,
  given: ReadonlyMap<string, StoredValue>,
  row?: RowValues,
): void {
  const column = bodyColumn(table.logicalName);
  if (column === undefined || !given.has(column)) return;
  const { environment } = context;
  const text = plainText(given.get(column));
  const limit = Number(environment.setting('maxuploadfilesize') ?? MAX_IN_BLOCKS);
  if (text.length > (context.bodyInBlocks === true ? MAX_IN_BLOCKS : limit))
    throw badRequest('Attachment file size is too big.', '0x80044a02');
  refuseBlocked(
    environment,
    plainText(given.get('filename') ?? row?.['filename']),
    plainText(given.get('mimetype') ?? row?.['mimetype']),
  );
}

/** The column that holds the file of a note or an attachment, as base64 text. */
export function bodyColumn(table: string): string | undefined {
  if (table === 'annotation') return 'documentbody';
  return table === 'activitymimeattachment' ? 'body' : undefined;
}
