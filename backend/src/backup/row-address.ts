import type { RowAddress } from '../dataverse/index.ts';
import { splitKey, type TableSchema } from '../vault/index.ts';

/** Where the service finds the row that the vault knows by this key: by its id, of elastic tables in its partition. */
export function addressOf(schema: TableSchema, key: string): RowAddress {
  const [id, partition] = splitKey(key, schema.key.length);
  if (id == null) throw new TypeError(`${JSON.stringify(key)} is no key of ${schema.table}`);
  return partition == null ? id : { id, partition };
}
