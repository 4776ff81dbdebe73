import type { ColumnDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { isReference, rowVersion } from '../../store/values.ts';
import { formatValue } from '../format-value.ts';
import { etagMember, RowPrinter } from '../print-row.ts';
import { printValue, styleOf } from '../print-value.ts';
import { isSet } from './check-fetchxml.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';
import { requireColumn, type Plan, type PlanTable, type Tuple } from './plan.ts';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const COLUMN_NAME = 'OData.Community.Display.V1.AttributeName';
const TARGET_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';

/** How the rows of a query are printed. */
export interface Outputs {
  /** Names for the context URL; undefined where all columns of the base are asked for. */
  readonly names: readonly string[] | undefined;
  /** Does each printed row tell the key of its base row? */
  readonly keyed: boolean;
  readonly print: (tuple: Tuple) => string;
}

/** Null columns are left out. A distinct query prints what was asked for and no key beside it. */
export function compileOutputs(context: RequestContext, plan: Plan, fetch: XmlElement): Outputs {
  refuseEqualAliases(plan);
  const distinct = isSet(fetch.attributes['distinct']);
  const [base, ...linked] = plan.tables.map((table) => outputsOf(context, table));
  const { all = false, outputs = [] } = base ?? {};
  const plain = outputs.filter((output) => output.property !== undefined && !output.aliased);
  const others = [
    ...outputs.filter((output) => !plain.includes(output)),
    ...linked.flatMap((one) => one.outputs),
  ];
  const names = all ? undefined : plain.map((output) => output.property ?? '');
  const keyed =
    !distinct || all || plain.some((output) => output.column.logicalName === plan.base.table.primaryId);
  const printer = new RowPrinter(context, plan.base.table, names);
  const printed = keyed ? others : [...plain, ...others];
  return {
    names,
    keyed,
    print: (tuple) => {
      const row = tuple[0]!; // every tuple has its base row
      const own = keyed ? [etagMember(row), ...printer.members(row, { nulls: false })] : [];
      return `{${[...own, ...printed.flatMap((output) => output.members(tuple))].join(',')}}`;
    },
  };
}

interface Output {
  readonly column: ColumnDefinition;
  /** Name as a property of the base; undefined for joined tables, and columns that are no properties. */
  readonly property: string | undefined;
  readonly aliased: boolean;
  readonly members: (tuple: Tuple) => string[];
}

function outputsOf(context: RequestContext, table: PlanTable): { all: boolean; outputs: Output[] } {
  const attributes = childrenNamed(table.element, 'attribute');
  const everything =
    childrenNamed(table.element, 'all-attributes').length > 0 ||
    (table.slot === 0 && attributes.length === 0 && childrenNamed(table.element, 'no-attrs').length === 0);
  if (!everything)
    return { all: false, outputs: attributes.flatMap((one) => output(context, table, one) ?? []) };
  if (table.slot === 0) return { all: true, outputs: [] };
  const names = [...context.environment.schema.properties(table.table.logicalName).values()];
  const outputs = names.map(({ column }) => columnOutput(context, table, column, undefined));
  return { all: false, outputs };
}

function output(context: RequestContext, table: PlanTable, attribute: XmlElement): Output | undefined {
  const { name, alias, rowaggregate, aggregate, groupby, dategrouping } = attribute.attributes;
  const column = requireColumn(table.table, name);
  if (aggregate !== undefined || isSet(groupby) || dategrouping !== undefined) {
    throw badRequest('An error occurred while processing Aggregates in Query', '0x8004111a');
  }
  if (rowaggregate !== undefined) return countChildren(context, table, column, attribute);
  const readable = [...context.environment.schema.properties(table.table.logicalName).values()].some(
    (property) => property.column.logicalName === column.logicalName,
  );
  // Names of choices and the like can be asked for and are told by annotations only.
  return readable ? columnOutput(context, table, column, alias) : undefined;
}

function columnOutput(
  context: RequestContext,
  table: PlanTable,
  column: ColumnDefinition,
  alias: string | undefined,
): Output {
  const properties = context.environment.schema.properties(table.table.logicalName);
  const property =
    table.slot > 0
      ? undefined
      : [...properties.values()].find((one) => one.column.logicalName === column.logicalName)?.name;
  const label = alias ?? property ?? `${table.alias}.${column.logicalName}`;
  const hidden = table.hidden.has(column.logicalName);
  const style = styleOf(context);
  const { annotation } = context.preferences;
  const annotate = (name: string, text: string | undefined) =>
    text === undefined || !annotation(name)
      ? []
      : [`${JSON.stringify(`${label}@${name}`)}:${JSON.stringify(text)}`];
  return {
    column,
    property,
    aliased: alias !== undefined,
    members: (tuple) => {
      const row = tuple[table.slot];
      if (row === undefined || hidden) return [];
      const version = column.logicalName === 'versionnumber';
      const value = version ? rowVersion(row) : (row.values[column.logicalName] ?? null);
      if (value === null) return [];
      return [
        ...(label === property ? [] : annotate(COLUMN_NAME, column.logicalName)),
        ...annotate(FORMATTED, formatValue(context.environment, column, value, row.values)),
        ...(isReference(value) ? annotate(TARGET_TABLE, value.table) : []),
        `${JSON.stringify(label)}:${printValue({ column }, value, style)}`,
      ];
    },
  };
}

/** `rowaggregate="CountChildren"`: how many rows name this one as their parent in the table's hierarchy. */
function countChildren(
  context: RequestContext,
  { slot, table }: PlanTable,
  column: ColumnDefinition,
  attribute: XmlElement,
): Output {
  const { alias, rowaggregate } = attribute.attributes;
  const hierarchy = context.environment.schema
    .children(table.logicalName)
    .find((one) => one.hierarchical && one.referencingTable === table.logicalName);
  if (rowaggregate?.toLowerCase() !== 'countchildren' || alias === undefined || hierarchy === undefined) {
    throw badRequest('An error occurred while processing Aggregates in Query', '0x8004111a');
  }
  const store = context.environment.database.store(table.logicalName);
  return {
    column,
    property: undefined,
    aliased: true,
    members: (tuple) => {
      const row = tuple[slot];
      if (row === undefined) return [];
      return [`${JSON.stringify(alias)}:${store.referrers(hierarchy.referencingColumn, row.id).length}`];
    },
  };
}

/** @throws ServiceError 400 `0x80041130` */
export function refuseEqualAliases(plan: Plan): void {
  const aliases = plan.tables.flatMap((table) => [
    ...(table.alias === '' ? [] : [table.alias]),
    ...childrenNamed(table.element, 'attribute').flatMap((one) => one.attributes['alias'] ?? []),
  ]);
  if (new Set(aliases).size === aliases.length) return;
  throw badRequest('FetchXML should have unique aliases.', '0x80041130');
}
