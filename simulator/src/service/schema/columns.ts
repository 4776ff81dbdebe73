import { defineColumn, nameCompanions } from '../../data/define-column.ts';
import { lookupRelationship, systemRelationships } from '../../data/define-table.ts';
import type { ColumnDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import { isLookup } from '../../model/schema.ts';
import type { Environment } from '../environment.ts';
import { badRequest } from '../errors.ts';
import { textMember, type JsonObject } from '../json.ts';
import { columnsWith, nextColumnNumber, withColumns, withoutColumn, withTable } from './edit-definition.ts';
import { classOf, objectMember } from './metadata-json.ts';
import { logicalNameOf } from './names.ts';
import { requireGlobalSet } from './option-sets.ts';
import { creatableType, readColumnSettings, readOptions } from './read-column.ts';
import { changeStoredDates, dropColumnValues } from './stored-values.ts';
import {
  columnExists,
  inUse,
  metadataMissing,
  notCustomizable,
  notForElastic,
  primaryName,
} from './schema-errors.ts';

/** Types that elastic tables do not have. */
const NOT_ELASTIC: ReadonlySet<ColumnDefinition['type']> = new Set(['MoneyType', 'FileType', 'ImageType']);

/** A new column as `…/Attributes` takes it. @throws ServiceError 400 `0x80047013` where the name is taken */
export function createColumn(
  environment: Environment,
  table: TableDefinition,
  json: JsonObject,
): ColumnDefinition {
  const column = newColumn(environment, table, json);
  environment.replaceSchema(addColumn(environment.schema.definition, table, column), [table.logicalName]);
  return column;
}

/** The column that a metadata object describes, without putting it anywhere. */
export function newColumn(
  environment: Environment,
  table: TableDefinition,
  json: JsonObject,
): ColumnDefinition {
  const schemaName = textMember(json, 'SchemaName');
  if (schemaName === undefined) throw metadataMissing('SchemaName');
  const type = creatableType(json);
  const name = logicalNameOf(schemaName);
  if (table.columns.has(name)) throw columnExists(schemaName);
  const settings = readColumnSettings(json, type);
  if (table.tableType === 'Elastic' && (NOT_ELASTIC.has(type) || (settings.sourceType ?? 0) !== 0))
    throw notForElastic(`A column of type ${type}`, table.logicalName);
  return defineColumn(table.logicalName, {
    ...settings,
    ...choicesOf(environment, table, name, type, json),
    name,
    schemaName,
    type,
    custom: true,
    metadataId: environment.newId(),
  });
}

function choicesOf(
  environment: Environment,
  table: TableDefinition,
  name: string,
  type: ColumnDefinition['type'],
  json: JsonObject,
): Partial<ColumnDefinition> {
  if (type !== 'PicklistType' && type !== 'MultiSelectPicklistType') return {};
  const global = globalSetName(environment, json);
  if (global !== undefined) return global;
  const own = objectMember(json, 'OptionSet');
  if (own === undefined) throw metadataMissing('OptionSet');
  return { options: readOptions(own), optionSetName: `${table.logicalName}_${name}` };
}

/** `GlobalOptionSet@odata.bind`, or an option set that says it is global and gives its name. */
function globalSetName(environment: Environment, json: JsonObject): Partial<ColumnDefinition> | undefined {
  const bound = textMember(json, 'GlobalOptionSet@odata.bind');
  const key = bound === undefined ? undefined : /\((?:Name=)?'?([^')]+)'?\)/.exec(bound)?.[1];
  const set = objectMember(json, 'OptionSet');
  const name = key ?? (set?.['IsGlobal'] === true ? textMember(set, 'Name') : undefined);
  if (name === undefined) return undefined;
  const found = requireGlobalSet(environment.schema.definition, name);
  return { options: found.options, optionSetName: found.name };
}

/** The table with the column and everything that comes along: names, base currency, state of a rollup, files. */
export function addColumn(
  definition: SchemaDefinition,
  table: TableDefinition,
  column: ColumnDefinition,
): SchemaDefinition {
  const columns = new Map(table.columns);
  const put = (one: ColumnDefinition) => {
    if (columns.has(one.logicalName)) return;
    columns.set(one.logicalName, { ...one, columnNumber: nextColumnNumber({ ...table, columns }) });
  };
  for (const one of [column, ...accompanying(table, column)]) {
    put(one);
    for (const companion of nameCompanions(table.logicalName, one)) put(companion);
  }
  const image =
    column.type === 'ImageType' && table.primaryImage === null ? column.logicalName : table.primaryImage;
  const changed = { ...table, columns, primaryImage: image };
  const known = new Set(definition.oneToMany.map((one) => one.schemaName));
  const added = [...systemRelationships(changed), ...fileRelationships(changed)];
  return {
    ...withTable(definition, changed),
    oneToMany: [...definition.oneToMany, ...added.filter((one) => !known.has(one.schemaName))],
  };
}

