import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import type { Environment } from '../environment.ts';
import { removeContent } from '../files/file-store.ts';

/** What a change of the schema does to rows. None of it is a change of a row: versions stay. */

/** The columns' values go from every row, files and images with their content. */
export function dropColumnValues(
  environment: Environment,
  table: TableDefinition,
  columns: ReadonlySet<string>,
): void {
  for (const row of [...environment.database.store(table.logicalName).values()]) {
    if (![...columns].some((name) => name in row.values)) continue;
    const values: Record<string, StoredValue> = { ...row.values };
    for (const name of columns) {
      dropContent(environment, table.columns.get(name), values);
      delete values[name];
    }
    environment.database.putQuietly(table.logicalName, row.id, values);
  }
}

function dropContent(
  environment: Environment,
  column: ColumnDefinition | undefined,
  values: Readonly<Record<string, StoredValue>>,
): void {
  if (column?.type !== 'FileType' && column?.type !== 'ImageType') return;
  const id = values[column.type === 'FileType' ? column.logicalName : `${column.logicalName}id`];
  if (typeof id === 'string') removeContent(environment, id);
}

/** Stored instants become days: the day in UTC, whatever the time zone of whoever wrote them. */
export function changeStoredDates(
  environment: Environment,
  tableName: string,
  columnName: string,
  behavior: NonNullable<ColumnDefinition['dateBehavior']>,
): void {
  if (behavior !== 'DateOnly') return;
  for (const row of [...environment.database.store(tableName).values()]) {
    const value = row.values[columnName];
    if (typeof value !== 'string') continue;
    environment.database.putQuietly(tableName, row.id, { ...row.values, [columnName]: value.slice(0, 10) });
  }
}
