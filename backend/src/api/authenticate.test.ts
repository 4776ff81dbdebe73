import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type Authenticate, authenticateWith } from './authenticate.ts';

const issuer = 'https://login.example/tenant-1/v2.0';
const audience = 'api://rowback';
const now = new Date('2026-11-23T14:00:00Z');
const clock = { now: () => now, sleep: () => Promise.resolve() };
const seconds = Math.floor(now.getTime() / 1000);

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let key: Key;
let strangersKey: Key;
let authenticate: Authenticate;

beforeAll(async () => {
  const own = await generateKeyPair('RS256');
  key = own.privateKey;
  strangersKey = (await generateKeyPair('RS256')).privateKey;
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  const keysOnly: typeof fetch = () =>
    Promise.resolve(new Response(JSON.stringify(jwks), { headers: { 'content-type': 'application/json' } }));
  authenticate = authenticateWith(
    { issuer, audience, jwksUri: 'https://login.example/keys' },
    clock,
    keysOnly,
  );
});

async function bearer(claims: JWTPayload, signedWith: Key = key): Promise<string> {
  const payload = {
    iss: issuer,
    aud: audience,
    exp: seconds + 600,
    oid: 'someone',
    roles: ['Rowback.Operator'],
    ...claims,
  };
  return `Bearer ${await new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(signedWith)}`;
}

test('a token of the tenant with an app role makes an operator', async () => {
  await expect(authenticate(await bearer({}))).resolves.toEqual({
    kind: 'operator',
    name: 'someone',
    roles: ['Rowback.Operator'],
  });
});

test('a person with the delegated scope and no role is a form user', async () => {
  await expect(authenticate(await bearer({ roles: [], scp: 'openid access_as_user' }))).resolves.toEqual({
    kind: 'user',
    entraObjectId: 'someone',
  });
});

test.each([
  ['another issuer (another tenant)', { iss: 'https://login.example/tenant-2/v2.0' }],
  ['another audience', { aud: 'https://other.example' }],
  ['an expired token', { exp: seconds - 3600 }],
  ['a token that is not valid yet', { nbf: seconds + 3600 }],
])('%s is refused with 401', async (_, claims) => {
  await expect(authenticate(await bearer(claims))).rejects.toMatchObject({ code: 'token-refused' });
});

test('a token signed with a key that the tenant does not publish is refused', async () => {
  await expect(authenticate(await bearer({}, strangersKey))).rejects.toMatchObject({ code: 'token-refused' });
});

test('an unsigned token is refused', async () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part({ iss: issuer, aud: audience, exp: seconds + 60, oid: 'x' })}.x`;
  await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token-refused' });
});

test('a token without role and scope is not allowed', async () => {
  await expect(authenticate(await bearer({ roles: ['Other.Role'] }))).rejects.toMatchObject({
    code: 'role-missing',
  });
});

test.each([undefined, '', 'Basic abc', 'Bearer', 'Bearer not-a-token'])(
  'no bearer token in %p is told as missing',
  async (header) => {
    await expect(authenticate(header)).rejects.toMatchObject({ code: 'token-missing' });
  },
);
