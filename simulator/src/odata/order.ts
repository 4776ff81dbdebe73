import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { covers, isLookup } from '../model/schema.ts';
import type { RequestContext } from '../service/context.ts';
import { badRequest, propertyNotFound } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { compareTexts, isReference, kindOf, textOf, type Kind, rowVersion } from '../store/values.ts';
import { optionLabel, referenceName } from './format-value.ts';
import { hiddenColumns } from './print-row.ts';
import type { OrderItem } from './query-options.ts';

/** One key of an order. */
export interface Order {
  /** As the paging cookie names it. */
  readonly column: string;
  readonly kind: Kind;
  readonly descending: boolean;
  /** What rows are compared by; undefined stands for null. */
  readonly read: (row: Row) => string | undefined;
  /** A column of another table: no paging cookie can hold the place of a row. */
  readonly related: boolean;
}

/** `$orderby`: columns of the table, or of the row behind a lookup (`primarycontactid/fullname`). */
export function compileOrder(
  context: RequestContext,
  table: TableDefinition,
  items: readonly OrderItem[],
): readonly Order[] {
  return items.flatMap((item) => {
    const [first = '', ...rest] = item.property.split('/');
    if (rest.length > 0) return relatedOrder(context, table, first, { ...item, property: rest.join('/') });
    const property = context.environment.schema.properties(table.logicalName).get(first);
    if (property === undefined) throw propertyNotFound(first, table.logicalName);
    return columnOrder(context, table, property.column, item.descending);
  });
}

/** Nothing where the caller may not read the column: all its values count as null. */
export function columnOrder(
  context: RequestContext,
  table: TableDefinition,
  column: ColumnDefinition,
  descending: boolean,
  byValue = false,
): readonly Order[] {
  if (hiddenColumns(context, table).has(column.logicalName)) return [];
  const { kind, read } = sortKey(context, column, byValue);
  return [{ column: column.logicalName, kind, descending, read, related: false }];
}

/** Choices sort by their label and lookups by the name of the row they point to, unless values are asked for. */
function sortKey(
  context: RequestContext,
  column: ColumnDefinition,
  byValue: boolean,
): { kind: Kind; read: (row: Row) => string | undefined } {
  const name = column.logicalName;
  if (name === 'versionnumber') return { kind: 'number', read: rowVersion };
  if (!byValue && isLookup(column)) {
    const read = (row: Row) => {
      const value = row.values[name];
      return isReference(value) ? referenceName(context.environment, value) : undefined;
    };
    return { kind: 'text', read };
  }
  if (!byValue && CHOICES.has(column.type)) {
    const read = (row: Row) => {
      const value = textOf(row.values[name]);
      return value === undefined ? undefined : (optionLabel(column, Number(value)) ?? value);
    };
    return { kind: 'text', read };
  }
  return { kind: kindOf(column), read: (row) => textOf(row.values[name]) };
}

const CHOICES = new Set(['PicklistType', 'StateType', 'StatusType']);

function relatedOrder(
  context: RequestContext,
  table: TableDefinition,
  name: string,
  item: OrderItem,
): readonly Order[] {
  const { schema, database } = context.environment;
  const navigation = schema.navigation(table.logicalName, name);
  if (navigation === undefined) throw propertyNotFound(name, table.logicalName);
  if (navigation.kind !== 'single') {
    throw badRequest(`The navigation property '${name}' is not single-valued and can not be ordered by.`);
  }
  const { referencedTable, referencingColumn } = navigation.relationship;
  const target = schema.table(referencedTable);
  if (target === undefined) throw propertyNotFound(name, table.logicalName);
  return compileOrder(context, target, [item]).map((order) => ({
    ...order,
    related: true,
    read: (row) => {
      const reference = row.values[referencingColumn];
      if (!isReference(reference) || !covers(referencedTable, reference.table, schema)) return undefined;
      const found = database.get(reference.table, reference.id);
      return found === undefined ? undefined : order.read(found);
    },
  }));
}

export function compareRows(a: Row, b: Row, order: readonly Order[]): number {
  for (const { kind, read, descending } of order) {
    const difference = compareNullable(kind, read(a), read(b));
    if (difference !== 0) return descending ? -difference : difference;
  }
  return compareTexts('guid', a.id, b.id);
}

/** Nulls come first, as in the database. */
export function compareNullable(kind: Kind, a: string | undefined, b: string | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -1;
  if (b === undefined) return 1;
  return compareTexts(kind, a, b);
}
