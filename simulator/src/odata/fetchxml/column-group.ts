import type { ColumnDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { isReference, kindOf } from '../../store/values.ts';
import { formatValue } from '../format-value.ts';
import { printValue, styleOf } from '../print-value.ts';
import type { Group } from './date-grouping.ts';
import { columnReader, type PlanTable } from './plan.ts';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const TARGET_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';

/** Groups by the values of a column. A group of nulls has no value. */
export function columnGroup(context: RequestContext, table: PlanTable, column: ColumnDefinition): Group {
  const { annotation } = context.preferences;
  const style = styleOf(context);
  return {
    kind: kindOf(column),
    key: columnReader(table, column),
    value: (tuple) => {
      const row = tuple[table.slot];
      const value = row?.values[column.logicalName] ?? null;
      if (row === undefined || value === null || table.hidden.has(column.logicalName)) return undefined;
      const formatted = annotation(FORMATTED)
        ? formatValue(context.environment, column, value, row.values)
        : undefined;
      return {
        literal: printValue({ column }, value, style),
        annotations: {
          ...(formatted === undefined ? {} : { [FORMATTED]: formatted }),
          ...(isReference(value) && annotation(TARGET_TABLE) ? { [TARGET_TABLE]: value.table } : {}),
        },
      };
    },
  };
}
