import { sendJson, startService, type HttpService } from '../../../test/support/http-service.ts';
import { TickingClock } from '../../../test/support/ticking-clock.ts';
import { tokenSource } from './tokens.ts';

const tenantId = '11111111-1111-1111-1111-111111111111';
let service: HttpService;
let issued = 0;
let expiresIn = 3599;
/** Answers in place of tokens, one for each request, as long as there are any. */
let troubles: { readonly status: number; readonly body: string }[] = [];
let clock = new TickingClock();

beforeEach(() => {
  clock = new TickingClock();
});

beforeAll(async () => {
  service = await startService((request, response) => {
    const form = new URLSearchParams(request.body);
    const trouble = troubles.shift();
    if (trouble !== undefined)
      return sendJson(response, trouble.body, trouble.status, { 'retry-after': '20' });
    if (!request.url.startsWith(`/${tenantId}/`)) {
      return refuse(response, "AADSTS90002: Tenant 'x' not found.", 'invalid_request', 400);
    }
    if (form.get('client_secret') !== 'right') {
      return refuse(
        response,
        'AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1',
        'invalid_client',
        401,
      );
    }
    issued += 1;
    sendJson(response, {
      token_type: 'Bearer',
      expires_in: expiresIn,
      access_token: `token-${issued}-${form.get('scope')}`,
    });
  });
});

afterAll(() => service.close());

function refuse(response: Parameters<typeof sendJson>[0], text: string, error: string, status: number): void {
  sendJson(response, { error, error_description: text, error_codes: [] }, status);
}

function source(change: { secret?: string; tenantId?: string; tokenUrl?: string } = {}) {
  return tokenSource({
    credential: { kind: 'secret', clientId: 'client', clientSecret: change.secret ?? 'right' },
    tenantId: change.tenantId ?? tenantId,
    url: 'https://name.crm4.dynamics.com/',
    fetch,
    clock,
    tokenUrl: change.tokenUrl ?? `${service.url}/${tenantId}/oauth2/v2.0/token`,
  });
}

test('a token is for the environment, kept, and replaced on request', async () => {
  const tokens = source();
  const first = await tokens.token();
  expect(first).toContain('https://name.crm4.dynamics.com/.default');
  expect(await tokens.token()).toBe(first);
  expect(await tokens.token({ fresh: true })).not.toBe(first);
});

test('a wrong secret says what to do', async () => {
  await expect(source({ secret: 'wrong' }).token()).rejects.toMatchObject({
    code: 'dataverse-sign-in',
    serviceCode: 'AADSTS7000215',
    hint: expect.stringContaining('secret') as string,
  });
});

test('an unknown tenant says what to do', async () => {
  const tokens = source({ tenantId: '22222222-2222-2222-2222-222222222222' });
  await expect(tokens.token()).rejects.toMatchObject({ hint: expect.stringContaining('tenant') as string });
});

test('a dead endpoint is named', async () => {
  const tokens = source({ tokenUrl: 'http://127.0.0.1:1/x/oauth2/v2.0/token' });
  await expect(tokens.token()).rejects.toThrow('http://127.0.0.1:1');
});

test('a token that is about to expire is replaced before it does', async () => {
  expiresIn = 200;
  const tokens = source();
  const first = await tokens.token();
  expect(await tokens.token()).not.toBe(first);
  expiresIn = 3599;
  const kept = await tokens.token();
  expect(await tokens.token()).toBe(kept);
});

test('a sign-in service that is busy or broken for a moment is asked again, not before it says', async () => {
  troubles = [
    { status: 503, body: '<html>' },
    { status: 429, body: '{"error":"temporarily_unavailable"}' },
  ];
  expect(await source().token()).toContain('token-');
  expect(clock.slept).toEqual([20_000, 20_000]);
});

test('a sign-in service that stays broken is an error after some tries', async () => {
  troubles = Array.from({ length: 4 }, () => ({ status: 503, body: '<html>' }));
  await expect(source().token()).rejects.toMatchObject({ code: 'dataverse-sign-in' });
  expect(troubles).toEqual([]);
});

test('an answer that is no JSON is not shown: it could be a piece of a token', async () => {
  troubles = [{ status: 200, body: '{"access_token":"eyJ0eXAi"x' }];
  const error: unknown = await source()
    .token()
    .catch((reason: unknown) => reason);
  for (let one = error; one instanceof Error; one = one.cause) expect(one.message).not.toContain('eyJ0');
  expect(error).toMatchObject({ code: 'dataverse-sign-in' });
});
