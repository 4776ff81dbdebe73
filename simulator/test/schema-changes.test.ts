import { startClient, type Answer, type Client } from './support/client.ts';

let client: Client;
beforeEach(async () => (client = await startClient()));
afterEach(() => client.close());

const PREFIX = 'Microsoft.Dynamics.CRM.';
const label = (text: string) => ({
  LocalizedLabels: [{ Label: text, LanguageCode: 1033 }],
  UserLocalizedLabel: { Label: text, LanguageCode: 1033 },
});

const attribute = (type: string, schemaName: string, more: object = {}) => ({
  '@odata.type': `${PREFIX}${type}AttributeMetadata`,
  SchemaName: schemaName,
  DisplayName: label(schemaName),
  RequiredLevel: { Value: 'None' },
  ...more,
});

const tableBody = (schemaName: string, more: object = {}, attributes: readonly object[] = []) => ({
  '@odata.type': `${PREFIX}EntityMetadata`,
  SchemaName: schemaName,
  DisplayName: label(schemaName),
  DisplayCollectionName: label(`${schemaName}s`),
  OwnershipType: 'UserOwned',
  HasNotes: true,
  HasActivities: false,
  IsActivity: false,
  Attributes: [
    attribute('String', `${schemaName}Name`, { IsPrimaryName: true, MaxLength: 100 }),
    ...attributes,
  ],
  ...more,
});

const idOf = (answer: Answer): string =>
  /\(([0-9a-f-]{36})\)$/.exec(answer.headers.get('odata-entityid') ?? '')![1]!;

async function createTable(schemaName = 'new_Pump', attributes: readonly object[] = [], more: object = {}) {
  const answer = await client.post('EntityDefinitions', tableBody(schemaName, more, attributes));
  expect(answer.status).toBe(204);
  return idOf(answer);
}

const put = (path: string, body: unknown) =>
  client.call('PUT', path, { body, headers: { 'MSCRM.MergeLabels': 'true' } });

test('a table made through the Web API has an entity set, rows, rights and a new metadata version', async () => {
  const version = async () =>
    (
      await client.get('accounts?$top=1', {
        Prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.globalmetadataversion"',
      })
    ).json['@Microsoft.Dynamics.CRM.globalmetadataversion'];
  const before = await version();
  const id = await createTable('new_Pump', [
    attribute('Decimal', 'new_Flow', { Precision: 3, MinValue: 0, MaxValue: 100000.0 }),
    attribute('Money', 'new_Price'),
    attribute('DateTime', 'new_Built', { Format: 'DateOnly' }),
    attribute('Boolean', 'new_Wet', { OptionSet: { TrueOption: { Value: 1, Label: label('Wet') } } }),
    attribute('File', 'new_Manual'),
  ]);
  expect(Number(await version())).toBeGreaterThan(Number(before));
  const definition = await client.get(
    `EntityDefinitions(${id})?$select=LogicalName,EntitySetName,PrimaryNameAttribute`,
  );
  expect(definition.json).toMatchObject({
    LogicalName: 'new_pump',
    EntitySetName: 'new_pumps',
    PrimaryNameAttribute: 'new_pumpname',
  });
  const row = await client.post(
    'new_pumps',
    { new_pumpname: 'P1', new_flow: 1.5, new_price: 12.5, new_built: '2024-02-03T00:00:00Z' },
    { Prefer: 'return=representation' },
  );
  expect(row.status).toBe(201);
  expect(row.json).toMatchObject({ new_pumpname: 'P1', new_wet: false, statecode: 0 });
  expect(row.text).toContain('"new_flow":1.5000000000');
  expect(row.json._transactioncurrencyid_value).toBeDefined();
  const note = await client.post('annotations', {
    subject: 'about a pump',
    'objectid_new_pump@odata.bind': `/new_pumps(${row.json.new_pumpid})`,
  });
  expect(note.status).toBe(204);
  const salesperson = await client.as('mira.falk@lindqvist.example');
  expect(await salesperson.get('new_pumps')).toMatchObject({ status: 403, code: '0x80040220' });
});

