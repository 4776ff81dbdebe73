import { sendJson, startService, type HttpService } from '../../../test/support/http-service.ts';
import { tokenSource } from './tokens.ts';

/** Each test has an environment of its own, since msal-node keeps tokens of managed identities for the whole process. */
let count = 0;
let nowMs = 0;
let identity: HttpService;
let answer: { readonly status: number; readonly body: Record<string, unknown> };
const before = { ...process.env };

beforeAll(async () => {
  identity = await startService((request, response) => {
    const known =
      request.headers['x-identity-header'] === 'of-this-machine' || request.headers['metadata'] === 'true';
    if (!known) return sendJson(response, { error: 'unauthorized' }, 401);
    sendJson(response, answer.body, answer.status);
  });
});
afterAll(() => identity.close());
beforeEach(() => {
  count += 1;
  nowMs = Date.now();
  identity.seen.length = 0;
  answer = { status: 200, body: good() };
});
afterEach(() => {
  process.env = { ...before };
});

function good(secondsLeft = 3600) {
  const expires = String(Math.floor(Date.now() / 1000) + secondsLeft);
  return { access_token: `token-${count}`, expires_on: expires, token_type: 'Bearer', resource: 'x' };
}

function source(clientId?: string) {
  return tokenSource({
    credential: { kind: 'managed-identity', ...(clientId === undefined ? {} : { clientId }) },
    tenantId: '',
    url: `https://name${count}.crm4.dynamics.com`,
    fetch,
    clock: { now: () => new Date(nowMs), sleep: () => Promise.resolve() },
  });
}

describe('on App Service, Functions and Container Apps', () => {
  beforeEach(() => {
    process.env['IDENTITY_ENDPOINT'] = `${identity.url}/msi/token`;
    process.env['IDENTITY_HEADER'] = 'of-this-machine';
  });

  test('the identity of the app gives a token for the environment, which is kept and replaced on request', async () => {
    const tokens = source();
    expect(await tokens.token()).toBe(`token-${count}`);
    expect(await tokens.token()).toBe(`token-${count}`);
    expect(identity.seen).toHaveLength(1);
    const asked = new URL(identity.seen[0]?.url ?? '', identity.url).searchParams;
    expect(asked.get('resource')).toBe(`https://name${count}.crm4.dynamics.com`);
    answer = { status: 200, body: { ...good(), access_token: 'newer' } };
    expect(await tokens.token({ fresh: true })).toBe('newer');
    answer = { status: 200, body: { ...good(), access_token: 'newest' } };
    nowMs += 56 * 60_000;
    expect(await tokens.token()).toBe('newest');
  });

  test('a user-assigned identity is named', async () => {
    await source('33333333-3333-3333-3333-333333333333').token();
    expect(identity.seen[0]?.url).toContain('client_id=33333333-3333-3333-3333-333333333333');
  });

  test('an identity that the machine does not have is an error that says what to do', async () => {
    answer = { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } };
    await expect(source().token()).rejects.toMatchObject({
      code: 'dataverse-sign-in',
      message: expect.stringContaining('managed identity') as string,
      hint: expect.stringContaining('identity') as string,
    });
  });
});
