import { choice } from '../../data/define-column.ts';
import type { ColumnDefinition, ColumnType, Option } from '../../model/definitions.ts';
import { badRequest } from '../errors.ts';
import { numberText, textMember, type JsonObject } from '../json.ts';
import {
  booleanValue,
  classOf,
  defined,
  integerMember,
  labelMember,
  objectMember,
  objectsMember,
  textValue,
} from './metadata-json.ts';

/** Types that clients may create by `…/Attributes`; lookups come with their relationship. */
const CREATABLE: Readonly<Record<string, ColumnType>> = {
  StringAttributeMetadata: 'StringType',
  MemoAttributeMetadata: 'MemoType',
  IntegerAttributeMetadata: 'IntegerType',
  BigIntAttributeMetadata: 'BigIntType',
  DecimalAttributeMetadata: 'DecimalType',
  DoubleAttributeMetadata: 'DoubleType',
  MoneyAttributeMetadata: 'MoneyType',
  BooleanAttributeMetadata: 'BooleanType',
  DateTimeAttributeMetadata: 'DateTimeType',
  PicklistAttributeMetadata: 'PicklistType',
  MultiSelectPicklistAttributeMetadata: 'MultiSelectPicklistType',
  ImageAttributeMetadata: 'ImageType',
  FileAttributeMetadata: 'FileType',
};

/** @throws ServiceError 400 where the class is missing or cannot be created this way */
export function creatableType(json: JsonObject): ColumnType {
  const name = classOf(json);
  const type = name === undefined ? undefined : CREATABLE[name];
  if (type !== undefined) return type;
  throw badRequest(
    name === 'LookupAttributeMetadata'
      ? 'Lookup attributes are created along with their relationship.'
      : `Attributes of type '${name ?? ''}' cannot be created.`,
    '0x80040203',
  );
}

export type ColumnSettings = Partial<
  Omit<ColumnDefinition, 'logicalName' | 'type' | 'columnNumber' | 'metadataId'>
>;

/** What a metadata object says about a column; the same members count for making and for changing one. */
export function readColumnSettings(json: JsonObject, type: ColumnType): ColumnSettings {
  return defined<ColumnSettings>({
    displayName: labelMember(json, 'DisplayName'),
    requiredLevel: requiredLevel(json),
    secured: booleanValue(json, 'IsSecured'),
    sourceType: sourceType(json),
    maxLength: integerMember(json, 'MaxLength'),
    precision: integerMember(json, 'Precision'),
    minValue: bound(json, 'MinValue'),
    maxValue: bound(json, 'MaxValue'),
    format: textValue(json, 'FormatName') ?? textMember(json, 'Format'),
    dateBehavior: type === 'DateTimeType' ? dateBehavior(json) : undefined,
    autoNumberFormat: textMember(json, 'AutoNumberFormat'),
    maxSizeKb: integerMember(json, 'MaxSizeInKB'),
    canStoreFullImage: booleanValue(json, 'CanStoreFullImage'),
    primaryImage: booleanValue(json, 'IsPrimaryImage'),
    defaultValue: type === 'BooleanType' ? booleanValue(json, 'DefaultValue') : defaultChoice(json),
    options: type === 'BooleanType' ? booleanOptions(json) : undefined,
  });
}

/** Custom columns can never be required by the system. */
function requiredLevel(json: JsonObject): ColumnDefinition['requiredLevel'] | undefined {
  const level = textValue(json, 'RequiredLevel');
  if (level === undefined || level === 'SystemRequired') return undefined;
  return level === 'ApplicationRequired' || level === 'Recommended' ? level : 'None';
}

function sourceType(json: JsonObject): ColumnDefinition['sourceType'] {
  const value = integerMember(json, 'SourceType');
  return value === 1 || value === 2 || value === 3 ? value : undefined;
}

/** Bounds arrive as doubles (`100000000000.0`); the fraction is dropped where it says nothing. */
function bound(json: JsonObject, name: string): string | undefined {
  return numberText(json[name])?.replace(/\.0+$/, '');
}

function dateBehavior(json: JsonObject): ColumnDefinition['dateBehavior'] {
  const value = textValue(json, 'DateTimeBehavior');
  return value === 'UserLocal' || value === 'DateOnly' || value === 'TimeZoneIndependent' ? value : undefined;
}

function defaultChoice(json: JsonObject): number | undefined {
  const value = integerMember(json, 'DefaultFormValue');
  return value === undefined || value < 0 ? undefined : value;
}

function booleanOptions(json: JsonObject): readonly Option[] | undefined {
  const set = objectMember(json, 'OptionSet');
  if (set === undefined) return undefined;
  const named = (name: string, value: number, text: string): Option =>
    choice(value, labelMember(objectMember(set, name) ?? {}, 'Label') ?? text);
  return [named('FalseOption', 0, 'No'), named('TrueOption', 1, 'Yes')];
}

/** Options of a set; those without a number get the next one of the publisher's range. */
export function readOptions(set: JsonObject): readonly Option[] {
  const options: Option[] = [];
  for (const json of objectsMember(set, 'Options')) {
    const value = integerMember(json, 'Value') ?? nextOptionValue(options);
    options.push(choice(value, labelMember(json, 'Label') ?? ''));
  }
  return options;
}

const FIRST_OPTION = 100_000_000;

export function nextOptionValue(options: readonly Option[]): number {
  return Math.max(FIRST_OPTION - 1, ...options.map((option) => option.value)) + 1;
}
