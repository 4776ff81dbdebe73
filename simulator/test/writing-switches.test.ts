import type { Switches } from '../src/service/switches.ts';
import { startClient, type Client } from './support/client.ts';
import { create, guids, user } from './support/rows.ts';

/** What the sources leave open, shown both ways; the first of each pair is the default. */
let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const newGuid = guids('99999999');
const OVERRIDDEN = { lastname: 'L', overriddencreatedon: '2003-04-05T06:07:08Z' };

/** The answers with the switch as it is by default, and with the value given. */
async function bothWays<Answer>(
  switches: Partial<Switches>,
  act: () => Promise<Answer>,
): Promise<[Answer, Answer]> {
  const { environment } = client.server;
  const before = environment.switches;
  const usual = await act();
  environment.switches = { ...before, ...switches };
  const other = await act();
  environment.switches = before;
  return [usual, other];
}

test('bindToMissingRow: 404 or 400', async () => {
  const bind = { 'primarycontactid@odata.bind': `/contacts(${newGuid()})` };
  const answers = await bothWays({ bindToMissingRow: 400 }, () =>
    client.post('accounts', { name: 'x', ...bind }),
  );
  expect(answers.map(({ status, code }) => [status, code])).toEqual([
    [404, '0x80040217'],
    [400, '0x80040217'],
  ]);
});

test('restrictedDelete: 405 or 400', async () => {
  const { queueid } = await create(client, 'queues', { name: 'Q' });
  const { activityid } = await create(client, 'tasks', { subject: 't' });
  await create(client, 'queueitems', {
    'queueid@odata.bind': `/queues(${queueid})`,
    'objectid_task@odata.bind': `/tasks(${activityid})`,
  });
  const answers = await bothWays({ restrictedDelete: 400 }, () => client.delete(`queues(${queueid})`));
  expect(answers.map(({ status }) => status)).toEqual([405, 400]);
});

test('createdOnOverride: the two change places, or both keep what was sent [W3]', async () => {
  const [swapped, kept] = await bothWays({ createdOnOverride: 'kept' }, () =>
    create(client, 'contacts', OVERRIDDEN),
  );
  expect(swapped).toMatchObject({
    createdon: '2003-04-05T06:07:08Z',
    overriddencreatedon: '2026-07-01T12:00:00Z',
  });
  expect(kept).toMatchObject({
    createdon: '2003-04-05T06:07:08Z',
    overriddencreatedon: '2003-04-05T06:07:08Z',
  });
});

test('createdOnOverrideTime: the time of day is kept or cut [W3]', async () => {
  const rows = await bothWays({ createdOnOverrideTime: 'cut' }, () => create(client, 'contacts', OVERRIDDEN));
  expect(rows.map(({ createdon }) => createdon)).toEqual(['2003-04-05T06:07:08Z', '2003-04-05T00:00:00Z']);
});

test('createdOnOverrideWithoutRight: the create is refused, or the column ignored [W3]', async () => {
  const mira = await client.as('mira.falk@lindqvist.example');
  const [refused, ignored] = await bothWays({ createdOnOverrideWithoutRight: 'ignored' }, () =>
    mira.post('contacts', OVERRIDDEN, { Prefer: 'return=representation' }),
  );
  expect(refused).toMatchObject({ status: 403, code: '0x80040220' });
  expect(ignored).toMatchObject({
    status: 201,
    json: { createdon: '2026-07-01T12:00:00Z', overriddencreatedon: null },
  });
});

test('explicitAutoNumber: kept or replaced', async () => {
  const rows = await bothWays({ explicitAutoNumber: 'replaced' }, () =>
    create(client, 'demo_samples', { demo_name: 's', demo_code: `OWN-${newGuid()}` }),
  );
  expect(rows.map(({ demo_code }) => String(demo_code).slice(0, 4))).toEqual(['OWN-', 'SMP-']);
});

test('owningUnitWhenOff: ignored or refused', async () => {
  const unit = `/businessunits(${client.server.environment.rootBusinessUnitId})`;
  const answers = await bothWays({ owningUnitWhenOff: 'refused' }, () =>
    client.post('accounts', { name: 'x', 'owningbusinessunit@odata.bind': unit }),
  );
  expect(answers.map(({ status }) => status)).toEqual([204, 400]);
});

