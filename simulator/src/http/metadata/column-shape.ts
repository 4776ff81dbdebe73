import { LosslessNumber } from 'lossless-json';
import type {
  ColumnDefinition,
  ColumnType,
  Option,
  OptionSetDefinition,
  TableDefinition,
} from '../../model/definitions.ts';
import { optionSetId, usesGlobalSet } from '../../model/global-sets.ts';
import { label, managed } from './labels.ts';
import type { Shape } from './table-shape.ts';
import { usualFlags } from './usual-flags.ts';
import { withDetails } from './with-details.ts';

/** `AttributeType` of columns whose `AttributeTypeName` differs from it. */
const ATTRIBUTE_TYPES: Readonly<Partial<Record<ColumnType, string>>> = {
  MultiSelectPicklistType: 'Virtual',
  ImageType: 'Virtual',
  FileType: 'Virtual',
};

/** The class behind a column; undefined for the base class, which prints no `@odata.type`. */
export function metadataClass(type: ColumnType): string | undefined {
  if (type === 'UniqueidentifierType' || type === 'VirtualType' || type === 'CalendarRulesType')
    return undefined;
  if (['CustomerType', 'OwnerType', 'PartyListType'].includes(type)) return 'LookupAttributeMetadata';
  return `${type.replace(/Type$/, '')}AttributeMetadata`;
}

/** A column with everything that its class has. Option sets are navigation properties and come by `$expand`. */
export function columnShape(table: TableDefinition, column: ColumnDefinition): Shape {
  const name = metadataClass(column.type);
  const shape = {
    ...(name === undefined ? {} : { '@odata.type': `#Microsoft.Dynamics.CRM.${name}` }),
    ...computedBase(table, column),
    ...typeShape(column),
  };
  return withDetails(shape, column.details);
}

/** The properties of the base class `AttributeMetadata`. */
export function baseShape(table: TableDefinition, column: ColumnDefinition): Shape {
  return withDetails(computedBase(table, column), column.details);
}

function computedBase(table: TableDefinition, column: ColumnDefinition): Shape {
  const isKey = column.logicalName === table.primaryId;
  return {
    MetadataId: column.metadataId,
    HasChanged: null,
    AttributeOf: column.attributeOf ?? null,
    AttributeType: ATTRIBUTE_TYPES[column.type] ?? column.type.replace(/Type$/, ''),
    CanBeSecuredForCreate: column.custom,
    CanBeSecuredForRead: column.custom,
    CanBeSecuredForUpdate: column.custom,
    ColumnNumber: column.columnNumber,
    CreatedOn: '1900-01-01T00:00:00Z',
    DeprecatedVersion: null,
    EntityLogicalName: table.logicalName,
    ExternalName: null,
    InheritsFrom: null,
    IsCustomAttribute: column.custom,
    IsDataSourceSecret: false,
    IsFilterable: false,
    IsLogical: column.attributeOf !== undefined,
    IsManaged: !column.custom,
    IsPrimaryId: isKey,
    IsPrimaryName: column.logicalName === table.primaryName,
    IsRequiredForForm: false,
    IsRetrievable: isKey || column.type === 'VirtualType',
    IsSearchable: false,
    IsSecured: column.secured ?? false,
    IsValidForCreate: column.validForCreate,
    IsValidForForm: true,
    IsValidForGrid: true,
    IsValidForRead: column.validForRead,
    IsValidForUpdate: column.validForUpdate,
    IsValidODataAttribute: column.validOData,
    LinkedAttributeId: null,
    LogicalName: column.logicalName,
    ModifiedOn: '1900-01-01T00:00:00Z',
    SchemaName: column.schemaName,
    IntroducedVersion: column.custom ? '1.0.0.0' : '5.0.0.0',
    SourceType: column.sourceType ?? 0,
    AutoNumberFormat: column.autoNumberFormat ?? '',
    AttributeTypeName: { Value: column.type },
    Description: label(''),
    DisplayName: label(column.displayName, !column.custom),
    IsAuditEnabled: managed(true, 'canmodifyauditsettings'),
    IsGlobalFilterEnabled: managed(false, 'canmodifyglobalfiltersettings'),
    IsSortableEnabled: managed(false, 'canmodifyissortablesettings'),
    IsCustomizable: managed(true, 'iscustomizable', false),
    IsRenameable: managed(true, 'isrenameable', false),
    IsValidForAdvancedFind: managed(true, 'canmodifysearchsettings'),
    RequiredLevel: managed(column.requiredLevel, 'canmodifyrequirementlevelsettings'),
    CanModifyAdditionalSettings: managed(true, 'canmodifyadditionalsettings'),
    Settings: [],
    ...usualFlags(table, column),
  };
}

