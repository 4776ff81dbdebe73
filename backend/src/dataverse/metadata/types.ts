/**
 * What Dataverse says about its tables and columns, as plain values (they may be kept as JSON).
 * Names are logical names unless said otherwise. Nothing here is derived from another name: entity sets and
 * navigation properties follow no rule that could be trusted.
 */

/** From `AttributeTypeName/Value`: `AttributeType` alone mixes images, files and multi-selects up as `Virtual`. */
export type ColumnKind =
  | 'text'
  | 'memo'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'money'
  | 'boolean'
  | 'datetime'
  | 'choice'
  | 'multiChoice'
  | 'state'
  | 'status'
  | 'lookup'
  | 'customer'
  | 'owner'
  | 'partyList'
  | 'guid'
  | 'image'
  | 'file'
  | 'entityName'
  | 'managedProperty'
  | 'calendarRules'
  | 'virtual';

/** `userLocal`: an instant (UTC). `timeZoneIndependent`: wall time, although printed with `Z`. `dateOnly`: no time. */
export type DateBehavior = 'userLocal' | 'dateOnly' | 'timeZoneIndependent';

export interface ChoiceOption {
  readonly value: number;
  readonly label: string;
  /** Status options: the state that this status belongs to. */
  readonly state?: number;
  /** State options: the status that a row gets when only the state is written. */
  readonly defaultStatus?: number;
}

export interface ColumnMetadata {
  readonly name: string;
  readonly schemaName: string;
  /** MetadataId: the column's identity over time. */
  readonly id: string;
  readonly kind: ColumnKind;
  /** Display name in the caller's language; the logical name where there is none. */
  readonly label: string;
  readonly validForRead: boolean;
  readonly validForCreate: boolean;
  readonly validForUpdate: boolean;
  /** False: the column is no property of the Web API (name companions, `owneridtype`, …). */
  readonly validOData: boolean;
  readonly isPrimaryId: boolean;
  readonly isPrimaryName: boolean;
  readonly custom: boolean;
  readonly attributeOf: string | null;
  readonly required: 'none' | 'recommended' | 'application' | 'system';
  /** Column security is on: without permission the service answers null, with no error. */
  readonly secured: boolean;
  readonly source: 'simple' | 'calculated' | 'rollup' | 'formula';
  /** Text and memo, in characters. */
  readonly maxLength?: number;
  /** `FormatName` or `Format`: `Email`, `Url`, `Json`, `DateOnly`, `Duration`, … */
  readonly format?: string;
  readonly autoNumberFormat?: string;
  /** Decimal, double, money: digits after the point. */
  readonly precision?: number;
  /** Money: 0 the column's precision, 1 the organization's pricing precision, 2 the currency's precision. */
  readonly precisionSource?: number;
  /** Numbers, as digits. */
  readonly minValue?: string;
  readonly maxValue?: string;
  /** Base money: the column whose value in base currency this is. */
  readonly calculationOf?: string;
  readonly dateBehavior?: DateBehavior;
  /** Lookups, customers, owners, party lists: the tables it may point to. */
  readonly targets?: readonly string[];
  /** Choices and multi-selects: the global choice that the column uses. */
  readonly globalChoice?: string;
  /** Choices, states, statuses, booleans (false first). */
  readonly options?: readonly ChoiceOption[];
  /** Files and images. */
  readonly maxSizeKb?: number;
  readonly primaryImage?: boolean;
  readonly canStoreFullImage?: boolean;
}

export type PrivilegeVerb =
  'Create' | 'Read' | 'Write' | 'Delete' | 'Assign' | 'Share' | 'Append' | 'AppendTo';

export interface TablePrivilege {
  readonly id: string;
  readonly name: string;
  readonly verb: PrivilegeVerb;
}

export type TableKind = 'standard' | 'activity' | 'intersect' | 'elastic' | 'virtual';

/** What the list of all tables tells. */
export interface TableMetadata {
  readonly name: string;
  readonly schemaName: string;
  /** MetadataId: the table's identity over time. */
  readonly id: string;
  readonly label: string;
  readonly collectionLabel: string;
  readonly kind: TableKind;
  /** Null: no entity set. See {@link exposed}. */
  readonly entitySet: string | null;
  /** The entity set is in the service document and there is a primary id: rows can be read by the Web API. */
  readonly exposed: boolean;
  readonly primaryId: string | null;
  readonly primaryName: string | null;
  readonly primaryImage: string | null;
  readonly objectTypeCode: number;
  readonly ownership: 'user' | 'organization' | 'businessUnit' | 'none';
  readonly custom: boolean;
  readonly isPrivate: boolean;
  /** No storage of its own. */
  readonly isLogical: boolean;
  readonly isSolutionAware: boolean;
  readonly isBusinessProcessFlow: boolean;
  readonly hasNotes: boolean;
  readonly hasActivities: boolean;
  readonly changeTracking: boolean;
  readonly changeTrackingPossible: boolean;
  /** `If-Match` with an etag works. */
  readonly optimisticConcurrency: boolean;
  readonly enforcesStateTransitions: boolean;
  readonly privileges: readonly TablePrivilege[];
}