/** Columns that the platform makes for others: the base amount and currency of money, the bookkeeping of rollups. */
function accompanying(table: TableDefinition, column: ColumnDefinition): readonly ColumnDefinition[] {
  const readOnly = { validForCreate: false, validForUpdate: false };
  const make = (draft: Parameters<typeof defineColumn>[1]) => defineColumn(table.logicalName, draft);
  const { logicalName: name, schemaName } = column;
  if (column.sourceType === 2) {
    return [
      make({
        name: `${name}_date`,
        schemaName: `${schemaName}_Date`,
        type: 'DateTimeType',
        custom: true,
        ...readOnly,
      }),
      make({
        name: `${name}_state`,
        schemaName: `${schemaName}_State`,
        type: 'IntegerType',
        custom: true,
        ...readOnly,
      }),
    ];
  }
  if (column.type !== 'MoneyType') return [];
  return [
    make({
      name: `${name}_base`,
      schemaName: `${schemaName}_Base`,
      type: 'MoneyType',
      custom: true,
      calculationOf: name,
      ...readOnly,
    }),
    make({
      name: 'transactioncurrencyid',
      schemaName: 'TransactionCurrencyId',
      displayName: 'Currency',
      type: 'LookupType',
      targets: ['transactioncurrency'],
    }),
    make({
      name: 'exchangerate',
      schemaName: 'ExchangeRate',
      type: 'DecimalType',
      precision: 12,
      ...readOnly,
    }),
  ];
}

function fileRelationships(table: TableDefinition) {
  const files = [...table.columns.values()].some((column) => column.type === 'FileType');
  if (!files) return [];
  return [
    lookupRelationship({
      schemaName: `${table.logicalName}_fileattachment_objectid`,
      parent: table.logicalName,
      parentId: table.primaryId,
      child: 'fileattachment',
      column: 'objectid',
      navigation: `objectid_${table.logicalName}`,
      cascade: { delete: 'Cascade' },
    }),
  ];
}

/** A column as `PUT …/Attributes(…)` wants it: what the body does not name stays as it is. */
export function changeColumn(
  environment: Environment,
  table: TableDefinition,
  column: ColumnDefinition,
  json: JsonObject,
): void {
  refuseOtherType(column, json);
  const { dateBehavior, ...settings } = readColumnSettings(json, column.type);
  const changed: ColumnDefinition = { ...column, ...settings };
  const columns = new Map(table.columns).set(column.logicalName, changed);
  const definition = withColumns(environment.schema.definition, table.logicalName, columns);
  environment.replaceSchema(definition, [table.logicalName]);
  if (dateBehavior !== undefined && dateBehavior !== column.dateBehavior)
    changeBehavior(environment, table.logicalName, changed, dateBehavior);
}

function refuseOtherType(column: ColumnDefinition, json: JsonObject): void {
  const type = classOf(json);
  if (type === undefined || type === 'AttributeMetadata') return;
  const own = isLookup(column)
    ? 'LookupAttributeMetadata'
    : `${column.type.replace(/Type$/, '')}AttributeMetadata`;
  if (type === own) return;
  throw badRequest(
    `The type of the attribute ${column.logicalName} cannot be changed to ${type}.`,
    '0x80040203',
  );
}

/**
 * Only a custom column of the user's local time can get another behaviour, and it can never go back. What is stored
 * stays: it is read as the new behaviour reads it, so a day can differ from the one that users saw.
 */
function changeBehavior(
  environment: Environment,
  tableName: string,
  column: ColumnDefinition,
  behavior: NonNullable<ColumnDefinition['dateBehavior']>,
): void {
  const allowed = column.custom && (column.dateBehavior ?? 'UserLocal') === 'UserLocal';
  if (!allowed) throw badRequest("The Behavior value of this attribute can't be changed.", '0x800608a1');
  const table = environment.schema.table(tableName);
  if (table === undefined) return;
  const changed = {
    ...column,
    dateBehavior: behavior,
    format: behavior === 'DateOnly' ? 'DateOnly' : (column.format ?? 'DateAndTime'),
  };
  const columns = new Map(table.columns).set(column.logicalName, changed);
  environment.replaceSchema(withColumns(environment.schema.definition, tableName, columns), [tableName]);
  changeStoredDates(environment, tableName, column.logicalName, behavior);
}

/** Takes a custom column away with its values. @throws ServiceError 400 where something rests on it */
export function deleteColumn(
  environment: Environment,
  table: TableDefinition,
  column: ColumnDefinition,
): void {
  const { logicalName: name, metadataId } = column;
  if (name === table.primaryName) throw primaryName();
  if (!column.custom || column.attributeOf !== undefined || name === table.primaryId)
    throw notCustomizable(
      column.schemaName,
      metadataId,
      'Delete',
      "Property: 'IsCustomizable', Value: 'False'",
    );
  const keys = table.keys.filter((key) => key.columns.includes(name)).length;
  if (keys > 0) throw inUse('Attribute', metadataId, keys);
  const gone = columnsWith(table, name);
  dropColumnValues(environment, table, gone);
  const without = withoutColumn(environment.schema.definition, table.logicalName, name);
  const definition =
    table.primaryImage === name
      ? {
          ...without,
          tables: without.tables.map((one) =>
            one.logicalName === table.logicalName ? { ...one, primaryImage: null } : one,
          ),
        }
      : without;
  environment.replaceSchema(definition, [table.logicalName]);
}