function typeShape(column: ColumnDefinition): Shape {
  const sourced = { FormulaDefinition: null, SourceTypeMask: 0 };
  switch (column.type) {
    case 'StringType':
      return {
        Format: column.format ?? 'Text',
        ImeMode: 'Auto',
        MaxLength: column.maxLength ?? 100,
        YomiOf: null,
        ...sourced,
        IsLocalizable: false,
        DatabaseLength: (column.maxLength ?? 100) * 2,
        FormatName: { Value: column.format ?? 'Text' },
      };
    case 'MemoType':
      return {
        Format: column.format ?? 'TextArea',
        ImeMode: 'Auto',
        MaxLength: column.maxLength ?? 2000,
        IsLocalizable: false,
        FormatName: { Value: column.format ?? 'TextArea' },
      };
    case 'IntegerType':
      return { Format: column.format ?? 'None', ...bounds(column, '-2147483648', '2147483647'), ...sourced };
    case 'BigIntType':
      return bounds(column, '-9223372036854775808', '9223372036854775807');
    case 'DecimalType':
      return {
        ...bounds(column, '-100000000000', '100000000000'),
        Precision: column.precision ?? 10,
        ImeMode: 'Auto',
        ...sourced,
      };
    case 'DoubleType':
      return {
        ...bounds(column, '-100000000000', '100000000000'),
        Precision: column.precision ?? 5,
        ImeMode: 'Auto',
        ...sourced,
      };
    case 'MoneyType':
      return moneyShape(column);
    case 'BooleanType':
      return { DefaultValue: column.defaultValue ?? false, ...sourced };
    case 'DateTimeType':
      return {
        Format: column.format ?? (column.dateBehavior === 'DateOnly' ? 'DateOnly' : 'DateAndTime'),
        ImeMode: 'Auto',
        ...sourced,
        DateTimeBehavior: { Value: column.dateBehavior ?? 'UserLocal' },
        CanChangeDateTimeBehavior: managed(false, 'canmodifybehavior', false),
      };
    default:
      return otherShape(column);
  }
}

function otherShape(column: ColumnDefinition): Shape {
  switch (column.type) {
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
    case 'MultiSelectPicklistType':
    case 'EntityNameType':
      return {
        DefaultFormValue: column.defaultValue ?? null,
        ParentEnumAttributeLogicalName: null,
        ...(column.type === 'PicklistType' || column.type === 'MultiSelectPicklistType'
          ? {
              ParentPicklistLogicalName: null,
              ChildPicklistLogicalNames: [],
              FormulaDefinition: null,
              SourceTypeMask: 0,
            }
          : {}),
      };
    case 'LookupType':
    case 'CustomerType':
    case 'OwnerType':
    case 'PartyListType':
      return { Targets: column.targets ?? [], Format: 'None' };
    case 'ImageType':
      return {
        IsPrimaryImage: column.primaryImage ?? false,
        CanStoreFullImage: column.canStoreFullImage ?? false,
        MaxSizeInKB: column.maxSizeKb ?? 10240,
        MaxWidth: 144,
        MaxHeight: 144,
      };
    case 'FileType':
      return { MaxSizeInKB: column.maxSizeKb ?? 32768 };
    case 'ManagedPropertyType':
      return {
        ManagedPropertyLogicalName: column.logicalName,
        ParentAttributeName: null,
        ValueAttributeTypeCode: 'Boolean',
      };
    default:
      return {};
  }
}

function moneyShape(column: ColumnDefinition): Shape {
  const base = column.calculationOf !== undefined;
  return {
    ...bounds(column, '-922337203685477', '922337203685477'),
    Precision: column.precision ?? 2,
    PrecisionSource: 2,
    ImeMode: 'Disabled',
    CalculationOf: column.calculationOf ?? null,
    IsBaseCurrency: base,
    FormulaDefinition: null,
    SourceTypeMask: 0,
  };
}

