import { request as httpRequest } from 'node:http';
import { startClient, type Client } from './support/client.ts';

/**
 * Requests that nobody sends on purpose, from a fixed seed. Whatever comes, it is an answer of the service or of its
 * web server: a refusal that says what is wrong, never a fault of ours (500 with a stack) and never the end of the process.
 */

/** For a longer look: `FUZZ_ROUNDS=20000 FUZZ_SEED=7`. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 600);
let client: Client;

beforeAll(async () => {
  client = await startClient();
});
afterAll(() => client.close());

/** Small and repeatable: Park and Miller's generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const random = seeded(Number(process.env['FUZZ_SEED'] ?? 20_261_125));
const below = (count: number) => Math.floor(random() * count);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T; // the list is not empty

const ID = '00000000-0000-0000-0000-000000000001';
const PATHS = [
  'accounts',
  `accounts(${ID})`,
  `accounts(${ID})/name`,
  `accounts(${ID})/name/$value`,
  `accounts(${ID})/primarycontactid/$ref`,
  `accounts(${ID})/contact_customer_accounts/$ref`,
  `accounts(accountnumber='a')`,
  `accounts(${ID})/entityimage/$value?size=full`,
  'contacts?$select=fullname&$filter=startswith(fullname,%27a%27) and statecode eq 0&$orderby=fullname desc&$top=3',
  "contacts?$filter=Microsoft.Dynamics.CRM.In(PropertyName='contactid',PropertyValues=['a','b'])",
  'accounts?$expand=primarycontactid($select=fullname)&$count=true',
  'accounts?$apply=groupby((statecode),aggregate($count as n))',
  'accounts?$deltatoken=919042%2108',
  'accounts?$select=name&$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E',
  'accounts?fetchXml=<fetch count="3"><entity name="account"><attribute name="name"/><filter><condition attribute="name" operator="like" value="a%25"/></filter></entity></fetch>',
  'accounts?savedQuery=' + ID,
  'accounts/$count',
  'accounts/Microsoft.Dynamics.CRM.CreateMultiple',
  'accounts/Microsoft.Dynamics.CRM.UpdateMultiple',
  'EntityDefinitions',
  "EntityDefinitions(LogicalName='account')/Attributes?$select=LogicalName",
  "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')/Microsoft.Dynamics.CRM.StringAttributeMetadata",
  'RelationshipDefinitions',
  'GlobalOptionSetDefinitions',
  '$metadata',
  '$batch',
  'WhoAmI',
  'WhoAmI()',
  "RetrieveCurrentOrganization(AccessType='Default')",
  'RetrieveMetadataChanges(Query=@q)?@q={"Criteria":{"FilterOperator":"And","Conditions":[]}}',
  `systemusers(${ID})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@p1)?@p1={'@odata.id':'accounts(${ID})'}`,
  "RetrieveTotalRecordCount(EntityNames=['account','contact'])",
  'InitializeFileBlocksUpload',
  'UploadBlock',
  'CommitFileBlocksUpload',
  'DownloadBlock',
  'InitializeAnnotationBlocksDownload',
  'Merge',
  'WinOpportunity',
  'LoseOpportunity',
  'CloseIncident',
  'GrantAccess',
  'SetState',
  'BulkDelete',
  'AddMembersTeam',
  'CreateOneToMany',
  'ImportSolution',
  'QueryExpressionToFetchXml',
  '?sql=SELECT TOP 3 name FROM account',
  'recyclebinconfigs',
  'searchquery',
];
const SITE = [
  '/_simulator/statistics',
  '/_simulator/traffic',
  '/_simulator/faults',
  '/_simulator/bad-day',
  '/_simulator/switches',
  '/_simulator/hooks',
  '/_simulator/hooks/x',
  '/_simulator/checkpoints',
  `/_simulator/checkpoints/${ID}/restore`,
  '/_simulator/tokens',
  '/_simulator/clock',
  '/x/oauth2/v2.0/token',
  '/x/discovery/v2.0/keys',
  '/api/data/v9.2',
  '/api/data/v8.0/accounts',
  '/api/search/v2.0/query',
  '/XRMServices/2011/Organization.svc',
  '/',
];
const BODIES = [
  '{}',
  '[]',
  'null',
  '7',
  '{"name":"x"}',
  '{"name":7,"revenue":"x","statecode":{}}',
  '{"primarycontactid@odata.bind":"/contacts(x)"}',
  '{"primarycontactid@odata.bind":7,"name":null}',
  '{"primarycontactid":{"lastname":"y"},"contact_customer_accounts":[{"lastname":7}]}',
  '{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.account","name":"x"},null,7]}',
  '{"Targets":{}}',
  '{"Target":{"accountid":"x","@odata.type":"Microsoft.Dynamics.CRM.account"},"Subordinate":null}',
  '{"@odata.id":"accounts(x)"}',
  '{"@odata.id":7}',
  '{"FileContinuationToken":"x","BlockId":"*","BlockData":"*","Offset":-1,"BlockLength":1e9}',
  '{"entity":"account","@odata.type":"Microsoft.Dynamics.CRM.OpportunityClose","Status":3}',
  '{"OpportunityClose":{"opportunityid@odata.bind":"/x"},"Status":"a"}',
  '{"QuerySet":[{}],"JobName":7}',
  '{"user":7,"seed":-1,"hide":[],"effect":{"kind":"x"},"rate":1e400}',
  '{"table":"account","message":"Create","stage":9,"effect":{"kind":"refuse"}}',
  '{"a":1,"a":2}',
  '{"name":"\\ud800"}',
  '{"name":1e400,"revenue":1E-400000000,"numberofemployees":99999999999999999999}',
  '{"__proto__":{"x":1},"constructor":"y","toString":7}',
  '{"name":',
  '\ufeff{}',
  '\0',
  '<fetch>',
  'grant_type=client_credentials&client_id=%&client_secret=%ff',
  '--b\r\nContent-Type: application/http\r\n\r\nGET accounts HTTP/1.1\r\n\r\n\r\n--b--\r\n',
  '--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\nPOST /api/data/v9.2/accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"name":\r\n--c--\r\n--b--\r\n',
  '--b\r\n\r\n--b--\r\n',
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'content-type': 'application/json' },
  { 'content-type': 'multipart/mixed; boundary=b' },
  { 'content-type': 'multipart/mixed; boundary=' },
  { 'content-type': 'multipart/mixed; boundary=(' },
  { 'content-type': 'application/octet-stream', 'x-ms-file-name': '%ff', 'content-range': 'bytes 9-1/x' },
  { 'x-ms-transfer-mode': 'chunked', 'x-ms-file-name': '' },
  { prefer: 'odata.maxpagesize=-1,odata.include-annotations="*"' },
  { prefer: 'odata.maxpagesize=x,return=representation,odata.track-changes' },
  { prefer: '"' },
  { 'if-match': 'W/"x"', 'if-none-match': '"' },
  { range: 'bytes=9-1' },
  { range: 'bytes=-' },
  { authorization: 'Bearer a.b.c' },
  { authorization: 'Bearer' },
  { authorization: 'Basic %%%' },
  { authorization: `Basic ${Buffer.from('%ff:%').toString('base64')}` },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'deflate' },
  { host: '[' },
  { host: 'a b' },
  { host: '' },
  { host: 'x:99999' },
  { 'x-forwarded-proto': 'https, x' },
  { callerobjectid: 'x', mscrmcallerid: ID },
  { 'mscrm.solutionuniquename': 'x', 'mscrm.sessiontoken': 'x', consistency: 'x' },
  { 'accept-encoding': 'gzip', 'accept-language': '99999', 'odata-maxversion': '1' },
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'];
const NOISE = [
  '%',
  '%ff',
  "'",
  '"',
  '(',
  ')',
  '$',
  '@',
  ',',
  '/',
  '//',
  '?',
  '&',
  '=',
  ' ',
  '%00',
  '..',
  '%2e',
  '-1',
  '9'.repeat(30),
  'null',
  'not ',
  'eq',
  '[',
  ']',
  '<',
  '>',
  '%f0%9f%8f%a0',
  '__proto__',
  'constructor',
];

/** A text with some piece of it taken out, doubled, or replaced by noise. */
function mutated(text: string): string {
  let changed = text;
  for (let times = below(4); times > 0; times -= 1) {
    const at = below(changed.length + 1);
    const cut = below(3) === 0 ? below(8) : 0;
    changed =
      changed.slice(0, at) +
      (below(4) === 0 ? changed.slice(at, at + below(20)) : pick(NOISE)) +
      changed.slice(at + cut);
  }
  return changed;
}

