import { choice } from '../../data/define-column.ts';
import type { ColumnDefinition, Option, TableDefinition } from '../../model/definitions.ts';
import type { Environment } from '../environment.ts';
import { numberText, textMember, type JsonObject } from '../json.ts';
import { withColumns } from './edit-definition.ts';
import { integerMember, labelMember } from './metadata-json.ts';
import { replaceGlobalSet, requireGlobalSet } from './option-sets.ts';
import { nextOptionValue } from './read-column.ts';
import { defaultStatus, metadataNotFound, notAChoice, optionExists, optionUnknown } from './schema-errors.ts';

/** The set that an option message means: a global one by name, or that of one column. */
interface Target {
  readonly options: readonly Option[];
  readonly column: ColumnDefinition | undefined;
  readonly put: (options: readonly Option[]) => void;
}

/** `InsertOptionValue` and `InsertStatusValue`: the number of the new option. */
export function insertOption(environment: Environment, body: JsonObject, state?: number): number {
  const target = targetOf(environment, body);
  const given = integerMember(body, 'Value');
  const value = given ?? nextOptionValue(target.options);
  if (target.options.some((option) => option.value === value)) throw optionExists();
  const isStatus = target.column?.type === 'StatusType';
  if (isStatus !== (state !== undefined)) throw notAChoice();
  const label = labelMember(body, 'Label') ?? '';
  target.put([...target.options, choice(value, label, state === undefined ? {} : { state })]);
  return value;
}

export function updateOption(environment: Environment, body: JsonObject): void {
  const target = targetOf(environment, body);
  const value = requireOption(target, body);
  const label = labelMember(body, 'Label');
  target.put(
    target.options.map((option) =>
      option.value === value && label !== undefined ? { ...option, label } : option,
    ),
  );
}

/** Rows keep the number of an option that is gone. */
export function deleteOption(environment: Environment, body: JsonObject): void {
  const target = targetOf(environment, body);
  const value = requireOption(target, body);
  if (target.column?.type === 'StatusType' && isDefaultStatus(environment, body, value))
    throw defaultStatus();
  target.put(target.options.filter((option) => option.value !== value));
}

function requireOption(target: Target, body: JsonObject): number {
  const value = integerMember(body, 'Value');
  if (value === undefined || !target.options.some((option) => option.value === value))
    throw optionUnknown(Number(numberText(body['Value']) ?? Number.NaN));
  return value;
}

function isDefaultStatus(environment: Environment, body: JsonObject, value: number): boolean {
  const states = environment.schema
    .table(textMember(body, 'EntityLogicalName') ?? '')
    ?.columns.get('statecode');
  return states?.options?.some((state) => state.defaultStatus === value) === true;
}

const CHOICES = new Set([
  'PicklistType',
  'MultiSelectPicklistType',
  'StatusType',
  'StateType',
  'BooleanType',
]);

function targetOf(environment: Environment, body: JsonObject): Target {
  const { definition } = environment.schema;
  const name = textMember(body, 'OptionSetName');
  if (name !== undefined && name !== '') return globalTarget(environment, name);
  const tableName = textMember(body, 'EntityLogicalName') ?? '';
  const columnName = textMember(body, 'AttributeLogicalName') ?? '';
  const table = environment.schema.table(tableName);
  const column = table?.columns.get(columnName);
  if (table === undefined || column === undefined)
    throw metadataNotFound('the attribute', `${tableName}.${columnName}`);
  if (!CHOICES.has(column.type)) throw notAChoice();
  const setName = column.optionSetName;
  const local = setName === undefined || setName.startsWith(`${tableName}_`) || column.type === 'StatusType';
  if (!local) return { ...globalTarget(environment, setName), column };
  return {
    options: column.options ?? [],
    column,
    put: (options) => {
      environment.replaceSchema(withColumns(definition, tableName, replaced(table, column, options)), [
        tableName,
      ]);
    },
  };
}

function globalTarget(environment: Environment, name: string): Target {
  const set = requireGlobalSet(environment.schema.definition, name);
  return {
    options: set.options,
    column: undefined,
    put: (options) => replaceGlobalSet(environment, { ...set, options }),
  };
}

function replaced(table: TableDefinition, column: ColumnDefinition, options: readonly Option[]) {
  return new Map(table.columns).set(column.logicalName, { ...column, options });
}
