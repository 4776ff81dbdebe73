import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import type { RequestContext } from '../context.ts';
import type { Environment } from '../environment.ts';
import { badRequest } from '../errors.ts';
import { clearFile, checkFile, storeFile } from './file-store.ts';
import { mimeTypeOfImage } from './image-kinds.ts';
import { thumbnail } from './thumbnail.ts';

/** Ticks of 100 ns between year 1 and 1970. */
const EPOCH_TICKS = 621355968000000000n;

/** Image columns of a create or update body. Only the primary image may come with a create. */
export function setImages(
  context: RequestContext,
  table: TableDefinition,
  rowId: string,
  images: ReadonlyMap<string, string | null>,
  mode: 'create' | 'update',
): void {
  const { environment } = context;
  for (const [name, base64] of images) {
    const column = table.columns.get(name);
    if (mode === 'create' && base64 !== null && !isPrimaryImage(table, column)) {
      throw badRequest(
        `Only the primary image can be set when a row is created; ${name} is not.`,
        '0x80090487',
      );
    }
    if (base64 === null) {
      if (mode === 'update') clearFile(environment, table, rowId, name);
      continue;
    }
    const bytes = Buffer.from(base64, 'base64');
    const mimeType = requireImage(bytes);
    const content = { name: `${name}.${mimeType.split('/')[1]}`, mimeType, bytes };
    checkFile(environment, column, content);
    storeFile(environment, table, rowId, name, content);
  }
}

export function requireImage(bytes: Uint8Array): string {
  const mimeType = mimeTypeOfImage(bytes);
  if (mimeType === undefined)
    throw badRequest('The content is not an image of a supported type.', '0x80072553');
  return mimeType;
}

function isPrimaryImage(table: TableDefinition, column: ColumnDefinition | undefined): boolean {
  return column !== undefined && (column.primaryImage === true || table.primaryImage === column.logicalName);
}

/** The image column and its companions after an upload: thumbnail, id, ticks and address. */
export function imageValues(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  column: ColumnDefinition,
  id: string,
  bytes: Uint8Array,
): Record<string, StoredValue> {
  const ticks = BigInt(environment.now()) * 10000n + EPOCH_TICKS;
  const name = column.logicalName;
  return {
    [name]: Buffer.from(thumbnail(bytes)).toString('base64'),
    [`${name}id`]: id,
    [`${name}_timestamp`]: ticks.toString(),
    [`${name}_url`]: `/Image/download.aspx?Entity=${table.logicalName}&Attribute=${name}&Id=${rowId}&Timestamp=${ticks}`,
  };
}
