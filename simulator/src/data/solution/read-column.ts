import type { ColumnDefinition, ColumnType, Option } from '../../model/definitions.ts';
import { choice, defineColumn, type ColumnDraft } from '../define-column.ts';
import { SolutionError } from './solution-error.ts';
import { child, children, textOf, type XmlElement } from './xml-tree.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  nvarchar: 'StringType',
  ntext: 'MemoType',
  int: 'IntegerType',
  bigint: 'BigIntType',
  decimal: 'DecimalType',
  float: 'DoubleType',
  money: 'MoneyType',
  bit: 'BooleanType',
  datetime: 'DateTimeType',
  picklist: 'PicklistType',
  multiselectpicklist: 'MultiSelectPicklistType',
  state: 'StateType',
  status: 'StatusType',
  lookup: 'LookupType',
  customer: 'CustomerType',
  owner: 'OwnerType',
  partylist: 'PartyListType',
  primarykey: 'UniqueidentifierType',
  uniqueidentifier: 'UniqueidentifierType',
  image: 'ImageType',
  file: 'FileType',
  virtual: 'VirtualType',
  managedproperty: 'ManagedPropertyType',
};

const LEVELS: Readonly<Record<string, ColumnDefinition['requiredLevel']>> = {
  none: 'None',
  recommended: 'Recommended',
  required: 'ApplicationRequired',
  systemrequired: 'SystemRequired',
};
const FORMATS: Readonly<Record<string, string>> = {
  text: 'Text',
  textarea: 'TextArea',
  email: 'Email',
  url: 'Url',
  phone: 'Phone',
  tickersymbol: 'TickerSymbol',
  date: 'DateOnly',
  datetime: 'DateAndTime',
  duration: 'Duration',
};
const BEHAVIORS = { '1': 'UserLocal', '2': 'DateOnly', '3': 'TimeZoneIndependent' } as const;

/** What the columns of a table share: where lookups lead, and the choices that several columns use. */
export interface ColumnContext {
  readonly table: string;
  readonly targets: ReadonlyMap<string, readonly string[]>;
  readonly globalChoices: ReadonlyMap<string, XmlElement>;
}

/** One `<attribute>` of `customizations.xml`. */
export function readColumn(
  node: XmlElement,
  { table, targets, globalChoices }: ColumnContext,
): ColumnDefinition {
  const name = (textOf(node, 'LogicalName') ?? textOf(node, 'Name') ?? '').toLowerCase();
  const type = TYPES[textOf(node, 'Type') ?? ''];
  if (!type || name === '') {
    throw new SolutionError(
      'solution-unsupported',
      `Table ${table} has a column ${name || 'without a name'} of the unknown type ${textOf(node, 'Type') ?? '(none)'}`,
      'Leave the column out of the solution, or report the type.',
    );
  }
  const flag = (tag: string, otherwise: boolean): boolean =>
    (textOf(node, tag) ?? (otherwise ? '1' : '0')) === '1';
  const label = labelOf(child(node, 'displaynames'), 'displayname');
  const sourceType = Number(textOf(node, 'SourceType') ?? 0);
  return defineColumn(table, {
    name,
    type,
    schemaName: node.attributes['PhysicalName'] ?? name,
    custom: flag('IsCustomField', false),
    requiredLevel: LEVELS[textOf(node, 'RequiredLevel') ?? 'none'] ?? 'None',
    validForRead: flag('ValidForReadApi', true),
    ...(label === undefined ? {} : { displayName: label }),
    ...(flag('IsSecured', false) ? { secured: true } : {}),
    // Computed columns say so by their source type, whatever their flags.
    ...(sourceType === 1 || sourceType === 2 || sourceType === 3 ? { sourceType } : {}),
    ...writePart(type, name, flag, sourceType !== 0),
    ...typePart(type, name, node, targets),
    ...choicePart(type, table, name, node, globalChoices),
  });
}

function writePart(
  type: ColumnType,
  name: string,
  flag: (tag: string, otherwise: boolean) => boolean,
  computed: boolean,
): Partial<ColumnDraft> {
  if (computed || type === 'FileType') return { validForCreate: false, validForUpdate: false };
  return {
    validForCreate: flag('ValidForCreateApi', true) && name !== 'statecode',
    validForUpdate: flag('ValidForUpdateApi', true),
  };
}

