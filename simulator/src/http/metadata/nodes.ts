import { isLosslessNumber, stringify } from 'lossless-json';
import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { Schema } from '../../model/schema.ts';
import { usesGlobalSet } from '../../model/global-sets.ts';
import { baseShape, columnShape, metadataClass, optionSetShape, standaloneSetShape } from './column-shape.ts';
import { managedProperties } from './managed-properties.ts';
import { manyToManyShape, oneToManyShape } from './relationship-shape.ts';
import { keyShape, tableShape, type Shape } from './table-shape.ts';

/** A metadata object with the collections and objects that can be reached or expanded from it. */
export interface Node {
  /** Class name without namespace. */
  readonly type: string;
  readonly shape: Shape;
  /** What the declared base class shows; the same as `shape` where there is no subclass. */
  readonly base: Shape;
  /** `shape` as JSON. */
  readonly text: () => string;
  readonly navigations: Readonly<Record<string, () => Node | readonly Node[] | undefined>>;
}

export function tableNode(schema: Schema, table: TableDefinition): Node {
  const name = table.logicalName;
  return {
    ...plain('EntityMetadata', tableShape(table, hasActivities(schema, table))),
    navigations: {
      Attributes: () => columnNodes(table),
      Keys: () => table.keys.map((key) => plain('EntityKeyMetadata', keyShape(table, key))),
      OneToManyRelationships: () =>
        schema.children(name).map((one) => plain('OneToManyRelationshipMetadata', oneToManyShape(one))),
      ManyToOneRelationships: () =>
        schema.parents(name).map((one) => plain('OneToManyRelationshipMetadata', oneToManyShape(one))),
      ManyToManyRelationships: () =>
        schema.links(name).map((one) => plain('ManyToManyRelationshipMetadata', manyToManyShape(one))),
    },
  };
}

/** Can activities be regarding its rows? */
function hasActivities(schema: Schema, table: TableDefinition): boolean {
  return schema
    .children(table.logicalName)
    .some(
      (one) => one.referencingTable === 'activitypointer' && one.referencingColumn === 'regardingobjectid',
    );
}

/** A table whose definition changes is another object, so what was made for the old one is never shown again. */
const columnNodesOf = new WeakMap<TableDefinition, readonly Node[]>();

/** Attributes come in the order of their names. */
function columnNodes(table: TableDefinition): readonly Node[] {
  const known = columnNodesOf.get(table);
  if (known !== undefined) return known;
  const nodes = [...table.columns.values()]
    .sort((a, b) => (a.logicalName < b.logicalName ? -1 : 1))
    .map((column) => columnNode(table, column));
  columnNodesOf.set(table, nodes);
  return nodes;
}

const ENUM_TYPES = new Set([
  'PicklistType',
  'MultiSelectPicklistType',
  'StateType',
  'StatusType',
  'BooleanType',
  'EntityNameType',
]);

function columnNode(table: TableDefinition, column: ColumnDefinition): Node {
  const type = metadataClass(column.type);
  const head = type === undefined ? {} : { '@odata.type': `#Microsoft.Dynamics.CRM.${type}` };
  const set = () =>
    plain(
      column.type === 'BooleanType' ? 'BooleanOptionSetMetadata' : 'OptionSetMetadata',
      optionSetShape(table, column),
    );
  const global = usesGlobalSet(table, column);
  // Built when asked for, and kept: a whole schema has some ten thousand columns.
  const shape = once(() => columnShape(table, column));
  const base = once(() => ({ ...head, ...baseShape(table, column) }));
  const text = once(() => shapeText(shape()));
  return {
    type: type ?? 'AttributeMetadata',
    get shape() {
      return shape();
    },
    get base() {
      return base();
    },
    text,
    navigations: ENUM_TYPES.has(column.type)
      ? { OptionSet: () => (global ? undefined : set()), GlobalOptionSet: () => (global ? set() : undefined) }
      : {},
  };
}

export function relationshipNodes(schema: Schema): readonly Node[] {
  return [
    ...schema.definition.oneToMany.map((one) => typed('OneToManyRelationshipMetadata', oneToManyShape(one))),
    ...schema.definition.manyToMany.map((one) =>
      typed('ManyToManyRelationshipMetadata', manyToManyShape(one)),
    ),
  ];
}

export function globalOptionSets(schema: Schema): readonly Node[] {
  const found = new Map<string, Node>();
  for (const set of schema.definition.optionSets ?? [])
    found.set(set.name, typed('OptionSetMetadata', standaloneSetShape(set)));
  for (const table of schema.tables) {
    for (const column of table.columns.values()) {
      const name = column.optionSetName;
      if (name === undefined || found.has(name) || !usesGlobalSet(table, column)) continue;
      found.set(name, typed('OptionSetMetadata', optionSetShape(table, column)));
    }
  }
  return [...found.values()];
}

export function managedPropertyNodes(): readonly Node[] {
  return managedProperties().map((shape) => plain('ManagedPropertyMetadata', shape));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** JSON of a shape. Only bounds of columns hold numbers that a double cannot print, and those need the slow way. */
export function shapeText(shape: Shape): string {
  const { MinValue: min, MaxValue: max } = shape as Record<'MinValue' | 'MaxValue', unknown>; // absent ones are undefined
  const slow = isLosslessNumber(min) || isLosslessNumber(max);
  return slow ? (stringify(shape) ?? '{}') : JSON.stringify(shape);
}

function plain(type: string, shape: Shape): Node {
  return { type, shape, base: shape, text: once(() => shapeText(shape)), navigations: {} };
}

function typed(type: string, shape: Shape): Node {
  const full = { '@odata.type': `#Microsoft.Dynamics.CRM.${type}`, ...shape };
  return plain(type, full);
}