test("Microsoft's Python client makes a table by CreateEntities with complex types", async () => {
  const answer = await client.post('CreateEntities', {
    Entities: [
      tableBody('new_Valve', { '@odata.type': `${PREFIX}ComplexEntityMetadata` }, [
        {
          ...attribute('Picklist', 'new_Kind'),
          '@odata.type': `${PREFIX}ComplexPicklistAttributeMetadata`,
          OptionSet: {
            '@odata.type': `${PREFIX}ComplexOptionSetMetadata`,
            IsGlobal: false,
            Options: [
              { Value: 1, Label: label('Gate') },
              { Value: 2, Label: label('Ball') },
            ],
          },
        },
      ]),
    ],
  });
  expect(answer.status).toBe(204);
  const { json } = await client.get(
    "EntityDefinitions(LogicalName='new_valve')/Attributes?$select=LogicalName",
  );
  expect(json.value.map((one: { LogicalName: string }) => one.LogicalName)).toContain('new_kind');
  expect((await client.post('new_valves', { new_valvename: 'V', new_kind: 2 })).status).toBe(204);
  expect(await client.post('new_valves', { new_kind: 3 })).toMatchObject({ status: 400, code: '0x8004431a' });
});

test.each([
  ['Pump', '0x80048062'],
  ['demo_Sample', '0x8004700b'],
])('a table named %s: %s', async (schemaName, code) => {
  expect(await client.post('EntityDefinitions', tableBody(schemaName))).toMatchObject({ status: 400, code });
});

test('a table needs its names and a primary name column', async () => {
  const { SchemaName, DisplayName, Attributes, ...rest } = tableBody('new_Pump');
  for (const body of [
    { ...rest, DisplayName, Attributes },
    { ...rest, SchemaName, Attributes },
    { ...rest, SchemaName, DisplayName },
  ])
    expect(await client.post('EntityDefinitions', body)).toMatchObject({ status: 400, code: '0x80040203' });
});

test('who may not customise is refused: 0x80040220', async () => {
  const salesperson = await client.as('mira.falk@lindqvist.example');
  expect(await salesperson.post('EntityDefinitions', tableBody('new_Pump'))).toMatchObject({
    status: 403,
    code: '0x80040220',
  });
});

test('change tracking and notes can be turned on and not off again', async () => {
  const id = await createTable('new_Pump', [], { HasNotes: false });
  expect(await client.get('new_pumps', { Prefer: 'odata.track-changes' })).toMatchObject({
    code: '0x80072491',
  });
  expect(
    (await put(`EntityDefinitions(${id})`, { ChangeTrackingEnabled: true, HasNotes: true })).status,
  ).toBe(204);
  expect((await client.get('new_pumps', { Prefer: 'odata.track-changes' })).status).toBe(200);
  expect(await put(`EntityDefinitions(${id})`, { ChangeTrackingEnabled: false })).toMatchObject({
    status: 400,
    code: '0x80040203',
  });
  const row = await client.post('new_pumps', { new_pumpname: 'P' }, { Prefer: 'return=representation' });
  const note = { 'objectid_new_pump@odata.bind': `/new_pumps(${row.json.new_pumpid})`, subject: 'n' };
  expect((await client.post('annotations', note)).status).toBe(204);
});

test('a column removed takes its values along, and comes back empty under its name with another id', async () => {
  const columns = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
  const first = idOf(await client.post(columns, attribute('String', 'demo_Shade', { MaxLength: 20 })));
  const [sample] = (await client.get('demo_samples?$top=1')).json.value;
  const path = `demo_samples(${sample.demo_sampleid})`;
  await client.patch(path, { demo_shade: 'blue' });
  const etag = (await client.get(path)).json['@odata.etag'];
  expect((await client.delete(`${columns}(LogicalName='demo_shade')`)).status).toBe(204);
  expect((await client.get(`${path}?$select=demo_shade`)).status).toBe(400);
  expect((await client.get(path)).json).not.toHaveProperty('demo_shade');
  const second = idOf(await client.post(columns, attribute('String', 'demo_Shade', { MaxLength: 20 })));
  expect(second).not.toBe(first);
  const after = (await client.get(path)).json;
  expect(after.demo_shade).toBeNull();
  expect(after['@odata.etag']).toBe(etag);
});

