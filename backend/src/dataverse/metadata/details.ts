import { DataverseError } from '../errors.ts';
import { literal, type GetOptions, type Json, type WebApi } from '../web-api.ts';
import { columnMetadata, globalChoiceOf, kindOfColumn, optionsOf, type ColumnOptions } from './columns.ts';
import { flag, list, text, texts } from './fields.ts';
import { byCodePoint } from './select.ts';
import { cascadeOf } from './tables.ts';
import type {
  AlternateKey,
  Cascade,
  ColumnKind,
  ManyToMany,
  OneToMany,
  TableDetails,
  TableMetadata,
} from './types.ts';

/** Option sets come only with a cast, one request a type. `EnumAttributeMetadata` cannot be cast to. */
const casts: Partial<Readonly<Record<ColumnKind, string>>> = {
  choice: 'PicklistAttributeMetadata',
  multiChoice: 'MultiSelectPicklistAttributeMetadata',
  state: 'StateAttributeMetadata',
  status: 'StatusAttributeMetadata',
  boolean: 'BooleanAttributeMetadata',
};

/**
 * Two requests a table (attributes; relationships and keys), and one more for each kind of option set that it has:
 * without `$select` the attributes come with the facts of their own types.
 */
export async function readDetails(api: WebApi, table: TableMetadata): Promise<TableDetails> {
  const root = `EntityDefinitions(LogicalName=${literal(table.name)})`;
  const about = { about: { table: table.name }, definitions: true };
  const [attributes, links] = await Promise.all([
    api.list(`${root}/Attributes`, about),
    api.get(`${root}?$select=LogicalName&$expand=${expansion}`, about),
  ]);
  const options = await readOptions(api, root, attributes, about);
  return {
    ...table,
    columns: attributes
      .map((attribute) => columnMetadata(attribute, options.get(text(attribute, 'LogicalName') ?? '')))
      .sort((a, b) => byCodePoint(a.name, b.name)),
    manyToOne: list(links, 'ManyToOneRelationships').map(oneToManyOf).sort(bySchemaName),
    oneToMany: list(links, 'OneToManyRelationships').map(oneToManyOf).sort(bySchemaName),
    manyToMany: list(links, 'ManyToManyRelationships').map(manyToManyOf).sort(bySchemaName),
    keys: list(links, 'Keys')
      .map(keyOf)
      .sort((a, b) => byCodePoint(a.name, b.name)),
  };
}

type Options = Map<string, ColumnOptions>;

async function readOptions(
  api: WebApi,
  root: string,
  attributes: readonly Json[],
  about: GetOptions,
): Promise<Options> {
  const found: Options = new Map();
  addOptions(found, attributes);
  const missing = attributes.filter((attribute) => !found.has(text(attribute, 'LogicalName') ?? ''));
  const needed = new Set(missing.map((attribute) => casts[kindOfColumn(attribute)]));
  const wanted = [...needed].filter((cast) => cast !== undefined);
  const answers = wanted.map((cast) =>
    api.list(
      `${root}/Attributes/Microsoft.Dynamics.CRM.${cast}?$select=LogicalName&$expand=${bothSets}`,
      about,
    ),
  );
  for (const answer of await Promise.all(answers)) addOptions(found, answer);
  return found;
}

/** A column has either a set of its own or a global one. */
const bothSets = 'OptionSet,GlobalOptionSet';

function addOptions(found: Options, attributes: readonly Json[]): void {
  for (const attribute of attributes) {
    const options = optionsOf(attribute);
    const name = text(attribute, 'LogicalName');
    if (options === undefined || name === null) continue;
    const globalChoice = globalChoiceOf(attribute);
    found.set(name, { options, ...(globalChoice === undefined ? {} : { globalChoice }) });
  }
}

const oneToManyProperties = [
  'SchemaName',
  'ReferencedEntity',
  'ReferencedAttribute',
  'ReferencingEntity',
  'ReferencingAttribute',
  'ReferencedEntityNavigationPropertyName',
  'ReferencingEntityNavigationPropertyName',
  'CascadeConfiguration',
  'IsHierarchical',
  'IsCustomRelationship',
].join(',');

const manyToManyProperties = [
  'SchemaName',
  'IntersectEntityName',
  'Entity1LogicalName',
  'Entity1IntersectAttribute',
  'Entity1NavigationPropertyName',
  'Entity2LogicalName',
  'Entity2IntersectAttribute',
  'Entity2NavigationPropertyName',
  'IsCustomRelationship',
].join(',');

const expansion = [
  `ManyToOneRelationships($select=${oneToManyProperties})`,
  `OneToManyRelationships($select=${oneToManyProperties})`,
  `ManyToManyRelationships($select=${manyToManyProperties})`,
  'Keys($select=LogicalName,SchemaName,KeyAttributes,EntityKeyIndexStatus)',
].join(',');

function oneToManyOf(relationship: Json): OneToMany {
  return {
    schemaName: required(relationship, 'SchemaName'),
    referencedTable: required(relationship, 'ReferencedEntity'),
    referencedColumn: required(relationship, 'ReferencedAttribute'),
    referencingTable: required(relationship, 'ReferencingEntity'),
    referencingColumn: required(relationship, 'ReferencingAttribute'),
    referencedNavigation: text(relationship, 'ReferencedEntityNavigationPropertyName'),
    referencingNavigation: text(relationship, 'ReferencingEntityNavigationPropertyName'),
    hierarchical: flag(relationship, 'IsHierarchical'),
    custom: flag(relationship, 'IsCustomRelationship'),
    cascadeDelete: cascade(relationship, 'Delete'),
    cascadeAssign: cascade(relationship, 'Assign'),
  };
}

const cascades: readonly Cascade[] = [
  'NoCascade',
  'Cascade',
  'Active',
  'UserOwned',
  'RemoveLink',
  'Restrict',
];

function cascade(relationship: Json, action: string): Cascade {
  const named = cascadeOf(relationship, action);
  return cascades.find((one) => one === named) ?? 'NoCascade';
}

function manyToManyOf(relationship: Json): ManyToMany {
  return {
    schemaName: required(relationship, 'SchemaName'),
    intersectTable: required(relationship, 'IntersectEntityName'),
    table1: required(relationship, 'Entity1LogicalName'),
    column1: required(relationship, 'Entity1IntersectAttribute'),
    navigation1: text(relationship, 'Entity1NavigationPropertyName') ?? '',
    table2: required(relationship, 'Entity2LogicalName'),
    column2: required(relationship, 'Entity2IntersectAttribute'),
    navigation2: text(relationship, 'Entity2NavigationPropertyName') ?? '',
    custom: flag(relationship, 'IsCustomRelationship'),
  };
}

function keyOf(key: Json): AlternateKey {
  const name = text(key, 'LogicalName') ?? required(key, 'SchemaName');
  return {
    name,
    columns: texts(key, 'KeyAttributes'),
    active: text(key, 'EntityKeyIndexStatus') === 'Active',
  };
}

function bySchemaName(a: { schemaName: string }, b: { schemaName: string }): number {
  return byCodePoint(a.schemaName, b.schemaName);
}

function required(json: Json, name: string): string {
  const value = text(json, name);
  if (value !== null) return value;
  throw new DataverseError(`The metadata lacks ${name}.`, {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
  });
}
