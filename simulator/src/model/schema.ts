import type {
  ColumnDefinition,
  ManyToManyDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from './definitions.ts';
import { withCompanions } from './companions.ts';

/** What a navigation property of a table leads to. */
export type Navigation =
  | { readonly kind: 'single'; readonly relationship: OneToManyDefinition }
  | { readonly kind: 'collection'; readonly relationship: OneToManyDefinition }
  | { readonly kind: 'links'; readonly relationship: ManyToManyDefinition; readonly side: 1 | 2 };

/** A column as the Web API shows it: lookups under `_<name>_value`, everything else under its own name. */
export interface Property {
  readonly name: string;
  readonly column: ColumnDefinition;
  readonly lookup: boolean;
}

const LOOKUP_TYPES = new Set(['LookupType', 'CustomerType', 'OwnerType']);
const NEVER_PROPERTIES = new Set(['PartyListType', 'CalendarRulesType', 'VirtualType']);

export function isLookup(column: ColumnDefinition): boolean {
  return LOOKUP_TYPES.has(column.type);
}

const schemas = new WeakMap<SchemaDefinition, Schema>();
const properties = new WeakMap<TableDefinition, ReadonlyMap<string, Property>>();

/** Found once for each table: another schema has most of its tables in common with the one before. */
function propertiesOf(table: TableDefinition): ReadonlyMap<string, Property> {
  const known = properties.get(table);
  if (known !== undefined) return known;
  const found = new Map<string, Property>();
  for (const column of table.columns.values()) {
    if (!column.validForRead || !column.validOData || NEVER_PROPERTIES.has(column.type)) continue;
    const lookup = isLookup(column);
    const name = lookup ? `_${column.logicalName}_value` : column.logicalName;
    found.set(name, { name, column, lookup });
  }
  properties.set(table, found);
  return found;
}

/** The schema definition with the ways to look things up that requests need. Immutable. */
export class Schema {
  readonly definition: SchemaDefinition;
  readonly #tables = new Map<string, TableDefinition>();
  readonly #sets = new Map<string, TableDefinition>();
  readonly #navigations = new Map<string, Map<string, Navigation>>();
  readonly #properties = new Map<string, ReadonlyMap<string, Property>>();
  readonly #parents = new Map<string, OneToManyDefinition[]>();
  readonly #children = new Map<string, OneToManyDefinition[]>();
  readonly #links = new Map<string, ManyToManyDefinition[]>();

  /** One schema for each definition, however many environments have it. */
  static of(definition: SchemaDefinition): Schema {
    let schema = schemas.get(definition);
    if (schema === undefined) schemas.set(definition, (schema = new Schema(definition)));
    return schema;
  }

  private constructor(definition: SchemaDefinition) {
    this.definition = withCompanions(definition);
    for (const table of this.definition.tables) this.#addTable(table);
    for (const relationship of this.definition.oneToMany) this.#addOneToMany(relationship);
    for (const relationship of this.definition.manyToMany) this.#addManyToMany(relationship);
  }

  get tables(): readonly TableDefinition[] {
    return this.definition.tables;
  }

  table(logicalName: string): TableDefinition | undefined {
    return this.#tables.get(logicalName);
  }

  tableOfSet(entitySetName: string): TableDefinition | undefined {
    return this.#sets.get(entitySetName);
  }

  navigation(table: string, property: string): Navigation | undefined {
    return this.#navigations.get(table)?.get(property);
  }

  navigations(table: string): ReadonlyMap<string, Navigation> {
    return this.#navigations.get(table) ?? new Map();
  }

  /** Every property that a read of the table may show, by property name. */
  properties(table: string): ReadonlyMap<string, Property> {
    return this.#properties.get(table) ?? new Map();
  }

  /** Relationships in which the table is the child. */
  parents(table: string): readonly OneToManyDefinition[] {
    return this.#parents.get(table) ?? [];
  }

  /** Relationships in which the table is the parent. */
  children(table: string): readonly OneToManyDefinition[] {
    return this.#children.get(table) ?? [];
  }

  links(table: string): readonly ManyToManyDefinition[] {
    return this.#links.get(table) ?? [];
  }

  linkOfIntersect(table: string): ManyToManyDefinition | undefined {
    return this.definition.manyToMany.find((link) => link.intersectTable === table);
  }

  /** The relationship behind a lookup that points to `target`; `owner` stands for users and teams. */
  lookupRelationship(table: string, column: string, target: string): OneToManyDefinition | undefined {
    const candidates = this.parents(table).filter((parent) => parent.referencingColumn === column);
    return (
      candidates.find((parent) => parent.referencedTable === target) ??
      candidates.find((parent) => covers(parent.referencedTable, target, this))
    );
  }

  #addTable(table: TableDefinition): void {
    this.#tables.set(table.logicalName, table);
    if (table.entitySetName !== null) this.#sets.set(table.entitySetName, table);
    this.#properties.set(table.logicalName, propertiesOf(table));
  }

  #addOneToMany(relationship: OneToManyDefinition): void {
    const { referencedTable, referencingTable } = relationship;
    append(this.#parents, referencingTable, relationship);
    append(this.#children, referencedTable, relationship);
    this.#name(referencingTable, relationship.referencingNavigation, { kind: 'single', relationship });
    this.#name(referencedTable, relationship.referencedNavigation, { kind: 'collection', relationship });
  }

  #addManyToMany(relationship: ManyToManyDefinition): void {
    append(this.#links, relationship.table1, relationship);
    if (relationship.table2 !== relationship.table1) append(this.#links, relationship.table2, relationship);
    this.#name(relationship.table1, relationship.navigation1, { kind: 'links', relationship, side: 1 });
    this.#name(relationship.table2, relationship.navigation2, { kind: 'links', relationship, side: 2 });
  }

  #name(table: string, property: string, navigation: Navigation): void {
    if (property === '') return;
    let names = this.#navigations.get(table);
    if (names === undefined) {
      names = new Map();
      this.#navigations.set(table, names);
    }
    if (!names.has(property)) names.set(property, navigation);
  }
}

/** Abstract tables: `owner` and `principal` cover users and teams, `activitypointer` every activity table. */
export function covers(declared: string, actual: string, schema: Schema): boolean {
  if (declared === actual) return true;
  if (declared === 'owner' || declared === 'principal') return actual === 'systemuser' || actual === 'team';
  return declared === 'activitypointer' && schema.table(actual)?.activity === true;
}

function append<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