test('columns: a name twice, the primary name, a standard column, one in a key, a lookup without relationship', async () => {
  const columns = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
  const post = (json: object) => client.post(columns, json);
  expect(await post(attribute('String', 'demo_Code'))).toMatchObject({ status: 400, code: '0x80047013' });
  expect(await post(attribute('String', 'Code'))).toMatchObject({ status: 400, code: '0x80048062' });
  expect(await post(attribute('Lookup', 'demo_Other'))).toMatchObject({ status: 400, code: '0x80040203' });
  const remove = (name: string) => client.delete(`${columns}(LogicalName='${name}')`);
  expect(await remove('demo_name')).toMatchObject({ status: 400, code: '0x80047002' });
  expect(await remove('createdon')).toMatchObject({ status: 400, code: '0x8004f032' });
  expect(await remove('demo_code')).toMatchObject({ status: 400, code: '0x8004f01f' });
  expect(await remove('demo_nothing')).toMatchObject({ status: 404 });
});

test('a column changed by PUT keeps what the body does not name; its type cannot change', async () => {
  const columns = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
  const path = `${columns}(LogicalName='demo_decimal')`;
  const cast = `${path}/${PREFIX}DecimalAttributeMetadata`;
  const whole = (await client.get(cast)).json;
  expect(
    (await put(path, { ...whole, '@odata.type': `${PREFIX}DecimalAttributeMetadata`, Precision: 2 })).status,
  ).toBe(204);
  const after = (await client.get(cast)).json;
  expect(after).toMatchObject({ Precision: 2, MinValue: whole.MinValue, SchemaName: 'demo_Decimal' });
  expect(await put(path, attribute('String', 'demo_Decimal'))).toMatchObject({
    status: 400,
    code: '0x80040203',
  });
});

test('a date that becomes a day is read as the UTC day, and never becomes a time again', async () => {
  const columns = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
  const [sample] = (await client.get('demo_samples?$top=1')).json.value;
  const path = `demo_samples(${sample.demo_sampleid})`;
  await client.patch(path, { demo_tested: '2024-03-01T23:30:00Z' });
  const behavior = (value: string) =>
    put(
      `${columns}(LogicalName='demo_tested')`,
      attribute('DateTime', 'demo_Tested', { DateTimeBehavior: { Value: value } }),
    );
  expect((await behavior('DateOnly')).status).toBe(204);
  expect((await client.get(`${path}?$select=demo_tested`)).json.demo_tested).toBe('2024-03-01');
  expect(
    (await client.get(`demo_samples?$filter=demo_tested eq 2024-03-01&$select=demo_name`)).json.value,
  ).not.toEqual([]);
  expect(await behavior('UserLocal')).toMatchObject({ status: 400, code: '0x800608a1' });
});

test('a date that becomes independent of time zones keeps its digits', async () => {
  const [sample] = (await client.get('demo_samples?$top=1')).json.value;
  const path = `demo_samples(${sample.demo_sampleid})`;
  await client.patch(path, { demo_tested: '2024-03-01T23:30:00Z' });
  await put(
    "EntityDefinitions(LogicalName='demo_sample')/Attributes(LogicalName='demo_tested')",
    attribute('DateTime', 'demo_Tested', { DateTimeBehavior: { Value: 'TimeZoneIndependent' } }),
  );
  expect((await client.get(`${path}?$select=demo_tested`)).json.demo_tested).toBe('2024-03-01T23:30:00Z');
});