test('cancelCaseByUpdate, qualifyLeadByUpdate: allowed or refused', async () => {
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  const cases = await bothWays({ cancelCaseByUpdate: 'refused' }, async () => {
    const row = await create(client, 'incidents', {
      title: 'C',
      'customerid_account@odata.bind': `/accounts(${accountid})`,
    });
    return client.patch(`incidents(${row.incidentid})`, { statecode: 2, statuscode: 6 });
  });
  const leads = await bothWays({ qualifyLeadByUpdate: 'refused' }, async () => {
    const { leadid } = await create(client, 'leads', { subject: 'L', lastname: 'x' });
    return client.patch(`leads(${leadid})`, { statecode: 1, statuscode: 3 });
  });
  for (const answers of [cases, leads])
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [204, undefined],
      [400, '0x80100005'],
    ]);
});

test('repeatedConnection: made again or refused, from the other end too', async () => {
  const [one, two] = [
    (await create(client, 'accounts', { name: '1' })).accountid,
    (await create(client, 'accounts', { name: '2' })).accountid,
  ];
  const connect = (first: string, second: string) =>
    client.post('connections', {
      'record1id_account@odata.bind': `/accounts(${first})`,
      'record2id_account@odata.bind': `/accounts(${second})`,
    });
  await connect(one, two);
  const answers = await bothWays({ repeatedConnection: 'refused' }, () => connect(two, one));
  expect(answers.map(({ code }) => code)).toEqual([undefined, '0x80048208']);
});

test('sharingAgain: adds or replaces', async () => {
  const Principal = {
    systemuserid: user(client, 'mira.falk').id,
    '@odata.type': 'Microsoft.Dynamics.CRM.systemuser',
  };
  const masks = await bothWays({ sharingAgain: 'replaces' }, async () => {
    const { accountid } = await create(client, 'accounts', { name: 'A' });
    const Target = { accountid, '@odata.type': 'Microsoft.Dynamics.CRM.account' };
    for (const AccessMask of ['ReadAccess', 'WriteAccess'])
      await client.post('GrantAccess', { Target, PrincipalAccess: { Principal, AccessMask } });
    const { json } = await client.get(
      `RetrieveSharedPrincipalsAndAccess(Target=@p1)?@p1={'@odata.id':'accounts(${accountid})'}`,
    );
    return json.PrincipalAccesses[0].AccessMask;
  });
  expect(masks).toEqual(['ReadAccess, WriteAccess', 'WriteAccess']);
});

test('failedChangeSet: outer 200 or 400 with continue-on-error [W9]', async () => {
  const lines = [
    '--b',
    'Content-Type: multipart/mixed; boundary=set',
    '',
    '--set',
    'Content-Type: application/http',
    'Content-ID: 1',
    '',
    'POST accounts HTTP/1.1',
    'Content-Type: application/json',
    '',
    '{"nope":1}',
    '--set--',
    '--b--',
    '',
  ];
  const headers = { 'Content-Type': 'multipart/mixed; boundary=b', Prefer: 'odata.continue-on-error' };
  const answers = await bothWays({ failedChangeSet: 400 }, () =>
    client.call('POST', '$batch', { raw: lines.join('\r\n'), headers }),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 400]);
  for (const { text } of answers) expect(text).toContain('HTTP/1.1 400');
});

test('emptyFile: 404 or 204', async () => {
  const { demo_sampleid } = await create(client, 'demo_samples', { demo_name: 's' });
  const answers = await bothWays({ emptyFile: 204 }, () =>
    client.get(`demo_samples(${demo_sampleid})/demo_document/$value`),
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 204]);
});

test('disabledImpersonation: 400 or 403', async () => {
  const headers = { MSCRMCallerID: user(client, 'ines.duarte').id };
  const answers = await bothWays({ disabledImpersonation: 403 }, () => client.get('WhoAmI', headers));
  expect(answers.map(({ status, code }) => [status, code])).toEqual([
    [400, '0x80040225'],
    [403, '0x80040225'],
  ]);
});
