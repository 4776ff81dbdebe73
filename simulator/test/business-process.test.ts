import { defineColumn } from '../src/data/define-column.ts';
import { customTable, lookupRelationship, systemColumns } from '../src/data/define-table.ts';
import { startClient, type Client } from './support/client.ts';
import { changeSchema, create } from './support/rows.ts';

const STAGES = [1, 2, 3].map((number) => `11111111-0000-4000-8000-00000000000${number}`);
const [FIRST = '', SECOND = '', LAST = ''] = STAGES;
const TABLE = 'demo_onboarding';
let client: Client;

/** An environment with a flow of three stages for accounts. */
beforeAll(async () => {
  client = await startClient();
  const column = (name: string, type: 'StringType' | 'UniqueidentifierType', more = {}) =>
    defineColumn(TABLE, { name, schemaName: name, type, custom: true, ...more });
  const lookup = (name: string, target: string) =>
    defineColumn(TABLE, { name, schemaName: name, type: 'LookupType', targets: [target], custom: true });
  const table = {
    ...customTable({
      logicalName: TABLE,
      schemaName: TABLE,
      displayName: 'Onboarding',
      displayCollectionName: 'Onboardings',
      objectTypeCode: 10_950,
      primaryId: 'businessprocessflowinstanceid',
      primaryName: null,
      ownership: 'OrganizationOwned',
      columns: [
        column('businessprocessflowinstanceid', 'UniqueidentifierType', { validForUpdate: false }),
        column('traversedpath', 'StringType', { maxLength: 1250 }),
        lookup('bpf_accountid', 'account'),
        lookup('activestageid', 'processstage'),
        ...systemColumns(TABLE, 'OrganizationOwned'),
      ],
    }),
    businessProcess: { table: 'account', column: 'bpf_accountid', stages: STAGES },
  };
  const status = table.columns.get('statuscode')!;
  const columns = new Map(table.columns).set('statuscode', {
    ...status,
    options: [
      { value: 1, label: 'Active', state: 0 },
      { value: 2, label: 'Finished', state: 1 },
      { value: 3, label: 'Aborted', state: 1 },
    ],
  });
  const to = (column: string, parent: string) =>
    lookupRelationship({
      schemaName: `${TABLE}_${column}`,
      parent,
      parentId: `${parent}id`,
      child: TABLE,
      column,
      navigation: column,
      cascade: { delete: parent === 'account' ? 'Cascade' : 'NoCascade' },
    });
  changeSchema(client, (schema) => ({
    ...schema,
    tables: [...schema.tables, { ...table, columns }],
    oneToMany: [...schema.oneToMany, to('bpf_accountid', 'account'), to('activestageid', 'processstage')],
  }));
  for (const [at, id] of STAGES.entries())
    client.server.environment.database.put('processstage', id, {
      processstageid: id,
      stagename: `Stage ${at + 1}`,
    });
});
afterAll(() => client.close());

const set = () => client.server.environment.schema.table(TABLE)!.entitySetName!;
const instancesOf = async (account: string) => {
  const select = '$select=traversedpath,statecode,statuscode,_activestageid_value';
  return (await client.get(`${set()}?$filter=_bpf_accountid_value eq ${account}&${select}`)).json.value;
};
const stage = (id: string) => ({ 'activestageid@odata.bind': `/processstages(${id})` });

test('a new row starts its flow in the first stage; an empty processid starts none [W8]', async () => {
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  expect(await instancesOf(accountid)).toMatchObject([
    { _activestageid_value: FIRST, traversedpath: FIRST, statecode: 0, statuscode: 1 },
  ]);
  const processid = '00000000-0000-0000-0000-000000000000';
  const without = await create(client, 'accounts', { name: 'B', processid });
  expect(await instancesOf(without.accountid)).toEqual([]);
  const { json } = await client.get('EntityDefinitions?$select=LogicalName&$filter=IsBPFEntity eq true');
  expect(json.value).toMatchObject([{ LogicalName: TABLE }]);
});

test('an instance that is made in a later stage tells how it came there', async () => {
  const processid = '00000000-0000-0000-0000-000000000000';
  const { accountid } = await create(client, 'accounts', { name: 'A', processid });
  const body = { 'bpf_accountid@odata.bind': `/accounts(${accountid})`, ...stage(SECOND) };
  expect((await client.post(set(), body)).status).toBe(400);
  expect((await client.post(set(), { ...body, traversedpath: `${FIRST},${SECOND}` })).status).toBe(204);
});

test('an instance moves one stage at a time, is finished from the last one, and may be aborted and taken up again', async () => {
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  const [instance] = await instancesOf(accountid);
  const path = `${set()}(${instance.businessprocessflowinstanceid})`;
  const write = async (body: object) => (await client.patch(path, body)).code;
  expect(await write(stage(LAST))).toBe('0x80092003');
  expect(await write({ statecode: 1, statuscode: 2 })).toBe('0x80092003');
  expect(await write({ statecode: 1, statuscode: 3 })).toBeUndefined();
  expect(await write({ statecode: 0, statuscode: 1 })).toBeUndefined();
  expect(await write({ ...stage(SECOND), traversedpath: `${FIRST},${SECOND}` })).toBeUndefined();
  expect(await write({ ...stage(LAST), traversedpath: STAGES.join(',') })).toBeUndefined();
  expect(await write({ statecode: 1, statuscode: 2 })).toBeUndefined();
});
