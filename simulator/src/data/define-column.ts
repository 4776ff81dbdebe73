import type { ColumnDefinition, ColumnType, Option } from '../model/definitions.ts';
import { stableId } from './stable-id.ts';

/** What a maker decides about a column; the rest follows from the type. */
export type ColumnDraft = Partial<Omit<ColumnDefinition, 'logicalName' | 'columnNumber'>> & {
  readonly name: string;
  readonly type: ColumnType;
};

/** Types that only make sense together with another column or are filled by the service. */
const READ_ONLY_TYPES: ReadonlySet<ColumnType> = new Set([
  'FileType',
  'CalendarRulesType',
  'ManagedPropertyType',
]);

/** A column with everything that the draft leaves open. The number is given when the table is put together. */
export function defineColumn(table: string, draft: ColumnDraft): ColumnDefinition {
  const { name, ...given } = draft;
  const writable = !READ_ONLY_TYPES.has(draft.type) && (draft.sourceType ?? 0) === 0;
  return {
    logicalName: name,
    schemaName: name,
    metadataId: stableId('column', table, name),
    displayName: given.schemaName ?? name,
    requiredLevel: 'None',
    validForCreate: writable && draft.type !== 'StateType',
    validForRead: true,
    validForUpdate: writable,
    validOData: true,
    custom: false,
    ...usualOf(draft.type),
    ...given,
    columnNumber: 0,
  };
}

function usualOf(type: ColumnType): Partial<ColumnDefinition> {
  switch (type) {
    case 'StringType':
      return { maxLength: 100, format: 'Text' };
    case 'MemoType':
      return { maxLength: 2000, format: 'TextArea' };
    case 'IntegerType':
      return { minValue: '-2147483648', maxValue: '2147483647', format: 'None' };
    case 'BigIntType':
      return { minValue: '-9223372036854775808', maxValue: '9223372036854775807' };
    case 'DecimalType':
      return { precision: 2, minValue: '-100000000000', maxValue: '100000000000' };
    case 'DoubleType':
      return { precision: 5, minValue: '-100000000000', maxValue: '100000000000' };
    case 'MoneyType':
      return { precision: 2, minValue: '-922337203685477', maxValue: '922337203685477' };
    case 'DateTimeType':
      return { dateBehavior: 'UserLocal', format: 'DateAndTime' };
    case 'BooleanType':
      return { options: [choice(0, 'No'), choice(1, 'Yes')], defaultValue: false };
    case 'PartyListType':
    case 'CalendarRulesType':
    case 'VirtualType':
      return { validOData: false };
    case 'ImageType':
      return { maxSizeKb: 10240, primaryImage: false, canStoreFullImage: false };
    case 'FileType':
      return { maxSizeKb: 32768 };
    default:
      return {};
  }
}

export function choice(value: number, label: string, extra: Partial<Option> = {}): Option {
  return { value, label, ...extra };
}

const NAMED: ReadonlySet<ColumnType> = new Set([
  'PicklistType',
  'MultiSelectPicklistType',
  'BooleanType',
  'StateType',
  'StatusType',
]);
const LOOKUPS: ReadonlySet<ColumnType> = new Set(['LookupType', 'CustomerType', 'OwnerType']);

/**
 * The columns that stand beside another one in the metadata and never appear as properties: `<col>name`,
 * `<col>yominame` and `<col>type` (dataverse metadata: `AttributeOf` set, `IsValidODataAttribute` false).
 */
export function nameCompanions(table: string, column: ColumnDefinition): ColumnDefinition[] {
  const { logicalName, schemaName, custom } = column;
  const beside = (suffix: string, schemaSuffix: string, type: ColumnType): ColumnDefinition =>
    defineColumn(table, {
      name: logicalName + suffix,
      schemaName: schemaName + schemaSuffix,
      displayName: '',
      type,
      custom,
      attributeOf: logicalName,
      validForCreate: false,
      validForUpdate: false,
      validOData: false,
    });
  if (column.attributeOf !== undefined) return [];
  if (NAMED.has(column.type)) return [beside('name', 'Name', 'VirtualType')];
  if (!LOOKUPS.has(column.type)) return [];
  const text = [beside('name', 'Name', 'StringType'), beside('yominame', 'YomiName', 'StringType')];
  return (column.targets?.length ?? 0) > 1 ? [...text, beside('type', 'Type', 'EntityNameType')] : text;
}
