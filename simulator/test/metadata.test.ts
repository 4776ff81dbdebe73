import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

test('the service document lists the entity sets', async () => {
  const { json } = await client.get('');
  expect(json['@odata.context']).toBe(`${client.server.url}/api/data/v9.2/$metadata`);
  expect(json.value).toContainEqual({ name: 'accounts', kind: 'EntitySet', url: 'accounts' });
});

test('a table shows the recorded properties in the recorded order', async () => {
  const { json } = await client.get("EntityDefinitions(LogicalName='account')");
  expect(Object.keys(json).slice(0, 6)).toEqual([
    '@odata.context',
    'MetadataId',
    'HasChanged',
    'ActivityTypeMask',
    'AutoRouteToOwnerQueue',
    'CanTriggerWorkflow',
  ]);
  expect(json).toMatchObject({
    MetadataId: '70816501-edb9-4740-a16c-6a5efbc05d84',
    EntitySetName: 'accounts',
    ObjectTypeCode: 1,
    OwnershipType: 'UserOwned',
    TableType: 'Standard',
    IsAuditEnabled: { CanBeChanged: true, ManagedPropertyLogicalName: 'canmodifyauditsettings' },
  });
  expect(json.Privileges).toHaveLength(8);
  const byId = await client.get(`EntityDefinitions(${json.MetadataId})?$select=LogicalName`);
  expect(byId.json.LogicalName).toBe('account');
});

test('[R13] definitions are never paged: all tables come in one answer, whatever page size is asked for', async () => {
  const { json } = await client.get('EntityDefinitions?$select=LogicalName', {
    Prefer: 'odata.maxpagesize=10',
  });
  expect(json.value.length).toBeGreaterThan(80);
  expect(json).not.toHaveProperty('@odata.nextLink');
});

test('[R13] enums are texts, and managed properties are objects and not booleans', async () => {
  const table = (await client.get("EntityDefinitions(LogicalName='account')")).json;
  expect([table.OwnershipType, table.TableType]).toEqual(['UserOwned', 'Standard']);
  expect(Object.keys(table.IsAuditEnabled)).toEqual(['Value', 'CanBeChanged', 'ManagedPropertyLogicalName']);
  const { json } = await client.get(
    "RelationshipDefinitions?$filter=SchemaName eq 'contact_customer_accounts'",
  );
  expect(json.value[0]).toMatchObject({
    RelationshipType: 'OneToManyRelationship',
    SecurityTypes: 'Append',
    IsCustomizable: { ManagedPropertyLogicalName: 'iscustomizable' },
  });
});

test('all tables in one answer, filtered by primitives, enums and managed properties', async () => {
  const get = async (filter: string) =>
    (await client.get(`EntityDefinitions?$select=LogicalName&$filter=${filter}`)).json.value;
  expect(
    await get("OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned' and IsCustomEntity eq true"),
  ).toEqual([{ MetadataId: expect.any(String), LogicalName: 'demo_sample' }]);
  expect((await get('CanCreateAttributes/Value eq false')).length).toBeGreaterThan(0);
  expect((await get('ChangeTrackingEnabled eq true')).length).toBeGreaterThan(10);
});

test('[R13] attributes of the base type have no @odata.type, customer and owner are cast as lookups, and images, files and multi-select choices are all of type Virtual', async () => {
  const { json } = await client.get("EntityDefinitions(LogicalName='demo_sample')/Attributes");
  const of = (name: string) => json.value.find((one: { LogicalName: string }) => one.LogicalName === name);
  expect(of('demo_sampleid')).not.toHaveProperty('@odata.type');
  expect(of('demo_customer')).toMatchObject({
    '@odata.type': '#Microsoft.Dynamics.CRM.LookupAttributeMetadata',
    AttributeType: 'Customer',
  });
  expect(of('demo_photo')).toMatchObject({
    AttributeType: 'Virtual',
    AttributeTypeName: { Value: 'ImageType' },
    CanStoreFullImage: true,
  });
  expect(of('ownerid')).toMatchObject({
    '@odata.type': '#Microsoft.Dynamics.CRM.LookupAttributeMetadata',
    AttributeType: 'Owner',
  });
  expect(of('demo_document')).toMatchObject({
    AttributeType: 'Virtual',
    AttributeTypeName: { Value: 'FileType' },
  });
  expect(of('demo_uses')).toMatchObject({
    AttributeType: 'Virtual',
    AttributeTypeName: { Value: 'MultiSelectPicklistType' },
  });
  expect(of('demo_big').MaxValue).toBe('9223372036854775807');
});

