import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import { onlyColumns, type Environment } from '../environment.ts';
import { badRequest, invalidArgument, rowNotFound } from '../errors.ts';
import { plainText } from '../../store/values.ts';
import { imageValues } from './images.ts';

export interface FileContent {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

export const BLOCK_BYTES = 4 * 1024 * 1024;

/** Puts a file into a file or image column; the row gets a new version and the content a new id. */
export function storeFile(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  columnName: string,
  content: FileContent,
): string {
  const column = table.columns.get(columnName);
  const row = environment.database.get(table.logicalName, rowId);
  if (row === undefined) throw rowNotFound(table.logicalName, rowId);
  if (column === undefined || (column.type !== 'FileType' && column.type !== 'ImageType')) {
    throw invalidArgument(`${columnName} is not a file or image column of ${table.logicalName}.`);
  }
  const values: Record<string, StoredValue> = { ...row.values };
  const before = values[column.type === 'FileType' ? columnName : `${columnName}id`];
  if (typeof before === 'string') removeContent(environment, before);
  const id = environment.newId();
  environment.database.putFile({ id, name: content.name, mimeType: content.mimeType, bytes: content.bytes });
  if (column.type === 'FileType')
    Object.assign(values, { [columnName]: id, [`${columnName}_name`]: content.name });
  else Object.assign(values, imageValues(environment, table, rowId, column, id, content.bytes));
  addFileAttachment(environment, table, rowId, column, id, content);
  putContentColumns(environment, table, rowId, values);
  return id;
}

/** Whether a new content counts as a change of its row is not documented; the environment can do both. */
function putContentColumns(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  values: Readonly<Record<string, StoredValue>>,
): void {
  const { database, switches } = environment;
  if (switches.filesInChanges) database.put(table.logicalName, rowId, values);
  else database.putQuietly(table.logicalName, rowId, values);
}

/** `DELETE …/col`: the column is empty afterwards. Returns false where it was empty before. */
export function clearFile(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  column: string,
): boolean {
  const row = environment.database.get(table.logicalName, rowId);
  if (row === undefined) throw rowNotFound(table.logicalName, rowId);
  const values: Record<string, StoredValue> = { ...row.values };
  const id = values[table.columns.get(column)?.type === 'ImageType' ? `${column}id` : column];
  for (const suffix of ['', '_name', 'id', '_timestamp', '_url']) delete values[column + suffix];
  if (typeof id === 'string') removeContent(environment, id);
  putContentColumns(environment, table, rowId, values);
  return typeof id === 'string';
}

/** Removes every file of a row that is being deleted. */
export function removeFilesOf(environment: Environment, table: TableDefinition, rowId: string): void {
  const values = environment.database.get(table.logicalName, rowId)?.values ?? {};
  for (const column of table.columns.values()) {
    const name = column.type === 'FileType' ? column.logicalName : `${column.logicalName}id`;
    const id = values[name];
    if ((column.type === 'FileType' || column.type === 'ImageType') && typeof id === 'string') {
      removeContent(environment, id);
    }
  }
}

/** Forgets a content and its row of `fileattachment`. */
export function removeContent(environment: Environment, id: string): void {
  environment.database.removeFile(id);
  if (environment.database.get('fileattachment', id) !== undefined)
    environment.database.remove('fileattachment', id);
}

function addFileAttachment(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  column: ColumnDefinition,
  id: string,
  content: FileContent,
): void {
  const attachments = environment.schema.table('fileattachment');
  if (attachments === undefined) return;
  const values = {
    fileattachmentid: id,
    filename: content.name,
    mimetype: content.mimeType,
    filesizeinbytes: String(content.bytes.length),
    regardingfieldname: column.logicalName,
    objectid: { table: table.logicalName, id: rowId },
    objecttypecode: table.logicalName,
    createdon: environment.timestamp(),
  };
  environment.database.put('fileattachment', id, onlyColumns(attachments, values));
}

/** Size and extension rules. @throws ServiceError 400 `0x80044a02`, `0x80044a04`, `0x80043e09` */
export function checkFile(
  environment: Environment,
  column: ColumnDefinition | undefined,
  content: FileContent,
): void {
  const limitKb = column?.maxSizeKb ?? (column?.type === 'ImageType' ? 10240 : 32768);
  if (content.bytes.length > limitKb * 1024)
    throw badRequest('Attachment file size is too big.', '0x80044a02');
  if (content.bytes.length === 0) throw badRequest('Attachment is empty.', '0x80044a04');
  refuseBlocked(environment, content.name, content.mimeType);
}

/** The organization names extensions and kinds of content that it does not take. @throws ServiceError 400 `0x80043e09` */
export function refuseBlocked(environment: Environment, name: string, mimeType: string): void {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const isListed = (setting: string, text: string) =>
    text !== '' &&
    plainText(environment.setting(setting)).toLowerCase().split(';').includes(text.toLowerCase());
  if (isListed('blockedattachments', extension) || isListed('blockedmimetypes', mimeType)) {
    throw badRequest(
      'The attachment is either not a valid type or is too large. It cannot be uploaded or downloaded.',
      '0x80043e09',
    );
  }
}
