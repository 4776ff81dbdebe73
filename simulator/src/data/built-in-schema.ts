import type {
  ColumnDefinition,
  ManyToManyDefinition,
  OneToManyDefinition,
  Option,
  SchemaDefinition,
  TableDefinition,
} from '../model/definitions.ts';
import { addedTables } from './added-tables.ts';
import { columnMap, privilegesFor } from './define-table.ts';
import { defineColumn } from './define-column.ts';
import { withRecordedDetails } from './details.ts';
import {
  readFacts,
  type CatalogLink,
  type CatalogTable,
  type ColumnFact,
  type Extent,
  type OptionFact,
  type RelationshipFact,
  type TableFact,
} from './facts.ts';
import { globalChoices } from './global-choices.ts';
import { withLaterColumns } from './later-columns.ts';
import { partyLists } from './party-lists.ts';
import { stableId } from './stable-id.ts';

const builtIn = new Map<Extent, SchemaDefinition>();

/**
 * The standard tables, from the facts in `simulator/metadata` (see scripts/distil-metadata.mjs). One object of each
 * extent for the whole process: definitions never change.
 */
export function builtInSchema(extent: Extent = 'lean'): SchemaDefinition {
  const known = builtIn.get(extent) ?? readBuiltInSchema(extent);
  builtIn.set(extent, known);
  return known;
}

/** Read anew, for who must not share the object. */
export function readBuiltInSchema(extent: Extent): SchemaDefinition {
  const { catalog, standard } = readFacts(extent);
  const choices = globalChoices(standard);
  const tables = Object.entries(standard.tables).map(([name, fact]) => {
    const entry = catalog.tables[name];
    if (!entry) throw new Error(`Table ${name} is in standard.json and not in catalog.json`);
    return withLaterColumns(tableOf(name, fact, entry, choices));
  });
  const keys = new Map(tables.map((table) => [table.logicalName, table.primaryId]));
  const added = addedTables();
  return withRecordedDetails({
    tables: [...tables, ...added.tables],
    oneToMany: [...standard.oneToMany.map((fact) => relationshipOf(fact, keys)), ...added.oneToMany],
    manyToMany: catalog.manyToMany.map(linkOf),
  });
}

function tableOf(
  name: string,
  fact: TableFact,
  entry: CatalogTable,
  choices: StateContext['choices'],
): TableDefinition {
  const activity = entry.activity === 1;
  const intersect = entry.intersect === 1;
  return {
    logicalName: name,
    schemaName: entry.schema,
    metadataId: fact.id ?? stableId('table', name),
    entitySetName: fact.set,
    collectionName: fact.set ?? `${name}s`,
    objectTypeCode: entry.code,
    primaryId: fact.key,
    primaryName: entry.name,
    primaryImage: entry.image !== undefined && entry.image in fact.columns ? entry.image : null,
    ownership: entry.owner,
    tableType: activity ? 'Activity' : 'Standard',
    intersect,
    activity,
    custom: false,
    changeTracking: entry.tracked !== 0,
    optimisticConcurrency: !intersect && 'versionnumber' in fact.columns,
    hasNotes: entry.notes === 1 || activity,
    displayName: entry.label,
    displayCollectionName: entry.plural,
    privileges: intersect ? [] : privilegesOf(fact, entry),
    columns: columnMap(name, [
      ...Object.entries(fact.columns).map(([column, one]) =>
        columnOf(name, column, one, { entry, status: fact.columns['statuscode'], choices }),
      ),
      ...partyLists(name),
    ]),
    keys: (fact.keys ?? []).map((key) => ({
      logicalName: key.name,
      schemaName: key.schema,
      metadataId: key.id,
      columns: key.columns,
    })),
  };
}

function privilegesOf(fact: TableFact, entry: CatalogTable): TableDefinition['privileges'] {
  if (fact.privileges) return fact.privileges.map(([verb, name, id]) => ({ id, name, verb }));
  return privilegesFor(entry.prv ?? entry.schema, entry.prv === undefined ? entry.owner : 'UserOwned');
}

function columnOf(table: string, name: string, fact: ColumnFact, context: StateContext): ColumnDefinition {
  const write = fact.write ?? 'cu';
  const options = optionsOf(name, fact, context);
  return {
    ...defineColumn(table, {
      name,
      schemaName: fact.schema,
      // Companions have no label of their own.
      displayName: fact.label ?? (fact.of === undefined ? fact.schema : ''),
      type: fact.type,
      metadataId: fact.id ?? stableId('column', table, name),
      requiredLevel: fact.required ?? 'None',
      validForCreate: write.includes('c') && fact.type !== 'StateType',
      validForRead: fact.read !== false,
      validForUpdate: write.includes('u'),
      ...(fact.odata === false ? { validOData: false } : {}),
      ...(fact.of === undefined ? {} : { attributeOf: fact.of }),
      ...(fact.secured ? { secured: true } : {}),
      ...(fact.source === undefined ? {} : { sourceType: fact.source }),
      ...(fact.length === undefined ? {} : { maxLength: fact.length }),
      ...(fact.precision === undefined ? {} : { precision: fact.precision }),
      ...(fact.min === undefined ? {} : { minValue: fact.min }),
      ...(fact.max === undefined ? {} : { maxValue: fact.max }),
      ...(fact.format === undefined ? {} : { format: fact.format }),
      ...(fact.behavior === undefined ? {} : { dateBehavior: fact.behavior }),
      ...(fact.calculationOf === undefined ? {} : { calculationOf: fact.calculationOf }),
      ...(fact.targets ? { targets: fact.targets } : {}),
      ...(options ? { options, optionSetName: setNameOf(table, name, fact, context) } : {}),
      ...(fact.default === undefined ? {} : { defaultValue: fact.default }),
      ...(fact.autoNumber === undefined ? {} : { autoNumberFormat: fact.autoNumber }),
      ...(fact.sizeKb === undefined ? {} : { maxSizeKb: fact.sizeKb }),
      ...(fact.primaryImage === undefined ? {} : { primaryImage: fact.primaryImage }),
      ...(fact.fullImage === undefined ? {} : { canStoreFullImage: fact.fullImage }),
    }),
    columnNumber: fact.number ?? 0,
  };
}

