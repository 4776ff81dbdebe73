import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeEach(async () => (client = await startClient()));
afterEach(() => client.close());

const COLUMNS = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
const text = (SchemaName: string) => ({
  '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
  SchemaName,
  MaxLength: 10,
});

const equals = (PropertyName: string, Value: string) => ({
  Conditions: [{ PropertyName, ConditionOperator: 'Equals', Value: { Type: 'System.String', Value } }],
});

function changes(query: object, stamp?: string) {
  const q = encodeURIComponent(JSON.stringify(query));
  if (stamp === undefined) return client.get(`RetrieveMetadataChanges(Query=@p1)?@p1=${q}`);
  const filters = "Microsoft.Dynamics.CRM.DeletedMetadataFilters'All'";
  return client.get(
    'RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2,DeletedMetadataFilters=@p3)' +
      `?@p1=${q}&@p2='${encodeURIComponent(stamp)}'&@p3=${filters}`,
  );
}

const QUERY = { Properties: { PropertyNames: ['LogicalName', 'Attributes'] } };

test('a query chooses tables, columns and their properties, types in the complex form', async () => {
  const { json } = await changes({
    ...QUERY,
    Criteria: equals('LogicalName', 'demo_sample'),
    AttributeQuery: {
      Properties: { PropertyNames: ['LogicalName', 'MaxLength', 'OptionSet'] },
      Criteria: equals('LogicalName', 'demo_kind'),
    },
  });
  expect(json.ServerVersionStamp).toMatch(/^\d+!\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/);
  expect(json.DeletedMetadata).toBeNull();
  expect(json.EntityMetadata).toHaveLength(1);
  const [table] = json.EntityMetadata;
  expect(Object.keys(table).sort()).toEqual(['Attributes', 'HasChanged', 'LogicalName', 'MetadataId']);
  expect(table.Attributes).toHaveLength(1);
  expect(table.Attributes[0]).toMatchObject({
    '@odata.type': '#Microsoft.Dynamics.CRM.ComplexPicklistAttributeMetadata',
    LogicalName: 'demo_kind',
  });
  expect(table.Attributes[0].OptionSet.Options).toHaveLength(3);
});

test('with a stamp only what changed since comes, with the ids of what is gone', async () => {
  await client.post(COLUMNS, text('demo_Gone'));
  const gone = (await client.get(`${COLUMNS}(LogicalName='demo_gone')?$select=MetadataId`)).json.MetadataId;
  const { ServerVersionStamp } = (await changes(QUERY)).json;
  expect((await changes(QUERY, ServerVersionStamp)).json.EntityMetadata).toEqual([]);
  await client.post(COLUMNS, text('demo_New'));
  await client.delete(`${COLUMNS}(LogicalName='demo_gone')`);
  const { json } = await changes(QUERY, ServerVersionStamp);
  expect(json.EntityMetadata).toHaveLength(1);
  expect(json.EntityMetadata[0]).toMatchObject({ LogicalName: 'demo_sample', HasChanged: true });
  expect(json.EntityMetadata[0].Attributes.map((one: { LogicalName: string }) => one.LogicalName)).toEqual([
    'demo_new',
  ]);
  expect(json.DeletedMetadata).toEqual({
    Count: 1,
    IsReadOnly: false,
    Keys: ['Attribute'],
    Values: [{ Count: 1, Items: [gone] }],
  });
  expect((await changes(QUERY, json.ServerVersionStamp)).json.EntityMetadata).toEqual([]);
});

test('a stamp older than expiresubscriptionsindays: 0x80044352', async () => {
  const { ServerVersionStamp } = (await changes(QUERY)).json;
  client.advance(91 * 86_400_000);
  expect(await changes(QUERY, ServerVersionStamp)).toMatchObject({ status: 400, code: '0x80044352' });
  expect(await changes(QUERY, 'yesterday')).toMatchObject({ status: 400, code: '0x80040203' });
});
