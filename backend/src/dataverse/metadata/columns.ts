import { numberText } from '../json/lossless.ts';
import type { Json } from '../web-api.ts';
import { child, flag, label, list, number, text, texts } from './fields.ts';
import type { ChoiceOption, ColumnKind, ColumnMetadata, DateBehavior } from './types.ts';

const kinds: Readonly<Record<string, ColumnKind>> = {
  StringType: 'text',
  MemoType: 'memo',
  IntegerType: 'integer',
  BigIntType: 'bigint',
  DecimalType: 'decimal',
  DoubleType: 'double',
  MoneyType: 'money',
  BooleanType: 'boolean',
  DateTimeType: 'datetime',
  PicklistType: 'choice',
  MultiSelectPicklistType: 'multiChoice',
  StateType: 'state',
  StatusType: 'status',
  LookupType: 'lookup',
  CustomerType: 'customer',
  OwnerType: 'owner',
  PartyListType: 'partyList',
  UniqueidentifierType: 'guid',
  ImageType: 'image',
  FileType: 'file',
  EntityNameType: 'entityName',
  ManagedPropertyType: 'managedProperty',
  CalendarRulesType: 'calendarRules',
};

/** What is not known here has no form that we could keep: `virtual`, left out and named. */
export function kindOfColumn(attribute: Json): ColumnKind {
  return kinds[text(child(attribute, 'AttributeTypeName'), 'Value') ?? ''] ?? 'virtual';
}

/** A column's options, which come from a cast of their own: see `details.ts`. */
export interface ColumnOptions {
  readonly options: readonly ChoiceOption[];
  readonly globalChoice?: string;
}

export function columnMetadata(attribute: Json, options: ColumnOptions | undefined): ColumnMetadata {
  const name = text(attribute, 'LogicalName') ?? '';
  return {
    name,
    schemaName: text(attribute, 'SchemaName') ?? name,
    id: (text(attribute, 'MetadataId') ?? '').toLowerCase(),
    kind: kindOfColumn(attribute),
    label: label(attribute, 'DisplayName') ?? name,
    validForRead: flag(attribute, 'IsValidForRead'),
    validForCreate: flag(attribute, 'IsValidForCreate'),
    validForUpdate: flag(attribute, 'IsValidForUpdate'),
    validOData: flag(attribute, 'IsValidODataAttribute'),
    isPrimaryId: flag(attribute, 'IsPrimaryId'),
    isPrimaryName: flag(attribute, 'IsPrimaryName'),
    custom: flag(attribute, 'IsCustomAttribute'),
    attributeOf: text(attribute, 'AttributeOf'),
    required: requiredOf(attribute),
    secured: flag(attribute, 'IsSecured'),
    source: sources[number(attribute, 'SourceType') ?? 0] ?? 'simple',
    ...typeFacts(attribute),
    ...options,
  };
}

const sources: Readonly<Record<number, ColumnMetadata['source']>> = {
  1: 'calculated',
  2: 'rollup',
  3: 'formula',
};

function requiredOf(attribute: Json): ColumnMetadata['required'] {
  switch (text(child(attribute, 'RequiredLevel'), 'Value')) {
    case 'SystemRequired':
      return 'system';
    case 'ApplicationRequired':
      return 'application';
    case 'Recommended':
      return 'recommended';
    default:
      return 'none';
  }
}

/** Only what the attribute has: an absent fact stays absent. */
function typeFacts(attribute: Json): Partial<ColumnMetadata> {
  const facts = {
    maxLength: number(attribute, 'MaxLength'),
    format: text(child(attribute, 'FormatName'), 'Value') ?? text(attribute, 'Format') ?? undefined,
    autoNumberFormat: text(attribute, 'AutoNumberFormat') ?? undefined,
    precision: number(attribute, 'Precision'),
    precisionSource: number(attribute, 'PrecisionSource'),
    minValue: numberText(attribute['MinValue']),
    maxValue: numberText(attribute['MaxValue']),
    calculationOf: text(attribute, 'CalculationOf') ?? undefined,
    dateBehavior: behaviors[text(child(attribute, 'DateTimeBehavior'), 'Value') ?? ''],
    targets: Array.isArray(attribute['Targets']) ? texts(attribute, 'Targets') : undefined,
    maxSizeKb: number(attribute, 'MaxSizeInKB'),
    primaryImage: 'IsPrimaryImage' in attribute ? flag(attribute, 'IsPrimaryImage') : undefined,
    canStoreFullImage: 'CanStoreFullImage' in attribute ? flag(attribute, 'CanStoreFullImage') : undefined,
  };
  return definedOnly(facts);
}

/** Values that are there, so that a column's facts are the same whether they were asked for or kept as JSON. */
function definedOnly(facts: {
  readonly [K in keyof ColumnMetadata]?: ColumnMetadata[K] | undefined;
}): Partial<ColumnMetadata> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

const behaviors: Readonly<Record<string, DateBehavior>> = {
  UserLocal: 'userLocal',
  DateOnly: 'dateOnly',
  TimeZoneIndependent: 'timeZoneIndependent',
};

/** Of an option set, local or global; booleans have two options with names. Undefined: none in this answer. */
export function optionsOf(attribute: Json): readonly ChoiceOption[] | undefined {
  for (const name of ['OptionSet', 'GlobalOptionSet']) {
    const set = child(attribute, name);
    const options = [...list(set, 'Options'), ...twoOptions(set)];
    if (options.length > 0) return options.map(optionOf);
  }
  return undefined;
}

/** Undefined: the column has options of its own, or none. */
export function globalChoiceOf(attribute: Json): string | undefined {
  const sets = ['OptionSet', 'GlobalOptionSet'].map((name) => child(attribute, name));
  const global = sets.find((set) => flag(set, 'IsGlobal'));
  return global === undefined ? undefined : (text(global, 'Name') ?? undefined);
}

function twoOptions(set: Json): Json[] {
  const [no, yes] = [child(set, 'FalseOption'), child(set, 'TrueOption')];
  return 'Value' in no && 'Value' in yes ? [no, yes] : [];
}

function optionOf(option: Json): ChoiceOption {
  const [state, defaultStatus] = [number(option, 'State'), number(option, 'DefaultStatus')];
  const value = number(option, 'Value') ?? 0;
  return {
    value,
    label: label(option, 'Label') ?? String(value),
    ...(state === undefined ? {} : { state }),
    ...(defaultStatus === undefined ? {} : { defaultStatus }),
  };
}