test('a choice value removed stays in the rows that hold it', async () => {
  const target = { EntityLogicalName: 'demo_sample', AttributeLogicalName: 'demo_kind' };
  const inserted = await client.post('InsertOptionValue', { ...target, Label: label('Mock-up') });
  const value = inserted.json.NewOptionValue;
  const row = await client.post(
    'demo_samples',
    { demo_name: 'x', demo_kind: value },
    { Prefer: 'return=representation' },
  );
  expect(
    await client.post('InsertOptionValue', { ...target, Value: value, Label: label('y') }),
  ).toMatchObject({
    status: 400,
    code: '0x80044310',
  });
  expect(
    (
      await client.post('UpdateOptionValue', {
        ...target,
        Value: value,
        Label: label('Model'),
        MergeLabels: true,
      })
    ).status,
  ).toBe(204);
  expect((await client.post('DeleteOptionValue', { ...target, Value: value })).status).toBe(204);
  expect((await client.get(`demo_samples(${row.json.demo_sampleid})?$select=demo_kind`)).json.demo_kind).toBe(
    value,
  );
  expect(await client.patch(`demo_samples(${row.json.demo_sampleid})`, { demo_kind: value })).toMatchObject({
    status: 400,
    code: '0x8004431a',
  });
  expect(await client.post('DeleteOptionValue', { ...target, Value: value })).toMatchObject({
    code: '0x8004431a',
  });
});

test('a status reason is added to its state; the default one stays', async () => {
  const inserted = await client.post('InsertStatusValue', {
    EntityLogicalName: 'demo_sample',
    AttributeLogicalName: 'statuscode',
    StateCode: 0,
    Label: label('Waiting'),
  });
  const value = inserted.json.NewOptionValue;
  expect((await client.post('demo_samples', { demo_name: 'x', statuscode: value })).status).toBe(204);
  const status = { EntityLogicalName: 'demo_sample', AttributeLogicalName: 'statuscode' };
  const states = client.server.environment.schema.table('demo_sample')!.columns.get('statecode')!.options!;
  expect(
    await client.post('DeleteOptionValue', { ...status, Value: states[0]!.defaultStatus }),
  ).toMatchObject({
    status: 400,
    code: '0x80044341',
  });
  expect(
    await client.post('InsertOptionValue', {
      EntityLogicalName: 'demo_sample',
      AttributeLogicalName: 'demo_name',
    }),
  ).toMatchObject({
    code: '0x80044320',
  });
});

test('a global choice: made, used, changed for all its columns, deleted only when unused', async () => {
  const id = idOf(
    await client.post('GlobalOptionSetDefinitions', {
      '@odata.type': `${PREFIX}OptionSetMetadata`,
      Name: 'new_Colors',
      IsGlobal: true,
      OptionSetType: 'Picklist',
      DisplayName: label('Colors'),
      Options: [{ Value: 1, Label: label('Red') }],
    }),
  );
  const set = `GlobalOptionSetDefinitions(${id})`;
  expect((await client.get("GlobalOptionSetDefinitions(Name='new_colors')")).json.Options).toHaveLength(1);
  const columns = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
  const bind = { 'GlobalOptionSet@odata.bind': `/${set}` };
  expect((await client.post(columns, attribute('Picklist', 'demo_Color', bind))).status).toBe(204);
  await client.post('InsertOptionValue', { OptionSetName: 'new_colors', Value: 2, Label: label('Green') });
  expect((await client.post('demo_samples', { demo_name: 'x', demo_color: 2 })).status).toBe(204);
  expect(await client.delete(set)).toMatchObject({ status: 400, code: '0x8004f01f' });
  await put(set, { Name: 'new_colors', Options: [{ Value: 7, Label: label('Blue') }] });
  expect((await client.post('demo_samples', { demo_name: 'x', demo_color: 2 })).status).toBe(400);
  await client.delete(`${columns}(LogicalName='demo_color')`);
  expect((await client.delete(set)).status).toBe(204);
  expect((await client.get("GlobalOptionSetDefinitions(Name='new_colors')")).status).toBe(404);
});

const oneToMany = (schemaName: string, more: object = {}) => ({
  '@odata.type': `${PREFIX}OneToManyRelationshipMetadata`,
  SchemaName: schemaName,
  ReferencedEntity: 'account',
  ReferencingEntity: 'demo_sample',
  CascadeConfiguration: {
    Assign: 'NoCascade',
    Delete: 'RemoveLink',
    Merge: 'NoCascade',
    Reparent: 'NoCascade',
    Share: 'NoCascade',
    Unshare: 'NoCascade',
  },
  Lookup: attribute('Lookup', 'demo_MakerId'),
  ...more,
});

