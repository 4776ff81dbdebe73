import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import type { RequestContext } from './context.ts';
import { convertValue } from './convert-value.ts';
import { recomputeMoney } from './derived-columns.ts';
import type { JsonObject } from './json.ts';
import { checkPair, defaultStatus } from './state.ts';
import { stampModified } from './update-row.ts';

/** Columns of a row that take a value from the close activity, by its member. */
const TAKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  opportunity: { actualrevenue: 'actualvalue', actualend: 'actualclosedate' },
};

/** Ends a row with the state and status of a closing message; -1 stands for the default status. */
export function closeRow(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  { state, status, close }: { state: number; status: number; close: JsonObject },
): void {
  const chosen = status === -1 ? (defaultStatus(table, state) ?? status) : status;
  checkPair(table, row.id, state, chosen);
  const values: Record<string, StoredValue> = { ...row.values, statecode: state, statuscode: chosen };
  for (const [member, name] of Object.entries(TAKEN[table.logicalName] ?? {})) {
    const column = table.columns.get(name);
    const given = close[member];
    if (column === undefined) continue;
    const value =
      typeof given === 'string' && column.dateBehavior === 'DateOnly' ? given.slice(0, 10) : given;
    if (value !== undefined && value !== null) values[name] = convertValue(table, column, value);
    else if (name === 'actualclosedate') values[name] = context.environment.timestamp().slice(0, 10);
  }
  stampModified(context, table, values);
  context.environment.database.put(
    table.logicalName,
    row.id,
    recomputeMoney(context.environment, table, values),
  );
}