interface Trial {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function trial(): Trial {
  const target = below(5) === 0 ? mutated(pick(SITE)) : `/api/data/v9.2/${mutated(pick(PATHS))}`;
  return {
    method: pick(METHODS),
    // What a request line cannot carry does not reach anybody.
    target: target.replace(/[^\x21-\x7e]/g, encodeURIComponent),
    headers: { ...pick(HEADERS), ...pick(HEADERS) },
    body: below(3) === 0 ? mutated(pick(BODIES)) : pick(BODIES),
  };
}

function send(
  token: string,
  { method, target, headers, body }: Trial,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      client.server.url,
      { method, path: target, headers: { authorization: `Bearer ${token}`, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(['GET', 'HEAD', 'TRACE', 'OPTIONS'].includes(method) ? undefined : body);
  });
}

async function tokenNow(): Promise<string> {
  const { clientId, clientSecret } = client.server.environment.identity;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${client.server.url}/.default`,
  });
  const response = await fetch(client.server.tokenUrl, { method: 'POST', body: form });
  const { access_token: token } = (await response.json()) as { access_token: string }; // the token endpoint's shape
  return token;
}

test('whatever is sent, the answer is a refusal or a result, never a fault of the simulator', async () => {
  const token = await tokenNow();
  const faults: unknown[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const one = trial();
    const { status, text } = await send(token, one);
    if (status >= 500 && !text.includes('is not supported'))
      faults.push({ ...one, status, text: text.slice(0, 700) });
  }
  expect(faults).toEqual([]);
  expect((await client.get('WhoAmI')).status).toBe(200);
});

test.each([
  ['a body that is not packed as its header says', { 'content-encoding': 'gzip' }, 400],
  ['a host that is none', { host: '[' }, 400],
])('%s is refused by the web server', async (_, headers, status) => {
  const one = { method: 'POST', target: '/api/data/v9.2/accounts', headers, body: '{}' };
  const answer = await send(await tokenNow(), one);
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/Error|\.ts/);
});