function bounds(column: ColumnDefinition, min: string, max: string): Shape {
  return {
    MinValue: exactNumber(column.minValue ?? min),
    MaxValue: exactNumber(column.maxValue ?? max),
  };
}

/** A plain number wherever it prints the same digits: those are written much faster. */
function exactNumber(text: string): number | LosslessNumber {
  return String(Number(text)) === text ? Number(text) : new LosslessNumber(text);
}

/** `OptionSet` of a column: its own options, or those of the global set it uses. */
export function optionSetShape(table: TableDefinition, column: ColumnDefinition): Shape {
  return withDetails(computedSet(table, column), column.optionSetDetails);
}

function computedSet(table: TableDefinition, column: ColumnDefinition): Shape {
  const name = column.optionSetName ?? `${table.logicalName}_${column.logicalName}`;
  const head = {
    MetadataId: optionSetId(name),
    HasChanged: null,
    IsCustomOptionSet: column.custom,
    IsGlobal: usesGlobalSet(table, column),
    IsManaged: !column.custom,
    Name: name,
    ExternalTypeName: null,
    OptionSetType: optionSetType(column.type),
    IntroducedVersion: null,
    Description: label(''),
    DisplayName: label(column.displayName),
    IsCustomizable: managed(true, 'iscustomizable'),
  };
  if (column.type !== 'BooleanType') {
    const owner = metadataOwner(column);
    return {
      ...head,
      ParentOptionSetName: null,
      Options: (column.options ?? []).map((option) => optionShape(option, owner)),
    };
  }
  const named = (value: number, text: string) =>
    optionShape(
      column.options?.find((option) => option.value === value) ?? { value, label: text },
      undefined,
    );
  return { ...head, TrueOption: named(1, 'Yes'), FalseOption: named(0, 'No') };
}

/** A global set that no column needs to use. */
export function standaloneSetShape(set: OptionSetDefinition): Shape {
  return {
    MetadataId: set.metadataId,
    HasChanged: null,
    IsCustomOptionSet: set.custom,
    IsGlobal: true,
    IsManaged: !set.custom,
    Name: set.name,
    ExternalTypeName: null,
    OptionSetType: 'Picklist',
    IntroducedVersion: null,
    Description: label(''),
    DisplayName: label(set.displayName, !set.custom),
    IsCustomizable: managed(true, 'iscustomizable'),
    ParentOptionSetName: null,
    Options: set.options.map((option) => optionShape(option, undefined)),
  };
}

function metadataOwner(column: ColumnDefinition): 'State' | 'Status' | undefined {
  if (column.type === 'StateType') return 'State';
  return column.type === 'StatusType' ? 'Status' : undefined;
}

function optionSetType(type: ColumnType): string {
  if (type === 'BooleanType') return 'Boolean';
  if (type === 'StateType') return 'State';
  return type === 'StatusType' ? 'Status' : 'Picklist';
}

/** The allowed moves of a status as the XML that the metadata carries. */
function transitionData({ value, transitions }: Option): string | null {
  if (transitions === undefined) return null;
  const moves = transitions.map(
    (target) => `<allowedtransition sourcestatusid="${value}" targetstatusid="${target}" />`,
  );
  const namespace = 'http://schemas.microsoft.com/crm/2009/WebServices';
  return `<allowedtransitions xmlns="${namespace}">${moves.join('')}</allowedtransitions>`;
}

function optionShape(option: Option, kind: 'State' | 'Status' | undefined): Shape {
  const typed: Shape =
    kind === 'State'
      ? { '@odata.type': '#Microsoft.Dynamics.CRM.StateOptionMetadata' }
      : kind === 'Status'
        ? { '@odata.type': '#Microsoft.Dynamics.CRM.StatusOptionMetadata' }
        : {};
  const extra: Shape =
    kind === 'State'
      ? { DefaultStatus: option.defaultStatus ?? null, InvariantName: option.invariantName ?? option.label }
      : kind === 'Status'
        ? { State: option.state ?? null, TransitionData: transitionData(option) }
        : {};
  return {
    ...typed,
    Value: option.value,
    Color: null,
    IsManaged: true,
    ExternalValue: '',
    ParentValues: [],
    Tag: null,
    IsHidden: false,
    MetadataId: null,
    HasChanged: null,
    Label: label(option.label),
    Description: label(''),
    ...extra,
  };
}
