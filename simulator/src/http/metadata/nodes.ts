import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { Schema } from '../../model/schema.ts';
import { baseShape, columnShape, metadataClass, optionSetShape, usesGlobalSet } from './column-shape.ts';
import { manyToManyShape, oneToManyShape } from './relationship-shape.ts';
import { keyShape, tableShape, type Shape } from './table-shape.ts';

/** A metadata object with the collections and objects that can be reached or expanded from it. */
export interface Node {
  /** Class name without namespace. */
  readonly type: string;
  readonly shape: Shape;
  /** What the declared base class shows; the same as `shape` where there is no subclass. */
  readonly base: Shape;
  readonly navigations: Readonly<Record<string, () => Node | readonly Node[] | undefined>>;
}

export function tableNode(schema: Schema, table: TableDefinition): Node {
  const shape = tableShape(table);
  const name = table.logicalName;
  return {
    type: 'EntityMetadata',
    shape,
    base: shape,
    navigations: {
      Attributes: () => columnsInOrder(table).map((column) => columnNode(table, column)),
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

/** Attributes come in the order of their names. */
function columnsInOrder(table: TableDefinition): ColumnDefinition[] {
  return [...table.columns.values()].sort((a, b) => (a.logicalName < b.logicalName ? -1 : 1));
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
  return {
    type: type ?? 'AttributeMetadata',
    // Built when asked for: a whole schema has some ten thousand columns.
    get shape() {
      return columnShape(table, column);
    },
    get base() {
      return { ...head, ...baseShape(table, column) };
    },
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
  for (const table of schema.tables) {
    for (const column of table.columns.values()) {
      const name = column.optionSetName;
      if (name === undefined || found.has(name) || !usesGlobalSet(table, column)) continue;
      found.set(name, typed('OptionSetMetadata', optionSetShape(table, column)));
    }
  }
  return [...found.values()];
}

function plain(type: string, shape: Shape): Node {
  return { type, shape, base: shape, navigations: {} };
}

function typed(type: string, shape: Shape): Node {
  const full = { '@odata.type': `#Microsoft.Dynamics.CRM.${type}`, ...shape };
  return { type, shape: full, base: full, navigations: {} };
}
