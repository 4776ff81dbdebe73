import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { refusal, type ClientBench } from './client.ts';

type Row = Record<string, unknown>;
const CRM = 'Microsoft.Dynamics.CRM';

export async function checkMetadataReads(bench: ClientBench): Promise<void> {
  await checkTables(bench);
  await checkColumns(bench);
  await checkOthers(bench);
}

async function checkTables({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('retrieveEntities lists all tables at once, filtered by an enum', async () => {
    const all = await client.retrieveEntities<Row>({ select: ['LogicalName', 'EntitySetName'] });
    equal(all.oDataNextLink, undefined);
    const sets = new Set(all.value.map((table) => table['EntitySetName']));
    const { value } = await api.row('');
    deepEqual(
      value.map((one: Row) => one['name']).filter((name: string) => !sets.has(name)),
      [],
    );
    const owned = await client.retrieveEntities<Row>({
      select: ['LogicalName'],
      filter: `OwnershipType eq ${CRM}.OwnershipTypes'UserOwned' and IsCustomEntity eq true`,
    });
    deepEqual(
      owned.value.map((table) => table['LogicalName']),
      ['demo_sample'],
    );
  });
  await checks.check('retrieveEntity by name and by id, with columns and keys expanded', async () => {
    const table = await client.retrieveEntity<Row>({
      key: "LogicalName='demo_sample'",
      expand: [
        { property: 'Attributes', select: ['LogicalName'], filter: "LogicalName eq 'demo_code'" },
        { property: 'Keys', select: ['KeyAttributes'] },
      ],
    });
    equal((table['Attributes'] as readonly Row[])[0]?.['LogicalName'], 'demo_code');
    deepEqual((table['Keys'] as readonly Row[])[0]?.['KeyAttributes'], ['demo_code']);
    const same = await client.retrieveEntity<Row>({ key: String(table['MetadataId']) });
    equal(same['LogicalName'], 'demo_sample');
  });
  await checks.check('retrieveEntity of a table that is not there is refused with 404', async () => {
    equal((await refusal(client.retrieveEntity({ key: "LogicalName='nosuch'" }))).status, 404);
  });
}

async function checkColumns({ checks, client }: ClientBench): Promise<void> {
  const entityKey = "LogicalName='demo_sample'";
  await checks.check('retrieveAttributes of one type with its own properties', async () => {
    const { value } = await client.retrieveAttributes<Row>({
      entityKey,
      castType: `${CRM}.LookupAttributeMetadata`,
      select: ['LogicalName', 'Targets'],
    });
    const targets = Object.fromEntries(value.map((one) => [one['LogicalName'], one['Targets']]));
    deepEqual(targets['demo_customer'], ['account', 'contact']);
  });
  await checks.check('retrieveAttribute with its option set', async () => {
    const column = await client.retrieveAttribute<{ OptionSet: { Options: readonly Row[] } }>({
      entityKey,
      attributeKey: "LogicalName='demo_kind'",
      castType: `${CRM}.PicklistAttributeMetadata`,
      select: ['LogicalName'],
      expand: [{ property: 'OptionSet' }],
    });
    deepEqual(
      column.OptionSet.Options.map((option) => option['Value']),
      [100_000_000, 100_000_001, 100_000_002],
    );
  });
  await checks.check('retrieveAttributes of the base type have no type of their own', async () => {
    const { value } = await client.retrieveAttributes<Row>({ entityKey });
    const key = value.find((one) => one['LogicalName'] === 'demo_sampleid') ?? {};
    ok(!('@odata.type' in key));
    const photo = value.find((one) => one['LogicalName'] === 'demo_photo') ?? {};
    deepEqual([photo['AttributeType'], photo['@odata.type']], ['Virtual', `#${CRM}.ImageAttributeMetadata`]);
  });
}

async function checkOthers({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('retrieveRelationships of one type, filtered', async () => {
    const { value } = await client.retrieveRelationships<Row>({
      castType: `${CRM}.OneToManyRelationshipMetadata`,
      filter: "ReferencedEntity eq 'account' and ReferencingEntity eq 'contact'",
      select: ['SchemaName', 'ReferencingAttribute'],
    });
    const names = value.map((one) => one['SchemaName']);
    ok(names.includes('contact_customer_accounts'), names.join());
  });
  await checks.check('retrieveRelationship by its id and type', async () => {
    const { value } = await api.row(
      `RelationshipDefinitions?$filter=SchemaName eq 'account_primary_contact'&$select=SchemaName`,
    );
    const one = await client.retrieveRelationship<Row>({
      key: value[0].MetadataId,
      castType: `${CRM}.OneToManyRelationshipMetadata`,
    });
    deepEqual([one['ReferencingEntity'], one['ReferencingAttribute']], ['account', 'primarycontactid']);
  });
  await checks.check('retrieveGlobalOptionSets and retrieveGlobalOptionSet by name', async () => {
    const { value } = await client.retrieveGlobalOptionSets<Row>({
      castType: `${CRM}.OptionSetMetadata`,
      select: ['Name'],
    });
    ok(value.length > 0);
    const name = String(value[0]?.['Name']);
    const one = await client.retrieveGlobalOptionSet<Row>({
      key: `Name='${name}'`,
      castType: `${CRM}.OptionSetMetadata`,
    });
    equal(one['Name'], name);
    ok((one['Options'] as readonly Row[]).length > 0);
  });
  await checks.check('retrieveCsdlMetadata, plain and with annotations', async () => {
    const plain = await client.retrieveCsdlMetadata();
    match(plain, /<EntityType Name="account"/);
    ok(!plain.includes('Capabilities.V1.ChangeTracking"'));
    match(await client.retrieveCsdlMetadata({ addAnnotations: true }), /Capabilities\.V1\.ChangeTracking"/);
  });
}
