import { stableId } from '../../data/stable-id.ts';
import type { TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import type { Row } from '../../store/table-store.ts';
import { textOf } from '../../store/values.ts';

/**
 * An elastic row is known by its primary key and its partition together. Where the partition is the key's own text,
 * which it is by default, the row is kept under the key; in any other under a guid made of both.
 */
export function storageKey(table: TableDefinition, id: string, partition: string | undefined): string {
  const own = table.tableType !== 'Elastic' || partition === undefined || partition.toLowerCase() === id;
  return own ? id : stableId('elastic row', id, partition);
}

/** The key that clients know; for all but elastic rows it is also the one the row is kept under. */
export function publicId(table: TableDefinition, row: Row): string {
  return table.tableType === 'Elastic' ? (textOf(row.values[table.primaryId]) ?? row.id) : row.id;
}

/** The partition that a write names; the key's own text where it names none. */
export function partitionOf(
  table: TableDefinition,
  id: string,
  given: StoredValue | undefined,
): string | undefined {
  if (table.tableType !== 'Elastic') return undefined;
  return textOf(given) ?? id;
}