test('a one-to-many brings its lookup, whose navigation property keeps the schema name, and takes it away again', async () => {
  const id = idOf(await client.post('RelationshipDefinitions', oneToMany('demo_Account_Maker')));
  expect(await client.post('RelationshipDefinitions', oneToMany('demo_account_maker'))).toMatchObject({
    code: '0x8004432b',
  });
  expect(await client.post('RelationshipDefinitions', oneToMany(''))).toMatchObject({ code: '0x8004432a' });
  const [account] = (await client.get('accounts?$select=accountid&$top=1')).json.value;
  const made = await client.post(
    'demo_samples',
    { demo_name: 'x', 'demo_MakerId@odata.bind': `/accounts(${account.accountid})` },
    { Prefer: 'return=representation' },
  );
  expect(made.json._demo_makerid_value).toBe(account.accountid);
  const path = `demo_samples(${made.json.demo_sampleid})`;
  const changed = { ...oneToMany('demo_Account_Maker'), CascadeConfiguration: { Delete: 'Restrict' } };
  expect((await put(`RelationshipDefinitions(${id})`, changed)).status).toBe(204);
  expect(await client.delete(`accounts(${account.accountid})`)).toMatchObject({ code: '0x80040227' });
  expect((await client.delete(`RelationshipDefinitions(${id})`, { 'If-Match': '*' })).status).toBe(204);
  expect((await client.get(path)).json).not.toHaveProperty('_demo_makerid_value');
  expect((await client.get(`RelationshipDefinitions(${id})`)).status).toBe(404);
});

test('a table has one parental relationship at most: 0x80047007', async () => {
  const parental = {
    Assign: 'Cascade',
    Delete: 'Cascade',
    Merge: 'Cascade',
    Reparent: 'Cascade',
    Share: 'Cascade',
    Unshare: 'Cascade',
  };
  const body = (name: string, lookup: string) => ({
    ...oneToMany(name),
    CascadeConfiguration: parental,
    Lookup: attribute('Lookup', lookup),
  });
  expect((await client.post('RelationshipDefinitions', body('demo_A', 'demo_AId'))).status).toBe(204);
  expect(await client.post('RelationshipDefinitions', body('demo_B', 'demo_BId'))).toMatchObject({
    code: '0x80047007',
  });
});

test('a many-to-many brings an intersect table with the two keys', async () => {
  const id = idOf(
    await client.post('RelationshipDefinitions', {
      '@odata.type': `${PREFIX}ManyToManyRelationshipMetadata`,
      SchemaName: 'demo_Sample_Contact',
      Entity1LogicalName: 'demo_sample',
      Entity2LogicalName: 'contact',
      IntersectEntityName: 'demo_sample_contact',
    }),
  );
  const [sample] = (await client.get('demo_samples?$select=demo_sampleid&$top=1')).json.value;
  const [contact] = (await client.get('contacts?$select=contactid&$top=1')).json.value;
  const linked = await client.post(`demo_samples(${sample.demo_sampleid})/demo_Sample_Contact/$ref`, {
    '@odata.id': `${client.server.url}/api/data/v9.2/contacts(${contact.contactid})`,
  });
  expect(linked.status).toBe(204);
  const { EntitySetName } = (
    await client.get("EntityDefinitions(LogicalName='demo_sample_contact')?$select=EntitySetName")
  ).json;
  expect((await client.get(EntitySetName)).json.value[0]).toMatchObject(
    sample.demo_sampleid ? { contactid: contact.contactid } : {},
  );
  expect((await client.delete(`RelationshipDefinitions(${id})`)).status).toBe(204);
  expect((await client.get(EntitySetName)).status).toBe(404);
});

test('a customer lookup has a navigation property for each of its two targets', async () => {
  const relationship = (name: string, parent: string) => ({
    SchemaName: name,
    ReferencedEntity: parent,
    ReferencingEntity: 'demo_sample',
  });
  const answer = await client.post('CreateCustomerRelationships', {
    Lookup: attribute('ComplexLookup', 'demo_BuyerId'),
    OneToManyRelationships: [
      relationship('demo_Buyer_A', 'account'),
      relationship('demo_Buyer_C', 'contact'),
    ],
  });
  expect(answer.json.RelationshipIds).toHaveLength(2);
  const [contact] = (await client.get('contacts?$select=contactid&$top=1')).json.value;
  const made = await client.post(
    'demo_samples',
    { demo_name: 'x', 'demo_buyerid_contact@odata.bind': `/contacts(${contact.contactid})` },
    { Prefer: 'return=representation,odata.include-annotations="*"' },
  );
  expect(made.json['_demo_buyerid_value@Microsoft.Dynamics.CRM.lookuplogicalname']).toBe('contact');
});