function typePart(
  type: ColumnType,
  name: string,
  node: XmlElement,
  targets: ColumnContext['targets'],
): Partial<ColumnDraft> {
  const number = (tag: string): number | undefined => {
    const text = textOf(node, tag);
    return text === undefined ? undefined : Number(text);
  };
  const format = FORMATS[textOf(node, 'Format')?.toLowerCase() ?? ''];
  const part: Partial<ColumnDraft> = format === undefined ? {} : { format };
  const maxLength = number('MaxLength');
  const autoNumberFormat = textOf(node, 'AutoNumberFormat');
  const calculationOf = textOf(node, 'CalculationOf')?.toLowerCase();
  switch (type) {
    case 'StringType':
    case 'MemoType':
      return {
        ...part,
        ...(maxLength === undefined ? {} : { maxLength }),
        ...(autoNumberFormat === undefined ? {} : { autoNumberFormat }),
      };
    case 'IntegerType':
    case 'BigIntType':
    case 'DecimalType':
    case 'DoubleType':
    case 'MoneyType':
      return { ...part, ...boundsPart(node), ...(calculationOf === undefined ? {} : { calculationOf }) };
    case 'DateTimeType':
      return {
        ...part,
        dateBehavior: BEHAVIORS[(textOf(node, 'Behavior') ?? '1') as keyof typeof BEHAVIORS],
      }; // the schema knows 1 to 3
    case 'LookupType':
    case 'CustomerType':
      return { targets: targets.get(name) ?? (type === 'CustomerType' ? ['account', 'contact'] : []) };
    case 'OwnerType':
      return { targets: ['systemuser', 'team'] };
    case 'ImageType':
      return {
        primaryImage: textOf(node, 'IsPrimaryImage') === '1',
        canStoreFullImage: textOf(node, 'CanStoreFullImage') === '1',
        maxSizeKb: number('MaxSizeInKB') ?? 10_240,
      };
    case 'FileType':
      return { maxSizeKb: number('MaxSizeInKB') ?? number('MaxValue') ?? 32_768 };
    default:
      return {};
  }
}

function boundsPart(node: XmlElement): Partial<ColumnDraft> {
  const [minValue, maxValue, accuracy] = [
    textOf(node, 'MinValue'),
    textOf(node, 'MaxValue'),
    textOf(node, 'Accuracy'),
  ];
  return {
    ...(minValue === undefined ? {} : { minValue }),
    ...(maxValue === undefined ? {} : { maxValue }),
    ...(accuracy === undefined ? {} : { precision: Number(accuracy) }),
  };
}

function choicePart(
  type: ColumnType,
  table: string,
  name: string,
  node: XmlElement,
  globals: ColumnContext['globalChoices'],
): Partial<ColumnDraft> {
  const globalName = textOf(node, 'OptionSetName');
  const set = child(node, 'optionset') ?? (globalName === undefined ? undefined : globals.get(globalName));
  if (!set) return type === 'PicklistType' || type === 'MultiSelectPicklistType' ? { options: [] } : {};
  const value = textOf(node, 'AppDefaultValue');
  const options = optionsOf(set);
  return {
    options,
    optionSetName: set.attributes['Name'] ?? `${table}_${name}`,
    ...(value === undefined || value === '-1'
      ? {}
      : { defaultValue: type === 'BooleanType' ? value === '1' : Number(value) }),
  };
}

function optionsOf(set: XmlElement): Option[] {
  const label = (node: XmlElement): string =>
    labelOf(child(node, 'labels'), 'label') ?? node.attributes['value'] ?? '';
  const number = (text: string | undefined): number => Number(text ?? 0);
  return [
    ...children(set, 'options', 'option').map((node) =>
      choice(number(node.attributes['value']), label(node)),
    ),
    ...children(set, 'states', 'state').map((node) =>
      choice(number(node.attributes['value']), label(node), {
        defaultStatus: number(node.attributes['defaultstatus']),
        invariantName: node.attributes['invariantname'] ?? label(node),
      }),
    ),
    ...children(set, 'statuses', 'status').map((node) =>
      choice(number(node.attributes['value']), label(node), { state: number(node.attributes['state']) }),
    ),
  ].sort((a, b) => a.value - b.value);
}

/** The English text, else the first. */
export function labelOf(parent: XmlElement | undefined, name: string): string | undefined {
  const labels = children(parent, name);
  const found = labels.find((label) => label.attributes['languagecode'] === '1033') ?? labels[0];
  return found?.attributes['description'];
}
