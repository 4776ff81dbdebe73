import type {
  ColumnDefinition,
  Option,
  OptionSetDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../../model/definitions.ts';
import { optionSetId, usesGlobalSet } from '../../model/global-sets.ts';
import type { Environment } from '../environment.ts';
import { textMember, type JsonObject } from '../json.ts';
import { labelMember, objectsMember } from './metadata-json.ts';
import { logicalNameOf } from './names.ts';
import { readOptions } from './read-column.ts';
import { inUse, metadataMissing, metadataNotFound, optionSetExists } from './schema-errors.ts';

/** Every global set: those that stand alone, and those that only columns are known to use. */
export function globalSets(definition: SchemaDefinition): readonly OptionSetDefinition[] {
  const found = new Map((definition.optionSets ?? []).map((set) => [set.name, set]));
  for (const table of definition.tables) {
    for (const column of table.columns.values()) {
      const set = setOfColumn(table, column);
      if (set !== undefined && !found.has(set.name)) found.set(set.name, set);
    }
  }
  return [...found.values()];
}

function setOfColumn(table: TableDefinition, column: ColumnDefinition): OptionSetDefinition | undefined {
  const name = column.optionSetName;
  if (name === undefined || !usesGlobalSet(table, column)) return undefined;
  return {
    name,
    metadataId: optionSetId(name),
    displayName: column.displayName,
    custom: column.custom,
    options: column.options ?? [],
  };
}

/** @throws ServiceError 404 where there is no such set; the key is its name or its id */
export function requireGlobalSet(definition: SchemaDefinition, key: string): OptionSetDefinition {
  const wanted = key.toLowerCase();
  const found = globalSets(definition).find(
    (set) => set.name.toLowerCase() === wanted || set.metadataId === wanted,
  );
  if (found === undefined) throw metadataNotFound('the option set', key);
  return found;
}

export function createGlobalSet(environment: Environment, json: JsonObject): OptionSetDefinition {
  const name = textMember(json, 'Name');
  if (name === undefined) throw metadataMissing('Name');
  const logicalName = logicalNameOf(name);
  const { definition } = environment.schema;
  if (globalSets(definition).some((set) => set.name === logicalName)) throw optionSetExists(name);
  const set: OptionSetDefinition = {
    name: logicalName,
    metadataId: optionSetId(logicalName),
    displayName: labelMember(json, 'DisplayName') ?? name,
    custom: true,
    options: readOptions(json),
  };
  environment.replaceSchema({ ...definition, optionSets: [...(definition.optionSets ?? []), set] }, []);
  return set;
}

/** Labels and, where the body lists them, options are replaced; every column that uses the set follows. */
export function changeGlobalSet(environment: Environment, set: OptionSetDefinition, json: JsonObject): void {
  const listed = objectsMember(json, 'Options').length > 0;
  replaceGlobalSet(environment, {
    ...set,
    displayName: labelMember(json, 'DisplayName') ?? set.displayName,
    options: listed ? readOptions(json) : set.options,
  });
}

export function replaceGlobalSet(environment: Environment, set: OptionSetDefinition): void {
  const { definition } = environment.schema;
  const others = (definition.optionSets ?? []).filter((one) => one.name !== set.name);
  const users = tablesUsing(definition, set.name);
  environment.replaceSchema(
    {
      ...definition,
      optionSets: [...others, set],
      tables: definition.tables.map((table) =>
        users.includes(table.logicalName) ? withOptions(table, set.name, set.options) : table,
      ),
    },
    users,
  );
}

/** @throws ServiceError 400 `0x8004F01F` while columns use it */
export function deleteGlobalSet(environment: Environment, set: OptionSetDefinition): void {
  const { definition } = environment.schema;
  const users = tablesUsing(definition, set.name).length;
  if (users > 0 || !set.custom) throw inUse('OptionSet', set.metadataId, users);
  environment.replaceSchema(
    { ...definition, optionSets: (definition.optionSets ?? []).filter((one) => one.name !== set.name) },
    [],
  );
}

function tablesUsing(definition: SchemaDefinition, name: string): string[] {
  return definition.tables
    .filter((table) =>
      [...table.columns.values()].some(
        (column) => column.optionSetName === name && usesGlobalSet(table, column),
      ),
    )
    .map((table) => table.logicalName);
}

function withOptions(table: TableDefinition, name: string, options: readonly Option[]): TableDefinition {
  const columns = new Map(table.columns);
  for (const column of table.columns.values()) {
    if (column.optionSetName === name) columns.set(column.logicalName, { ...column, options });
  }
  return { ...table, columns };
}
