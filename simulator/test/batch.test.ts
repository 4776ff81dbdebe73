import { startClient, type Answer, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const part = (request: string, headers = '') =>
  `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${headers}\r\n${request}\r\n`;
const request = (method: string, path: string, body?: unknown) =>
  `${method} ${path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${body === undefined ? '' : JSON.stringify(body)}`;
const wrap = (boundary: string, parts: string[]) =>
  parts.map((one) => `--${boundary}\r\n${one}`).join('') + `--${boundary}--\r\n`;
const changeSet = (parts: string[]) =>
  `Content-Type: multipart/mixed; boundary=set\r\n\r\n${wrap('set', parts)}`;

function batch(parts: string[], headers: Record<string, string> = {}): Promise<Answer> {
  return client.call('POST', '$batch', {
    raw: wrap('outer', parts),
    headers: { 'Content-Type': 'multipart/mixed; boundary="outer"', ...headers },
  });
}

const statuses = (answer: Answer) =>
  [...answer.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));

test('parts run in order; the first error ends the batch with outer 400 [W9]', async () => {
  const answer = await batch([
    part(request('POST', '/api/data/v9.2/accounts', { name: 'one' })),
    part(request('POST', `${client.server.url}/api/data/v9.2/accounts`, { nope: 1 })),
    part(request('GET', 'accounts?$top=1')),
  ]);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=batchresponse_/);
  expect(statuses(answer)).toEqual([204, 400]);
  expect(answer.text).toMatch(/\r\nLocation: http/);
});

test('with continue-on-error every part is answered and the outer status is 200 [W9]', async () => {
  const answer = await batch(
    [part(request('POST', 'accounts', { nope: 1 })), part(request('GET', 'accounts?$top=1'))],
    { Prefer: 'odata.continue-on-error' },
  );
  expect(answer.status).toBe(200);
  expect(answer.headers.get('preference-applied')).toBe('odata.continue-on-error');
  expect(statuses(answer)).toEqual([400, 200]);
});

test('a change set refers to its own rows by content id, in binds and in URLs [W9]', async () => {
  const id = 'bbbbbbbb-0000-4000-8000-000000000001';
  const answer = await batch([
    changeSet([
      part(request('POST', 'accounts', { accountid: id, name: 'parent' }), 'Content-ID: 1\r\n'),
      part(
        request('POST', 'contacts', { lastname: 'child', 'parentcustomerid_account@odata.bind': '$1' }),
        'Content-ID: 2\r\n',
      ),
      part(request('PATCH', '$1', { fax: '7' }), 'Content-ID: 3\r\n'),
    ]),
  ]);
  expect(answer.status).toBe(200);
  expect(statuses(answer)).toEqual([204, 204, 204]);
  expect(answer.text).toMatch(/Content-ID: 2\r\n/);
  const { json } = await client.get(
    `accounts(${id})?$select=fax&$expand=contact_customer_accounts($select=lastname)`,
  );
  expect(json).toMatchObject({ fax: '7', contact_customer_accounts: [{ lastname: 'child' }] });
});

test('a failing change set is rolled back and answers with the failing part alone [W9]', async () => {
  const id = 'bbbbbbbb-0000-4000-8000-000000000002';
  const answer = await batch([
    changeSet([
      part(request('POST', 'accounts', { accountid: id, name: 'x' }), 'Content-ID: 1\r\n'),
      part(
        request('POST', 'contacts', { lastname: 'y', 'parentcustomerid_account@odata.bind': '$9' }),
        'Content-ID: 2\r\n',
      ),
    ]),
  ]);
  expect(statuses(answer)).toEqual([400]);
  expect(answer.text).toContain("Content-ID Reference: '$9' does not exist in the batch context.");
  expect(answer.text).toMatch(/Content-ID: 2\r\n/);
  expect((await client.get(`accounts(${id})`)).status).toBe(404);
});

test.each([
  ['lines that end in LF', wrap('outer', [part(request('GET', 'accounts'))]).replaceAll('\r\n', '\n')],
  ['no line end after the last boundary', wrap('outer', [part(request('GET', 'accounts'))]).slice(0, -2)],
  [
    'more than 1000 requests',
    wrap(
      'outer',
      Array.from({ length: 1001 }, () => part(request('GET', 'WhoAmI'))),
    ),
  ],
])('refused as one JSON error, 0x80048d19: %s [W9]', async (_name, raw) => {
  const answer = await client.call('POST', '$batch', {
    raw,
    headers: { 'Content-Type': 'multipart/mixed; boundary=outer' },
  });
  expect(answer).toMatchObject({ status: 400, code: '0x80048d19' });
});

test('a GET inside a change set is refused [W9]', async () => {
  const answer = await batch([changeSet([part(request('GET', 'accounts'), 'Content-ID: 1\r\n')])]);
  expect(statuses(answer)).toEqual([400]);
});

test('a content id of a later part, or of another change set, stands for nothing [W9]', async () => {
  const child = (to: string) => ({ lastname: 'y', 'parentcustomerid_account@odata.bind': to });
  const later = await batch([
    changeSet([
      part(request('POST', 'contacts', child('$2')), 'Content-ID: 1\r\n'),
      part(request('POST', 'accounts', { name: 'x' }), 'Content-ID: 2\r\n'),
    ]),
  ]);
  expect(later.text).toContain("Content-ID Reference: '$2' does not exist in the batch context.");
  const other = await batch([
    changeSet([part(request('POST', 'accounts', { name: 'x' }), 'Content-ID: 1\r\n')]),
    changeSet([part(request('POST', 'contacts', child('$1')), 'Content-ID: 2\r\n')]),
  ]);
  expect(other.status).toBe(400);
  expect(other.text).toContain("Content-ID Reference: '$1' does not exist in the batch context.");
});

test('a batch of exactly 1000 requests is taken, and one inside of another refused [W9]', async () => {
  const many = await batch(Array.from({ length: 1000 }, () => part(request('GET', 'WhoAmI'))));
  expect([many.status, statuses(many).length]).toEqual([200, 1000]);
  const nested = await batch([part(request('POST', '$batch'))]);
  expect(statuses(nested)).toEqual([400]);
});
