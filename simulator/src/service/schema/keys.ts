import type { KeyDefinition, TableDefinition } from '../../model/definitions.ts';
import { textOf } from '../../store/values.ts';
import type { Environment } from '../environment.ts';
import { isList, textMember, type JsonObject } from '../json.ts';
import { withTable } from './edit-definition.ts';
import { logicalNameOf } from './names.ts';
import { badKey, keyColumnsExist, keyNameExists, metadataMissing, notForElastic } from './schema-errors.ts';

const KEY_TYPES = new Set([
  'StringType',
  'IntegerType',
  'DecimalType',
  'DateTimeType',
  'LookupType',
  'CustomerType',
  'PicklistType',
]);
const MAX_COLUMNS = 16;

/** A new alternate key. The index is built at once; it fails where rows share values, as the background job would. */
export function createKey(environment: Environment, table: TableDefinition, json: JsonObject): KeyDefinition {
  const schemaName = textMember(json, 'SchemaName');
  if (schemaName === undefined) throw metadataMissing('SchemaName');
  if (table.tableType === 'Elastic') throw notForElastic('An alternate key', table.logicalName);
  const logicalName = logicalNameOf(schemaName);
  const columns = columnsOf(table, json);
  if (table.keys.some((key) => key.logicalName === logicalName))
    throw keyNameExists(schemaName, table.logicalName);
  if (table.keys.some((key) => sameColumns(key.columns, columns))) throw keyColumnsExist();
  const failed = hasDuplicates(environment, table, columns);
  const key: KeyDefinition = {
    logicalName,
    schemaName,
    metadataId: environment.newId(),
    columns,
    ...(failed ? { indexStatus: 'Failed' } : {}),
  };
  replaceKeys(environment, table, [...table.keys, key]);
  return key;
}

export function deleteKey(environment: Environment, table: TableDefinition, key: KeyDefinition): void {
  replaceKeys(
    environment,
    table,
    table.keys.filter((one) => one !== key),
  );
}

function replaceKeys(environment: Environment, table: TableDefinition, keys: readonly KeyDefinition[]): void {
  environment.replaceSchema(withTable(environment.schema.definition, { ...table, keys }), [
    table.logicalName,
  ]);
}

function columnsOf(table: TableDefinition, json: JsonObject): readonly string[] {
  const given = json['KeyAttributes'];
  const names = isList(given) ? given.filter((name) => typeof name === 'string') : [];
  if (names.length === 0 || names.length > MAX_COLUMNS)
    throw badKey(`a key has 1 to ${MAX_COLUMNS} attributes`);
  for (const name of names) {
    const column = table.columns.get(name);
    if (column === undefined || !KEY_TYPES.has(column.type) || column.secured === true)
      throw badKey(`the attribute ${name} cannot be part of a key`);
  }
  return names;
}

function sameColumns(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

function hasDuplicates(
  environment: Environment,
  table: TableDefinition,
  columns: readonly string[],
): boolean {
  const seen = new Set<string>();
  for (const row of environment.database.store(table.logicalName).values()) {
    const texts = columns.map((name) => textOf(row.values[name])?.toLowerCase());
    if (texts.includes(undefined)) continue;
    const key = JSON.stringify(texts);
    if (seen.has(key)) return true;
    seen.add(key);
  }
  return false;
}