/** Values of the `CascadeConfiguration`. */
export type Cascade = 'NoCascade' | 'Cascade' | 'Active' | 'UserOwned' | 'RemoveLink' | 'Restrict';

/** One relationship of a lookup: a polymorphic lookup has one for each target. */
export interface OneToMany {
  readonly schemaName: string;
  /** The parent: table and column that the lookup points to. */
  readonly referencedTable: string;
  readonly referencedColumn: string;
  /** The child: table and column that hold the lookup. */
  readonly referencingTable: string;
  readonly referencingColumn: string;
  /** Collection navigation property on the parent. */
  readonly referencedNavigation: string | null;
  /** Single-valued navigation property on the child, the name that `@odata.bind` needs; case matters. */
  readonly referencingNavigation: string | null;
  readonly hierarchical: boolean;
  readonly custom: boolean;
  readonly cascadeDelete: Cascade;
  readonly cascadeAssign: Cascade;
}

export interface ManyToMany {
  readonly schemaName: string;
  readonly intersectTable: string;
  readonly table1: string;
  readonly column1: string;
  readonly navigation1: string;
  readonly table2: string;
  readonly column2: string;
  readonly navigation2: string;
  readonly custom: boolean;
}

export interface AlternateKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly active: boolean;
}

/** Everything that backup and restore need to know about one table. Lists are sorted by name. */
export interface TableDetails extends TableMetadata {
  readonly columns: readonly ColumnMetadata[];
  /** Relationships whose lookup is on this table. */
  readonly manyToOne: readonly OneToMany[];
  /** Relationships whose lookup points to this table: who is touched when a row here is deleted. */
  readonly oneToMany: readonly OneToMany[];
  readonly manyToMany: readonly ManyToMany[];
  readonly keys: readonly AlternateKey[];
}

/** A choice that columns of several tables may share. */
export interface GlobalChoice {
  readonly name: string;
  readonly id: string;
  readonly label: string;
  readonly custom: boolean;
  readonly options: readonly ChoiceOption[];
}

/** Who may see what, as far as names and column security go. Lists are sorted by id. */
export interface SecurityModel {
  readonly roles: readonly { readonly id: string; readonly name: string; readonly businessUnitId: string }[];
  readonly profiles: readonly {
    readonly id: string;
    readonly name: string;
    readonly permissions: readonly {
      readonly table: string;
      readonly column: string;
      readonly read: boolean;
      readonly create: boolean;
      readonly update: boolean;
    }[];
  }[];
}

/** Facts about the environment itself. */
export interface Environment {
  readonly organizationId: string;
  /** Not the organization's id. */
  readonly environmentId: string;
  readonly tenantId: string | null;
  readonly uniqueName: string;
  readonly friendlyName: string;
  /** `https://name.crm4.dynamics.com`, no slash at the end. */
  readonly url: string;
  readonly version: string;
  /** Dataverse for Teams: direct access to its Web API is not allowed. */
  readonly isTeams: boolean;
  /** The identity that we are signed in as. */
  readonly userId: string;
  readonly businessUnitId: string;
  /** Days for which the service remembers deletes; an older change token is refused. */
  readonly expireChangeTrackingInDays: number;
  /** Limit of a note's or attachment's body, in bytes of its base64 text. */
  readonly maxUploadFileSize: number;
  readonly baseCurrencyId: string | null;
  readonly baseCurrencyCode: string | null;
  readonly languageCode: number | null;
  readonly auditEnabled: boolean;
  /** Lower case, without a dot. */
  readonly blockedAttachments: readonly string[];
  /** "Record ownership across business units": `owningbusinessunit` may be written. */
  readonly ownershipAcrossBusinessUnits: boolean;
  /** `x-ms-dop-hint`: how many requests at once the service advises, where it said so. */
  readonly parallelism: number | null;
}

export function columnOf(table: TableDetails, name: string): ColumnMetadata | undefined {
  return table.columns.find((column) => column.name === name);
}

/** Lookups are read as `_name_value`; an image by its id; everything else by its own name. */
export function propertyOf(column: ColumnMetadata): string {
  if (isLookup(column)) return `_${column.name}_value`;
  return column.kind === 'image' ? `${column.name}id` : column.name;
}

export function isLookup(column: ColumnMetadata): boolean {
  return column.kind === 'lookup' || column.kind === 'customer' || column.kind === 'owner';
}
