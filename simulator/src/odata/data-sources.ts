import type { TableDefinition } from '../model/definitions.ts';
import type { RequestContext } from '../service/context.ts';
import { rowsInSession } from '../service/elastic/sessions.ts';
import { badRequest } from '../service/errors.ts';
import { virtualRows } from '../service/virtual-tables.ts';
import type { TableStore } from '../store/table-store.ts';

/** Rows that a query can be run over; a table's own store is one. */
export type RowSource = TableStore;

/**
 * The rows of a table that live in a data source: its own, or what `datasource` of FetchXML names.
 * @throws ServiceError 400 where the table or the environment has no such source
 */
export function rowsOf(
  context: RequestContext,
  table: TableDefinition,
  dataSource: string | undefined,
): RowSource {
  if (dataSource === 'bin') return context.environment.recycleBin.rowsOf(context.environment, table);
  if (dataSource === 'retained') return context.environment.retention.rowsOf(context, table);
  if (dataSource !== undefined)
    throw badRequest(`The data source '${dataSource}' is not available.`, '0x80040203');
  if (table.tableType === 'Elastic') return rowsInSession(context, table);
  return virtualRows(context.environment, table) ?? context.environment.database.store(table.logicalName);
}
