import { startClient, type Client } from './support/client.ts';

let client: Client;
afterEach(() => client.close());

const COLUMNS = "EntityDefinitions(LogicalName='demo_sample')/Attributes";
const column = {
  '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
  SchemaName: 'demo_Late',
  MaxLength: 10,
};

async function names(headers: Record<string, string> = {}): Promise<string[]> {
  const { json } = await client.get(`${COLUMNS}?$select=LogicalName`, headers);
  return json.value.map((one: { LogicalName: string }) => one.LogicalName);
}

test.each([0, 30] as const)('a new column and a cache of %s seconds', async (metadataCacheSeconds) => {
  client = await startClient({ switches: { metadataCacheSeconds } });
  await client.post(COLUMNS, column);
  client.advance(10_000);
  expect((await names()).includes('demo_late')).toBe(metadataCacheSeconds === 0);
  expect(await names({ Consistency: 'Strong' })).toContain('demo_late');
  client.advance(25_000);
  expect(await names()).toContain('demo_late');
});