/** What the states of a table are read from: the catalogue's text, or the recorded status options. */
interface StateContext {
  readonly entry: CatalogTable;
  readonly status: ColumnFact | undefined;
  /** Options of the choices that tables share. */
  readonly choices: ReadonlyMap<string, readonly OptionFact[]>;
}

/** A shared choice has the name of the column; the others are named after table and column. */
function setNameOf(table: string, name: string, fact: ColumnFact, { choices }: StateContext): string {
  if (fact.type === 'PicklistType' && choices.has(name)) return name;
  return fact.optionSet ?? `${table}_${name}`;
}

function optionsOf(name: string, fact: ColumnFact, context: StateContext): readonly Option[] | undefined {
  if (name === 'statecode' && fact.type === 'StateType') return statesOf(fact, context);
  if (name === 'statuscode' && fact.type === 'StatusType') {
    return fact.options?.map(optionOf) ?? parseStates(context.entry).statuses;
  }
  if (fact.options) return fact.options.map(optionOf);
  return fact.type === 'PicklistType' ? (context.choices.get(name) ?? []).map(optionOf) : undefined;
}

function optionOf([value, label, extra]: OptionFact): Option {
  return {
    value,
    label,
    ...(extra?.state === undefined ? {} : { state: extra.state }),
    ...(extra?.status === undefined ? {} : { defaultStatus: extra.status }),
    ...(extra?.invariant === undefined ? {} : { invariantName: extra.invariant }),
  };
}

/** States with the status each takes by default: recorded, else the lowest one of the state. */
function statesOf(fact: ColumnFact, { entry, status }: StateContext): readonly Option[] {
  if (!fact.options) return parseStates(entry).states;
  return fact.options.map(optionOf).map((state) => {
    const own = (status?.options ?? [])
      .filter(([, , extra]) => extra?.state === state.value)
      .map(([value]) => value);
    const defaultStatus = state.defaultStatus ?? (own.length === 0 ? undefined : Math.min(...own));
    return {
      ...state,
      ...(defaultStatus === undefined ? {} : { defaultStatus }),
      invariantName: state.invariantName ?? state.label,
    };
  });
}

function parseStates(entry: CatalogTable): { states: Option[]; statuses: Option[] } {
  const states: Option[] = [];
  const statuses: Option[] = [];
  for (const part of (entry.states ?? '0 Active = 1 Active; 1 Inactive = 2 Inactive').split('; ')) {
    const [head = '', tail = ''] = part.split(' = ');
    const state = parseOption(head);
    const own = tail.split(', ').map((text) => ({ ...parseOption(text), state: state.value }));
    states.push({ ...state, defaultStatus: own[0]?.value ?? 1, invariantName: state.label });
    statuses.push(...own);
  }
  return { states, statuses };
}

function parseOption(text: string): { value: number; label: string } {
  const space = text.indexOf(' ');
  return { value: Number(text.slice(0, space)), label: text.slice(space + 1) };
}

function relationshipOf(fact: RelationshipFact, keys: ReadonlyMap<string, string>): OneToManyDefinition {
  const { cascade } = fact;
  return {
    schemaName: fact.schema,
    metadataId: fact.id ?? stableId('relationship', fact.schema, fact.child, fact.column, fact.parent),
    referencedTable: fact.parent,
    referencedColumn: keys.get(fact.parent) ?? `${fact.parent}id`,
    referencingTable: fact.child,
    referencingColumn: fact.column,
    referencedNavigation: fact.collection,
    referencingNavigation: fact.navigation,
    custom: false,
    hierarchical: fact.hierarchical ?? false,
    cascade: {
      assign: cascade.assign ?? 'NoCascade',
      delete: cascade.delete ?? 'NoCascade',
      merge: cascade.merge ?? 'NoCascade',
      reparent: cascade.reparent ?? 'NoCascade',
      share: cascade.share ?? 'NoCascade',
      unshare: cascade.unshare ?? 'NoCascade',
    },
  };
}

/** Both ends of a standard many-to-many carry its schema name; a table linked to itself tells the ends apart. */
function linkOf(link: CatalogLink): ManyToManyDefinition {
  const self = link.table1 === link.table2;
  return {
    schemaName: link.schema,
    metadataId: stableId('link', link.schema),
    intersectTable: link.intersect,
    table1: link.table1,
    column1: link.column1,
    navigation1: link.schema,
    table2: link.table2,
    column2: link.column2,
    navigation2: self ? `${link.schema}_referenced` : link.schema,
    custom: false,
  };
}
