import { deepEqual, equal, match } from 'node:assert/strict';
import type { ClientBench } from './client.ts';

type Row = Record<string, unknown>;
const CRM = 'Microsoft.Dynamics.CRM';
const TABLE = 'new_Turbine';
const byName = "LogicalName='new_turbine'";

export async function checkMetadataWrites(bench: ClientBench): Promise<void> {
  await checkTable(bench);
  await checkColumn(bench);
  await checkRelationship(bench);
  await checkOptionSet(bench);
}

function label(text: string) {
  return {
    '@odata.type': `${CRM}.Label`,
    LocalizedLabels: [{ '@odata.type': `${CRM}.LocalizedLabel`, Label: text, LanguageCode: 1033 }],
  };
}

const nameColumn = {
  '@odata.type': `${CRM}.StringAttributeMetadata`,
  AttributeType: 'String',
  AttributeTypeName: { Value: 'StringType' },
  SchemaName: 'new_Name',
  IsPrimaryName: true,
  MaxLength: 100,
  FormatName: { Value: 'Text' },
  RequiredLevel: {
    Value: 'None',
    CanBeChanged: true,
    ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings',
  },
  DisplayName: label('Name'),
  Description: label('What it is called'),
};

async function checkTable({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('createEntity makes a table, and rows can be written to it', async () => {
    const id = await client.createEntity<string>({
      data: {
        '@odata.type': `${CRM}.EntityMetadata`,
        SchemaName: TABLE,
        DisplayName: label('Turbine'),
        DisplayCollectionName: label('Turbines'),
        Description: label('Turns'),
        OwnershipType: 'UserOwned',
        HasActivities: false,
        HasNotes: false,
        IsActivity: false,
        Attributes: [nameColumn],
      },
    });
    const table = await api.row(`EntityDefinitions(${byName})`);
    deepEqual(
      [table.MetadataId, table.PrimaryIdAttribute, table.PrimaryNameAttribute, table.EntitySetName],
      [id, 'new_turbineid', 'new_name', 'new_turbines'],
    );
    const row = await api.create('new_turbines', { new_name: 'North' });
    equal((await api.row(`new_turbines(${row})`)).new_name, 'North');
  });
  await checks.check('updateEntity changes a label', async () => {
    const table = await client.retrieveEntity<Row>({ key: byName });
    await client.updateEntity({ data: { ...table, DisplayName: label('Wind turbine') }, mergeLabels: true });
    const after = await api.row(`EntityDefinitions(${byName})?$select=DisplayName`);
    equal(after.DisplayName.UserLocalizedLabel.Label, 'Wind turbine');
  });
}

async function checkColumn({ checks, client, api }: ClientBench): Promise<void> {
  const castType = `${CRM}.StringAttributeMetadata`;
  await checks.check('createAttribute makes a column that rows can hold', async () => {
    await client.createAttribute({
      entityKey: byName,
      data: { ...nameColumn, SchemaName: 'new_Serial', IsPrimaryName: false, DisplayName: label('Serial') },
    });
    const row = await api.create('new_turbines', { new_name: 'South', new_serial: 'S-1' });
    equal((await api.row(`new_turbines(${row})`)).new_serial, 'S-1');
  });
  await checks.check('updateAttribute changes length and label', async () => {
    const column = await client.retrieveAttribute<Row>({
      entityKey: byName,
      attributeKey: "LogicalName='new_serial'",
      castType,
    });
    await client.updateAttribute({
      entityKey: byName,
      castType,
      data: { ...column, '@odata.type': castType, MaxLength: 250, DisplayName: label('Serial number') },
    });
    const after = await api.row(
      `EntityDefinitions(${byName})/Attributes(LogicalName='new_serial')/${castType}`,
    );
    deepEqual([after.MaxLength, after.DisplayName.UserLocalizedLabel.Label], [250, 'Serial number']);
  });
}

async function checkRelationship({ checks, client, api }: ClientBench): Promise<void> {
  const castType = `${CRM}.OneToManyRelationshipMetadata`;
  let id = '';
  await checks.check('createRelationship makes a lookup that can be bound', async () => {
    id = await client.createRelationship<string>({
      data: {
        '@odata.type': castType,
        SchemaName: 'new_account_new_turbine',
        ReferencedAttribute: 'accountid',
        ReferencedEntity: 'account',
        ReferencingEntity: 'new_turbine',
        CascadeConfiguration: {
          Assign: 'NoCascade',
          Delete: 'RemoveLink',
          Merge: 'NoCascade',
          Reparent: 'NoCascade',
          Share: 'NoCascade',
          Unshare: 'NoCascade',
        },
        Lookup: {
          '@odata.type': `${CRM}.LookupAttributeMetadata`,
          AttributeType: 'Lookup',
          AttributeTypeName: { Value: 'LookupType' },
          SchemaName: 'new_AccountId',
          DisplayName: label('Account'),
        },
      },
    });
    const account = await api.create('accounts', { name: 'Owner of turbines' });
    const row = await api.create('new_turbines', {
      new_name: 'Bound',
      'new_AccountId@odata.bind': `/accounts(${account})`,
    });
    equal((await api.row(`new_turbines(${row})`))._new_accountid_value, account);
  });
  await checks.check('updateRelationship changes a cascade', async () => {
    const one = await client.retrieveRelationship<Row>({ key: id, castType });
    const cascade = { ...(one['CascadeConfiguration'] as Row), Delete: 'Restrict' };
    await client.updateRelationship({
      castType,
      data: { ...one, '@odata.type': castType, CascadeConfiguration: cascade },
    });
    const after = await api.row(`RelationshipDefinitions(${id})/${castType}`);
    equal(after.CascadeConfiguration.Delete, 'Restrict');
  });
  await checks.check('deleteRelationship takes the lookup column with it', async () => {
    await client.deleteRelationship({ key: id });
    const { value } = await api.row(
      `EntityDefinitions(${byName})/Attributes?$select=LogicalName&$filter=LogicalName eq 'new_accountid'`,
    );
    equal(value.length, 0);
  });
}

async function checkOptionSet({ checks, client, api }: ClientBench): Promise<void> {
  const castType = `${CRM}.OptionSetMetadata`;
  const set = {
    '@odata.type': castType,
    Name: 'new_windforce',
    OptionSetType: 'Picklist',
    IsGlobal: true,
    DisplayName: label('Wind force'),
    Options: [
      { Value: 100_000_000, Label: label('Calm') },
      { Value: 100_000_001, Label: label('Storm') },
    ],
  };
  const read = () => api.row("GlobalOptionSetDefinitions(Name='new_windforce')");
  await checks.check('createGlobalOptionSet makes a choice with its labels', async () => {
    await client.createGlobalOptionSet({ data: set });
    const found = await read();
    deepEqual(
      found.Options.map(
        (one: { Label: { UserLocalizedLabel: Row } }) => one.Label.UserLocalizedLabel['Label'],
      ),
      ['Calm', 'Storm'],
    );
  });
  await checks.check('updateGlobalOptionSet changes its label', async () => {
    const { MetadataId } = await read();
    await client.updateGlobalOptionSet({
      castType,
      data: { ...set, MetadataId, DisplayName: label('Force of the wind') },
      mergeLabels: true,
    });
    match((await read()).DisplayName.UserLocalizedLabel.Label, /Force of the wind/);
  });
  await checks.check('deleteGlobalOptionSet removes it', async () => {
    const { MetadataId } = await read();
    await client.deleteGlobalOptionSet({ key: MetadataId });
    equal((await api.get("GlobalOptionSetDefinitions(Name='new_windforce')")).status, 404);
  });
}
