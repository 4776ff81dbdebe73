import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { textOf } from '../store/values.ts';
import type { Environment } from './environment.ts';
import { ServiceError } from './errors.ts';
import { escapeXml } from '../odata/paging.ts';

/** 412 `0x80060892` where another row has the same alternate key. Keys with an empty column, or without a finished index, do not count. */
export function checkKeys(
  environment: Environment,
  table: TableDefinition,
  id: string,
  values: Readonly<Record<string, StoredValue>>,
): void {
  const store = environment.database.store(table.logicalName);
  for (const key of table.keys) {
    if (key.indexStatus !== undefined) continue;
    const wanted = key.columns.map((column) => textOf(values[column])?.toLowerCase());
    const [first] = wanted;
    const [firstColumn] = key.columns;
    if (first === undefined || firstColumn === undefined || wanted.includes(undefined)) continue;
    const other = store.referrers(firstColumn, first).find((candidate) => {
      const row = store.get(candidate);
      return (
        candidate !== id &&
        key.columns.every((column, at) => textOf(row?.values[column])?.toLowerCase() === wanted[at])
      );
    });
    if (other !== undefined) throw keyTaken(table, key.schemaName, key.columns, values);
  }
}

function keyTaken(
  table: TableDefinition,
  name: string,
  columns: readonly string[],
  values: Readonly<Record<string, StoredValue>>,
): ServiceError {
  const labels = columns.map((column) => table.columns.get(column)?.displayName ?? column).join(', ');
  const members = columns
    .map((column) => `<${column}>${escapeXml(textOf(values[column]) ?? '')}</${column}>`)
    .join('');
  return new ServiceError(
    412,
    '0x80060892',
    `Entity Key ${name} violated. A record with the same value for ${labels} already exists. A duplicate record ` +
      'cannot be created. Select one or more unique values and try again.',
    {
      annotations: {
        '@Microsoft.PowerApps.CDS.ErrorDetails.DuplicateAttributes': `<DuplicateAttributes>${members}</DuplicateAttributes>`,
      },
    },
  );
}
