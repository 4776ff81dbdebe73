import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

async function search(path: string, body: unknown) {
  const url = `${client.server.url}/api/search/${path}`;
  return client.call('POST', url, { body });
}

test('search finds rows by words of their name, and marks what it found', async () => {
  const name = 'Quince & Sons Orchard';
  await client.post('accounts', { name });
  const found = await search('v1.0/query', {
    search: 'quince',
    entities: ['account'],
    returntotalrecordcount: true,
  });
  expect(found.json).toMatchObject({
    totalrecordcount: 1,
    value: [
      {
        '@search.entityname': 'account',
        name,
        '@search.highlights': { name: ['{crmhit}Quince{/crmhit} & Sons Orchard'] },
      },
    ],
  });
  const part = await search('v1.0/query', { search: 'quin', entities: ['account'] });
  expect(part.json.value).toEqual([]);
  const begun = await search('v2.0/suggest', { search: 'quince or', entities: '[{"name":"account"}]' });
  expect(JSON.parse(begun.json.response).Value[0].Text).toBe(
    '{crmhit}Quince{/crmhit} & Sons {crmhit}Or{/crmhit}chard',
  );
});

test('search refuses who has no right to read anything', async () => {
  await client.post('accounts', { name: 'Medlar Holding' });
  const outsider = await client.as('ines.duarte@lindqvist.example');
  const asked = { body: { search: 'medlar' } };
  const url = `${client.server.url}/api/search/v1.0/query`;
  // Who has no role at all is refused before anything is looked for.
  const refused = await outsider.call('POST', url, asked);
  expect(refused.status).toBe(403);
  expect(refused.text).not.toContain('Medlar');
  expect((await client.call('POST', url, asked)).json.value).toHaveLength(1);
});

test('a search without words, and parameters that are not there, are refused', async () => {
  expect(await search('v2.0/query', {})).toMatchObject({ status: 400, code: '0x80048d19' });
  expect(await search('v2.0/query', { search: 'x', filter: 'a eq 1' })).toMatchObject({ status: 400 });
  expect(await search('v2.0/suggest', { search: 'ab' })).toMatchObject({ status: 400 });
});

test('an action that the caller does not wait for is done, and its monitor tells how it ended', async () => {
  const created = await client.post('accounts', { name: 'Waits' }, { Prefer: 'return=representation' });
  const target = (name: unknown) => ({
    Targets: [{ '@odata.type': 'Microsoft.Dynamics.CRM.account', accountid: created.json.accountid, name }],
  });
  const path = 'accounts/Microsoft.Dynamics.CRM.UpdateMultiple';
  const begun = await client.post(path, target('Done'), { Prefer: 'respond-async' });
  expect(begun.status).toBe(202);
  const location = begun.headers.get('location') ?? '';
  expect(location).toMatch(/\/api\/backgroundoperation\/[0-9a-f-]{36}$/);
  expect((await client.get(location)).json).toMatchObject({
    backgroundOperationStateCode: 3,
    backgroundOperationStatusCode: 30,
  });
  expect((await client.get(`accounts(${created.json.accountid})`)).json.name).toBe('Done');
  const failed = await client.post(path, target(5), { Prefer: 'respond-async' });
  expect((await client.get(failed.headers.get('location') ?? '')).json).toMatchObject({
    backgroundOperationStatusCode: 31,
    backgroundOperationErrorCode: expect.any(Number),
  });
  const { environment } = client.server;
  environment.switches = { ...environment.switches, messageLanguage: 'german' };
  const german = await client.post(path, target(5), { Prefer: 'respond-async' });
  expect((await client.get(german.headers.get('location') ?? '')).json).toMatchObject({
    backgroundOperationErrorMessage: expect.stringMatching(/ungültig|Fehler|Ungültig/),
  });
  const missing = `${client.server.url}/api/backgroundoperation/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`;
  expect((await client.get(missing)).json.error.message).toBe('Der Datensatz ist nicht vorhanden.');
  environment.switches = { ...environment.switches, messageLanguage: 'english' };
});