test('an alternate key works once made; rows that share its value make it fail', async () => {
  const keys = "EntityDefinitions(LogicalName='demo_sample')/Keys";
  const id = idOf(
    await client.post(keys, { SchemaName: 'demo_ByEmail', KeyAttributes: ['demo_email', 'demo_count'] }),
  );
  expect(
    await client.post(keys, { SchemaName: 'demo_ByEmail', KeyAttributes: ['demo_phone'] }),
  ).toMatchObject({ code: '0x80060893' });
  expect(
    await client.post(keys, { SchemaName: 'demo_Other', KeyAttributes: ['demo_count', 'demo_email'] }),
  ).toMatchObject({ code: '0x80060894' });
  expect(await client.post(keys, { SchemaName: 'demo_Notes', KeyAttributes: ['demo_notes'] })).toMatchObject({
    code: '0x8006088f',
  });
  const upsert = await client.patch("demo_samples(demo_email='a@b.example',demo_count=4711)", {
    demo_name: 'by key',
  });
  expect(upsert.status).toBe(204);
  expect((await client.get("demo_samples(demo_email='a@b.example',demo_count=4711)")).json.demo_name).toBe(
    'by key',
  );
  expect((await client.delete(`${keys}(${id})`)).status).toBe(204);
  await client.post('demo_samples', { demo_name: 'a', demo_phone: '1' });
  await client.post('demo_samples', { demo_name: 'b', demo_phone: '1' });
  await client.post(keys, { SchemaName: 'demo_ByPhone', KeyAttributes: ['demo_phone'] });
  const states = (await client.get(`${keys}?$select=SchemaName,EntityKeyIndexStatus`)).json.value;
  expect(states).toContainEqual(
    expect.objectContaining({ SchemaName: 'demo_ByPhone', EntityKeyIndexStatus: 'Failed' }),
  );
});

test('a table deleted takes rows, notes, relationships and lookups that lead only to it; made again it is another one', async () => {
  const id = await createTable('new_Pump');
  await client.post('RelationshipDefinitions', {
    ...oneToMany('new_Pump_Sample'),
    ReferencedEntity: 'new_pump',
    Lookup: attribute('Lookup', 'new_PumpId'),
  });
  const pump = await client.post('new_pumps', { new_pumpname: 'P' }, { Prefer: 'return=representation' });
  const note = await client.post(
    'annotations',
    { subject: 'n', 'objectid_new_pump@odata.bind': `/new_pumps(${pump.json.new_pumpid})` },
    { Prefer: 'return=representation' },
  );
  const sample = await client.post(
    'demo_samples',
    { demo_name: 'x', 'new_PumpId@odata.bind': `/new_pumps(${pump.json.new_pumpid})` },
    { Prefer: 'return=representation' },
  );
  expect((await client.delete(`EntityDefinitions(${id})`, { 'If-Match': '*' })).status).toBe(204);
  expect((await client.get('new_pumps')).status).toBe(404);
  expect((await client.get(`annotations(${note.json.annotationid})`)).status).toBe(404);
  const left = (await client.get(`demo_samples(${sample.json.demo_sampleid})`)).json;
  expect(left).not.toHaveProperty('_new_pumpid_value');
  expect(await client.delete("EntityDefinitions(LogicalName='account')")).toMatchObject({
    code: '0x8004f032',
  });
  const again = await createTable('new_Pump');
  expect(again).not.toBe(id);
  expect((await client.get('new_pumps')).json.value).toEqual([]);
});

test('PATCH does nothing to definitions: 405', async () => {
  expect((await client.patch("EntityDefinitions(LogicalName='account')", {})).status).toBe(405);
});
