import type {
  ManyToManyDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../../model/definitions.ts';
import { attachTable } from '../attach-table.ts';
import { choice, defineColumn, type ColumnDraft } from '../define-column.ts';
import { customTable, intersectTable, lookupRelationship, systemColumns } from '../define-table.ts';
import { stableId } from '../stable-id.ts';

export const SAMPLE = 'demo_sample';
export const EVENT = 'demo_event';
export const EVENT_CONTACTS = 'demo_event_contact';

export const KINDS = [
  choice(100_000_000, 'Prototype'),
  choice(100_000_001, 'Series'),
  choice(100_000_002, 'Spare part'),
];
export const USES = [
  choice(100_000_000, 'Indoor'),
  choice(100_000_001, 'Outdoor'),
  choice(100_000_002, 'Sea'),
  choice(100_000_003, 'Über 2000 m'),
];

const made = new WeakMap<SchemaDefinition, SchemaDefinition>();

/**
 * The schema with the demo's own tables: one with every kind of column, one with a many-to-many. One object for each
 * schema given.
 */
export function demoSchema(schema: SchemaDefinition): SchemaDefinition {
  let demo = made.get(schema);
  if (demo === undefined) made.set(schema, (demo = withDemoTables(schema)));
  return demo;
}

function withDemoTables(schema: SchemaDefinition): SchemaDefinition {
  const sample = attachTable(schema, sampleTable(), {
    notes: true,
    activities: true,
    lookups: sampleLookups(),
  });
  const withEvent = attachTable(sample, eventTable(), { notes: true });
  return {
    ...withEvent,
    tables: [...withEvent.tables, intersectTable(EVENT_CONTACTS, 10_902, 'demo_eventid', 'contactid')],
    manyToMany: [...withEvent.manyToMany, eventContacts()],
  };
}

function sampleTable(): TableDefinition {
  return customTable({
    logicalName: SAMPLE,
    schemaName: 'demo_Sample',
    displayName: 'Sample',
    displayCollectionName: 'Samples',
    objectTypeCode: 10_900,
    primaryId: 'demo_sampleid',
    primaryName: 'demo_name',
    primaryImage: 'demo_photo',
    ownership: 'UserOwned',
    hasNotes: true,
    columns: [...sampleColumns(), ...systemColumns(SAMPLE, 'UserOwned', false), ...sampleStates()],
    keys: [
      {
        logicalName: 'demo_samplecode',
        schemaName: 'demo_SampleCode',
        metadataId: stableId('key', SAMPLE, 'demo_code'),
        columns: ['demo_code'],
      },
    ],
  });
}

function column(
  name: string,
  displayName: string,
  type: ColumnDraft['type'],
  extra: Partial<ColumnDraft> = {},
): ReturnType<typeof defineColumn> {
  const schemaName = `demo_${displayName.replace(/[^A-Za-z0-9]/g, '')}`;
  return defineColumn(SAMPLE, { name, schemaName, displayName, type, custom: true, ...extra });
}

const READ_ONLY = { validForCreate: false, validForUpdate: false } as const;

function sampleColumns(): ReturnType<typeof defineColumn>[] {
  return [
    column('demo_sampleid', 'Sample', 'UniqueidentifierType', {
      schemaName: 'demo_SampleId',
      requiredLevel: 'SystemRequired',
      validForUpdate: false,
    }),
    column('demo_name', 'Name', 'StringType', { maxLength: 200, requiredLevel: 'ApplicationRequired' }),
    column('demo_code', 'Code', 'StringType', { autoNumberFormat: 'SMP-{SEQNUM:5}' }),
    column('demo_email', 'Email', 'StringType', { format: 'Email' }),
    column('demo_website', 'Website', 'StringType', { format: 'Url', maxLength: 200 }),
    column('demo_phone', 'Phone', 'StringType', { format: 'Phone' }),
    column('demo_notes', 'Notes', 'MemoType', { maxLength: 10_000 }),
    column('demo_count', 'Count', 'IntegerType'),
    column('demo_minutes', 'Minutes', 'IntegerType', { format: 'Duration', minValue: '0' }),
    column('demo_big', 'Big', 'BigIntType'),
    column('demo_decimal', 'Decimal', 'DecimalType', { precision: 10 }),
    column('demo_double', 'Double', 'DoubleType'),
    column('demo_price', 'Price', 'MoneyType', { precision: 4 }),
    column('demo_price_base', 'Price (Base)', 'MoneyType', {
      schemaName: 'demo_price_Base',
      precision: 4,
      calculationOf: 'demo_price',
      ...READ_ONLY,
    }),
    column('transactioncurrencyid', 'Currency', 'LookupType', {
      schemaName: 'TransactionCurrencyId',
      custom: false,
      targets: ['transactioncurrency'],
    }),
    column('exchangerate', 'Exchange Rate', 'DecimalType', {
      schemaName: 'ExchangeRate',
      custom: false,
      precision: 12,
      ...READ_ONLY,
    }),
    column('demo_approved', 'Approved', 'BooleanType'),
    column('demo_kind', 'Kind', 'PicklistType', { options: KINDS, optionSetName: 'demo_sample_demo_kind' }),
    column('demo_uses', 'Uses', 'MultiSelectPicklistType', {
      options: USES,
      optionSetName: 'demo_sample_demo_uses',
    }),
    column('demo_tested', 'Tested', 'DateTimeType'),
    column('demo_birthday', 'Birthday', 'DateTimeType', { dateBehavior: 'DateOnly', format: 'DateOnly' }),
    column('demo_opens', 'Opens', 'DateTimeType', { dateBehavior: 'TimeZoneIndependent' }),
    column('demo_accountid', 'Account', 'LookupType', { schemaName: 'demo_AccountId', targets: ['account'] }),
    column('demo_customer', 'Customer', 'CustomerType', {
      schemaName: 'demo_Customer',
      targets: ['account', 'contact'],
    }),
    column('demo_related', 'Related', 'LookupType', {
      schemaName: 'demo_Related',
      targets: ['account', 'contact', 'opportunity'],
    }),
    column('demo_parentid', 'Parent', 'LookupType', { schemaName: 'demo_ParentId', targets: [SAMPLE] }),
    column('demo_photo', 'Photo', 'ImageType', { primaryImage: true, canStoreFullImage: true }),
    column('demo_drawing', 'Drawing', 'ImageType', { canStoreFullImage: false }),
    column('demo_document', 'Document', 'FileType'),
    column('demo_secret', 'Secret', 'StringType', { secured: true }),
    column('demo_margin', 'Margin', 'DecimalType', { sourceType: 1, precision: 4 }),
    column('demo_children', 'Children', 'IntegerType', { sourceType: 2 }),
    column('demo_children_date', 'Children (Last Updated On)', 'DateTimeType', {
      schemaName: 'demo_Children_Date',
      ...READ_ONLY,
    }),
    column('demo_children_state', 'Children (State)', 'IntegerType', {
      schemaName: 'demo_Children_State',
      ...READ_ONLY,
    }),
    column('demo_label', 'Label', 'StringType', { sourceType: 3, maxLength: 4000 }),
  ];
}

/** Two reasons for each state, so that a state does not tell its reason. */
function sampleStates(): ReturnType<typeof defineColumn>[] {
  const base = { schemaName: 'statecode', custom: false } as const;
  return [
    column('statecode', 'Status', 'StateType', {
      ...base,
      requiredLevel: 'SystemRequired',
      optionSetName: 'demo_sample_statecode',
      options: [
        choice(0, 'Active', { defaultStatus: 1, invariantName: 'Active' }),
        choice(1, 'Inactive', { defaultStatus: 2, invariantName: 'Inactive' }),
      ],
    }),
    column('statuscode', 'Status Reason', 'StatusType', {
      ...base,
      schemaName: 'statuscode',
      optionSetName: 'demo_sample_statuscode',
      options: [
        choice(1, 'Active', { state: 0 }),
        choice(100_000_000, 'In review', { state: 0 }),
        choice(2, 'Inactive', { state: 1 }),
        choice(100_000_001, 'Scrapped', { state: 1 }),
      ],
    }),
  ];
}

function sampleLookups(): OneToManyDefinition[] {
  const to = (name: string, navigation: string, parent: string, parentId: string): OneToManyDefinition =>
    lookupRelationship({
      schemaName: `${SAMPLE}_${name}_${parent}`,
      parent,
      parentId,
      child: SAMPLE,
      column: name,
      navigation,
      cascade: { delete: 'RemoveLink' },
    });
  return [
    to('demo_accountid', 'demo_AccountId', 'account', 'accountid'),
    to('demo_customer', 'demo_Customer_account', 'account', 'accountid'),
    to('demo_customer', 'demo_Customer_contact', 'contact', 'contactid'),
    to('demo_related', 'demo_Related_account', 'account', 'accountid'),
    to('demo_related', 'demo_Related_contact', 'contact', 'contactid'),
    to('demo_related', 'demo_Related_opportunity', 'opportunity', 'opportunityid'),
    { ...to('demo_parentid', 'demo_ParentId', SAMPLE, 'demo_sampleid'), hierarchical: true },
  ];
}

function eventTable(): TableDefinition {
  const own = (
    name: string,
    schemaName: string,
    displayName: string,
    type: ColumnDraft['type'],
    extra: Partial<ColumnDraft> = {},
  ) => defineColumn(EVENT, { name, schemaName, displayName, type, custom: true, ...extra });
  return customTable({
    logicalName: EVENT,
    schemaName: 'demo_Event',
    displayName: 'Event',
    displayCollectionName: 'Events',
    objectTypeCode: 10_901,
    primaryId: 'demo_eventid',
    primaryName: 'demo_name',
    ownership: 'OrganizationOwned',
    hasNotes: true,
    columns: [
      own('demo_eventid', 'demo_EventId', 'Event', 'UniqueidentifierType', {
        requiredLevel: 'SystemRequired',
        validForUpdate: false,
      }),
      own('demo_name', 'demo_Name', 'Name', 'StringType', { requiredLevel: 'ApplicationRequired' }),
      own('demo_place', 'demo_Place', 'Place', 'StringType'),
      own('demo_day', 'demo_Day', 'Day', 'DateTimeType', { dateBehavior: 'DateOnly', format: 'DateOnly' }),
      ...systemColumns(EVENT, 'OrganizationOwned'),
    ],
  });
}

function eventContacts(): ManyToManyDefinition {
  return {
    schemaName: EVENT_CONTACTS,
    metadataId: stableId('link', EVENT_CONTACTS),
    intersectTable: EVENT_CONTACTS,
    table1: EVENT,
    column1: 'demo_eventid',
    navigation1: EVENT_CONTACTS,
    table2: 'contact',
    column2: 'contactid',
    navigation2: EVENT_CONTACTS,
    custom: true,
  };
}
