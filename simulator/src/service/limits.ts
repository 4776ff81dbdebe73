import type { TableDefinition } from '../model/definitions.ts';
import { MAX_PAGE_SIZE } from './context.ts';

const MAX_ELASTIC = 500;

/** The most rows on a page, and the most that `$count` counts. */
export function rowLimit(table: TableDefinition): number {
  return table.tableType === 'Elastic' ? MAX_ELASTIC : MAX_PAGE_SIZE;
}
