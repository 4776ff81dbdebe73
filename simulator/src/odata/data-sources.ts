import type { TableDefinition } from '../model/definitions.ts';
import type { RequestContext } from '../service/context.ts';
import { badRequest } from '../service/errors.ts';
import type { TableStore } from '../store/table-store.ts';

/** Rows that a query can be run over; a table's own store is one. */
export type RowSource = Pick<TableStore, 'values' | 'inOrder'>;

/**
 * The rows of a table that live in a data source: its own, or what `datasource` of FetchXML names. There are no
 * others yet than the table's own. @throws ServiceError 400
 */
export function rowsOf(
  context: RequestContext,
  table: TableDefinition,
  dataSource: string | undefined,
): RowSource {
  if (dataSource === undefined) return context.environment.database.store(table.logicalName);
  throw badRequest(`The data source '${dataSource}' is not available.`, '0x80040203');
}
