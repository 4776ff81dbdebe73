/**
 * The schema of the pretend environment, as facts: tables, columns, relationships, keys. Everything that the
 * service answers about itself (EntityDefinitions, the service document, navigation names) and every rule for
 * rows (what may be written, what cascades) is derived from these values.
 */

/** `AttributeTypeName/Value` of the Web API; it tells images, files and multi-select columns apart. */
export type ColumnType =
  | 'StringType'
  | 'MemoType'
  | 'IntegerType'
  | 'BigIntType'
  | 'DecimalType'
  | 'DoubleType'
  | 'MoneyType'
  | 'BooleanType'
  | 'DateTimeType'
  | 'PicklistType'
  | 'MultiSelectPicklistType'
  | 'StateType'
  | 'StatusType'
  | 'LookupType'
  | 'CustomerType'
  | 'OwnerType'
  | 'PartyListType'
  | 'UniqueidentifierType'
  | 'ImageType'
  | 'FileType'
  | 'EntityNameType'
  | 'ManagedPropertyType'
  | 'CalendarRulesType'
  | 'VirtualType';

/** Recorded properties of a definition that nothing is computed from: they are shown as they are. */
export type Details = Readonly<Record<string, unknown>>;

export interface Option {
  readonly value: number;
  readonly label: string;
  /** Status options: the state they belong to. */
  readonly state?: number;
  /** State options: the status a row gets when only the state is written. */
  readonly defaultStatus?: number;
  readonly invariantName?: string;
  /** Status options: where a row of this status may go when its state changes; absent: anywhere. */
  readonly transitions?: readonly number[];
}

export interface ColumnDefinition {
  readonly logicalName: string;
  readonly schemaName: string;
  readonly metadataId: string;
  readonly type: ColumnType;
  readonly displayName: string;
  readonly requiredLevel: 'None' | 'SystemRequired' | 'ApplicationRequired' | 'Recommended';
  readonly validForCreate: boolean;
  readonly validForRead: boolean;
  readonly validForUpdate: boolean;
  /** `IsValidODataAttribute`: false for name companions and the like, which never appear as properties. */
  readonly validOData: boolean;
  readonly custom: boolean;
  readonly attributeOf?: string;
  readonly secured?: boolean;
  /** 0 simple, 1 calculated, 2 rollup, 3 formula. */
  readonly sourceType?: 0 | 1 | 2 | 3;
  readonly maxLength?: number;
  readonly precision?: number;
  readonly minValue?: string;
  readonly maxValue?: string;
  readonly format?: string;
  /** Money: the column that this one is the base-currency value of. */
  readonly calculationOf?: string;
  readonly dateBehavior?: 'UserLocal' | 'DateOnly' | 'TimeZoneIndependent';
  /** Lookups: logical names of the tables it may point to. */
  readonly targets?: readonly string[];
  readonly options?: readonly Option[];
  readonly optionSetName?: string;
  readonly defaultValue?: number | boolean;
  readonly autoNumberFormat?: string;
  readonly maxSizeKb?: number;
  readonly primaryImage?: boolean;
  readonly canStoreFullImage?: boolean;
  readonly columnNumber: number;
  readonly details?: Details;
  readonly optionSetDetails?: Details;
}

export type Verb = 'Create' | 'Read' | 'Write' | 'Delete' | 'Assign' | 'Share' | 'Append' | 'AppendTo';

export interface PrivilegeDefinition {
  readonly id: string;
  readonly name: string;
  readonly verb: Verb;
}

export interface KeyDefinition {
  readonly logicalName: string;
  readonly schemaName: string;
  readonly metadataId: string;
  readonly columns: readonly string[];
  /** Absent: the index is there and the key can be used. */
  readonly indexStatus?: 'Pending' | 'InProgress' | 'Failed';
}

export interface TableDefinition {
  readonly logicalName: string;
  readonly schemaName: string;
  readonly metadataId: string;
  /** Null: the Web API does not expose the table. Never derived from the name by a reader. */
  readonly entitySetName: string | null;
  readonly collectionName: string;
  readonly objectTypeCode: number;
  readonly primaryId: string;
  readonly primaryName: string | null;
  readonly primaryImage: string | null;
  readonly ownership: 'UserOwned' | 'OrganizationOwned' | 'BusinessOwned' | 'TeamOwned' | 'None';
  readonly tableType: 'Standard' | 'Activity' | 'Virtual' | 'Elastic';
  readonly intersect: boolean;
  readonly activity: boolean;
  readonly custom: boolean;
  readonly changeTracking: boolean;
  readonly optimisticConcurrency: boolean;
  readonly hasNotes: boolean;
  /** A change of state must follow the `transitions` of the status options. */
  readonly enforceStateTransitions?: boolean;
  /** The table holds the instances of a business process flow: rows of `table` start one. */
  readonly businessProcess?: {
    readonly table: string;
    /** The lookup of an instance to its row. */
    readonly column: string;
    /** Ids of the stages in their order. */
    readonly stages: readonly string[];
  };
  readonly displayName: string;
  readonly displayCollectionName: string;
  readonly privileges: readonly PrivilegeDefinition[];
  readonly columns: ReadonlyMap<string, ColumnDefinition>;
  readonly keys: readonly KeyDefinition[];
  readonly details?: Details;
  /** Tables that answer no reads though they have an entity set, or only reads of whole collections. */
  readonly reads?: 'unsupported' | 'forbidden' | 'queryOnly';
}

export type DeleteCascade = 'Cascade' | 'RemoveLink' | 'Restrict' | 'NoCascade';
export type Cascade = 'NoCascade' | 'Cascade' | 'Active' | 'UserOwned';

export interface OneToManyDefinition {
  readonly schemaName: string;
  readonly metadataId: string;
  /** The parent: the table a lookup points to. */
  readonly referencedTable: string;
  readonly referencedColumn: string;
  /** The child: the table that has the lookup. */
  readonly referencingTable: string;
  readonly referencingColumn: string;
  /** Collection navigation property on the parent. */
  readonly referencedNavigation: string;
  /** Single-valued navigation property on the child, the name that `@odata.bind` needs. Case matters. */
  readonly referencingNavigation: string;
  readonly custom: boolean;
  readonly hierarchical: boolean;
  readonly cascade: {
    readonly assign: Cascade;
    readonly delete: DeleteCascade;
    readonly merge: Cascade;
    readonly reparent: Cascade;
    readonly share: Cascade;
    readonly unshare: Cascade;
  };
  readonly details?: Details;
}

export interface ManyToManyDefinition {
  readonly schemaName: string;
  readonly metadataId: string;
  readonly intersectTable: string;
  readonly table1: string;
  readonly column1: string;
  readonly navigation1: string;
  readonly table2: string;
  readonly column2: string;
  readonly navigation2: string;
  readonly custom: boolean;
  readonly details?: Details;
}

/** A global choice that stands on its own; those of the standard tables are known by the columns that use them. */
export interface OptionSetDefinition {
  readonly name: string;
  readonly metadataId: string;
  readonly displayName: string;
  readonly custom: boolean;
  readonly options: readonly Option[];
}

export interface SchemaDefinition {
  readonly tables: readonly TableDefinition[];
  readonly oneToMany: readonly OneToManyDefinition[];
  readonly manyToMany: readonly ManyToManyDefinition[];
  readonly optionSets?: readonly OptionSetDefinition[];
}
