import type { ColumnDefinition, ColumnType, Option } from '../../model/definitions.ts';
import { choice, defineColumn, type ColumnDraft } from '../define-column.ts';
import type { Observed } from './observe.ts';
import { PackageError } from './package-error.ts';
import type { PackageField, PackageTable } from './read-package-schema.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  string: 'StringType',
  number: 'IntegerType',
  bigint: 'BigIntType',
  decimal: 'DecimalType',
  float: 'DoubleType',
  money: 'MoneyType',
  bool: 'BooleanType',
  datetime: 'DateTimeType',
  guid: 'UniqueidentifierType',
  entityreference: 'LookupType',
  owner: 'OwnerType',
  optionsetvalue: 'PicklistType',
  optionsetvaluecollection: 'MultiSelectPicklistType',
  state: 'StateType',
  status: 'StatusType',
  imagedata: 'ImageType',
  partylist: 'PartyListType',
};

/** Text longer than this, or of several lines, makes a column a memo. */
const LONGEST_STRING = 850;
const MEMO_LENGTH = 1_048_576;

/** The column behind a field of the package, with what can be known: type, label, targets, observed options. */
export function deriveColumn(
  table: PackageTable,
  field: PackageField,
  seen: Observed | undefined,
): ColumnDefinition {
  const type = TYPES[field.type];
  if (!type) {
    throw new PackageError(
      'package-schema-invalid',
      `Field ${table.name}.${field.name} has the unknown type ${field.type}`,
      'The field types of the Configuration Migration tool are known up to 2022; remove the field or report it.',
    );
  }
  return defineColumn(table.name, {
    name: field.name,
    schemaName: schemaCase(field.name, field.displayName),
    displayName: field.displayName,
    custom: field.custom,
    ...typePart(type, table, field, seen),
    ...rightsPart(table, field),
  });
}

function typePart(
  type: ColumnType,
  table: PackageTable,
  field: PackageField,
  seen: Observed | undefined,
): Pick<ColumnDraft, 'type'> & Partial<ColumnDraft> {
  switch (type) {
    case 'StringType':
      return seen && (seen.multiline || seen.longest > LONGEST_STRING)
        ? { type: 'MemoType', maxLength: MEMO_LENGTH }
        : { type, maxLength: LONGEST_STRING };
    case 'DecimalType':
      return { type, precision: Math.min(10, Math.max(2, seen?.scale ?? 0)) };
    case 'MoneyType':
      return field.name.endsWith('_base')
        ? { type, precision: 4, calculationOf: field.name.slice(0, -'_base'.length) }
        : { type, precision: Math.max(2, Math.min(4, seen?.scale ?? 2)) };
    case 'LookupType':
      return { type: isCustomer(field) ? 'CustomerType' : type, targets: targetsOf(field, seen) };
    case 'OwnerType':
      return { type, targets: ['systemuser', 'team'], requiredLevel: 'SystemRequired' };
    case 'PicklistType':
    case 'MultiSelectPicklistType':
      return { type, options: optionsOf([], seen), optionSetName: `${table.name}_${field.name}` };
    case 'ImageType':
      return { type, primaryImage: field.name === 'entityimage', canStoreFullImage: true };
    default:
      return { type };
  }
}

/** `customer` lookups are named so; a lookup that merely lists accounts and contacts stays a lookup. */
function isCustomer(field: PackageField): boolean {
  return [...field.targets].sort().join() === 'account,contact' && /customer/.test(field.name);
}

export function targetsOf(field: PackageField, seen: Observed | undefined): string[] {
  return [...new Set([...field.targets, ...(seen?.targets ?? [])])].sort();
}

/** Options known so far plus those met in the data, which carries no labels. */
export function optionsOf(known: readonly Option[], seen: Observed | undefined): Option[] {
  const values = new Set(known.map((option) => option.value));
  const added = [...(seen?.numbers ?? [])]
    .filter((value) => !values.has(value) && value !== -1)
    .sort((a, b) => a - b);
  return [...known, ...added.map((value) => choice(value, `Option ${value}`))];
}

/** A rollup column comes with `_date` and `_state`; it and they are computed. So is the base value of money. */
function rightsPart(table: PackageTable, field: PackageField): Partial<ColumnDraft> {
  const has = (name: string): boolean => table.fields.some((one) => one.name === name);
  const computed = { validForCreate: false, validForUpdate: false };
  if (has(`${field.name}_date`) && has(`${field.name}_state`)) return { ...computed, sourceType: 2 };
  const base = /^(.*)_(?:date|state)$/.exec(field.name)?.[1];
  if (base !== undefined && has(`${base}_date`) && has(`${base}_state`) && has(base)) return computed;
  if (
    /^(entityimageid|entityimage_url|entityimage_timestamp|exchangerate|versionnumber)$|_base$|_composite$/.test(
      field.name,
    )
  ) {
    return field.name.startsWith('entityimage') ? { ...computed, attributeOf: 'entityimage' } : computed;
  }
  // The service derives both from the contact's customer and binds neither.
  if (table.name === 'contact' && /^(accountid|parentcontactid)$/.test(field.name)) return computed;
  if (field.name === table.primaryId) return { requiredLevel: 'SystemRequired', validForUpdate: false };
  return {};
}

/**
 * The package keeps logical names only. A maker's schema name is the display name without blanks behind the
 * prefix where that is the same word, else the first letter after the prefix is a capital.
 */
export function schemaCase(logicalName: string, displayName: string): string {
  const cut = logicalName.indexOf('_') + 1;
  const prefix = logicalName.slice(0, cut);
  const word = logicalName.slice(cut);
  const spoken = displayName.replace(/[^A-Za-z0-9_]/g, '');
  if (spoken.toLowerCase() === word) return prefix + spoken;
  return prefix + word.charAt(0).toUpperCase() + word.slice(1);
}