test('[R13] properties of one type of column need the cast to it', async () => {
  const base = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
  expect(await client.get(`${base}?$select=Targets`)).toMatchObject({ status: 400 });
  const lookups = await client.get(
    `${base}/Microsoft.Dynamics.CRM.LookupAttributeMetadata?$select=LogicalName,Targets`,
  );
  const customer = lookups.json.value.find(
    (one: { LogicalName: string }) => one.LogicalName === 'demo_customer',
  );
  expect(customer).toEqual({
    MetadataId: expect.any(String),
    LogicalName: 'demo_customer',
    Targets: ['account', 'contact'],
  });
  expect((await client.get(`${base}/Microsoft.Dynamics.CRM.EnumAttributeMetadata`)).status).toBe(400);
  const kinds = await client.get(
    `${base}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet,GlobalOptionSet`,
  );
  const kind = kinds.json.value.find((one: { LogicalName: string }) => one.LogicalName === 'demo_kind');
  expect((kind.OptionSet ?? kind.GlobalOptionSet).Options).toHaveLength(3);
  const states = await client.get(`${base}/Microsoft.Dynamics.CRM.StateAttributeMetadata?$expand=OptionSet`);
  expect(states.json.value[0].OptionSet.Options[0]).toMatchObject({ Value: 0, DefaultStatus: 1 });
});

test('relationships: expanded, below the table, and all of a kind', async () => {
  const expanded = await client.get(
    "EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=OneToManyRelationships,ManyToOneRelationships,ManyToManyRelationships",
  );
  expect(expanded.json.ManyToOneRelationships.map((one: { SchemaName: string }) => one.SchemaName)).toContain(
    'account_primary_contact',
  );
  const below = await client.get(
    "EntityDefinitions(LogicalName='contact')/ManyToOneRelationships?$select=ReferencingEntityNavigationPropertyName,ReferencedEntity&$filter=ReferencingAttribute eq 'parentcustomerid'",
  );
  expect(
    below.json.value
      .map((one: Record<string, string>) => one['ReferencingEntityNavigationPropertyName'])
      .sort(),
  ).toEqual(['parentcustomerid_account', 'parentcustomerid_contact']);
  const all = await client.get(
    "RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata?$filter=SchemaName eq 'demo_event_contact'",
  );
  expect(all.json.value[0]).toMatchObject({
    IntersectEntityName: 'demo_event_contact',
    Entity1IntersectAttribute: 'demo_eventid',
  });
  const keys = await client.get("EntityDefinitions(LogicalName='demo_sample')/Keys");
  expect(keys.json.value[0]).toMatchObject({ KeyAttributes: ['demo_code'], EntityKeyIndexStatus: 'Active' });
});

test('the metadata version comes when asked for and moves with the schema', async () => {
  const name = 'Microsoft.Dynamics.CRM.globalmetadataversion';
  const read = async () =>
    (
      await client.get('EntityDefinitions?$select=LogicalName', {
        Prefer: `odata.include-annotations="${name}"`,
      })
    ).json[`@${name}`];
  const before = await read();
  client.server.environment.replaceSchema(client.server.environment.schema.definition, []);
  expect(await read()).not.toBe(before);
});

test('$metadata is XML with types and sets', async () => {
  const { text, headers } = await client.get('$metadata');
  expect(headers.get('content-type')).toMatch(/^application\/xml/);
  expect(text).toContain('<EntitySet Name="accounts" EntityType="Microsoft.Dynamics.CRM.account">');
  expect(text).toContain('<Property Name="_primarycontactid_value" Type="Edm.Guid" />');
});

test('managed properties are defined, all that definitions and rows name', async () => {
  const { json } = await client.get('ManagedPropertyDefinitions');
  const known = json.value.map((one: { LogicalName: string }) => one.LogicalName);
  const { text } = await client.get("EntityDefinitions(LogicalName='role')?$expand=Attributes");
  const named = [...text.matchAll(/"ManagedPropertyLogicalName":"(\w+)"/g)].map(([, name]) => name);
  expect(new Set(named).size).toBeGreaterThan(10);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  const one = await client.get(
    "ManagedPropertyDefinitions(LogicalName='iscustomizable')?$select=LogicalName",
  );
  expect(one.json).toMatchObject({ LogicalName: 'iscustomizable' });
});
