import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { sendJson, startService, type HttpService } from '../../../test/support/http-service.ts';
import { selfSigned } from '../../../test/support/self-signed.ts';
import { clock, everything, random } from '../../../test/support/world.ts';
import { connect } from '../../jobs/open.ts';
import type { EnvironmentSettings } from '../../jobs/settings.ts';
import { tokenSource } from './tokens.ts';

const tenantId = '11111111-1111-1111-1111-111111111111';
const clientId = '22222222-2222-2222-2222-222222222222';
const right = selfSigned('rowback');
const wrong = selfSigned('somebody else');
let entra: HttpService;
/** What the token endpoint thinks of the time in the assertion. */
let clocksDiffer = false;

/** Checks the client's assertion as Entra ID does: signature of the known certificate, audience, subject, time. */
async function accepted(assertion: string): Promise<boolean> {
  const thumbprint = Buffer.from(right.thumbprintSha256, 'hex').toString('base64url');
  if (decodeProtectedHeader(assertion)['x5t#S256'] !== thumbprint) return false;
  const { payload } = await jwtVerify(assertion, createPublicKey(right.certificate), {
    algorithms: ['PS256'],
    issuer: clientId,
    subject: clientId,
    // msal-node rounds seconds, up too; Entra ID lets clocks differ by minutes.
    clockTolerance: 300,
  });
  return String(payload.aud).endsWith(`/${tenantId}/oauth2/v2.0/token`) && payload.jti !== undefined;
}

beforeAll(async () => {
  entra = await startService((request, response) => {
    if (request.url.startsWith('/api/data')) {
      const ids = { UserId: clientId, BusinessUnitId: clientId, OrganizationId: tenantId };
      return sendJson(response, request.headers.authorization === 'Bearer by-certificate' ? ids : {}, 200);
    }
    const form = new URLSearchParams(request.body);
    const refuse = (text: string) =>
      sendJson(response, { error: 'invalid_client', error_description: text, error_codes: [] }, 401);
    if (clocksDiffer) return refuse('AADSTS700024: Client assertion is not within its valid time range.');
    accepted(form.get('client_assertion') ?? '').then(
      (isGood) =>
        isGood
          ? sendJson(response, { token_type: 'Bearer', expires_in: 3599, access_token: 'by-certificate' })
          : refuse(
              'AADSTS700027: The certificate with identifier used to sign the client assertion is not registered.',
            ),
      () => refuse('AADSTS700027: The signature is not valid.'),
    );
  });
});
afterAll(() => entra.close());
beforeEach(() => (clocksDiffer = false));

function source(certificate: { thumbprintSha256: string; privateKey: string }) {
  return tokenSource({
    credential: { kind: 'certificate', clientId, ...certificate },
    tenantId,
    url: 'https://name.crm4.dynamics.com',
    fetch,
    clock,
    tokenUrl: `${entra.url}/${tenantId}/oauth2/v2.0/token`,
  });
}

test('an assertion signed with the certificate’s key, naming its thumbprint, gives a token', async () => {
  expect(await source(right).token()).toBe('by-certificate');
});

test('a certificate that the app registration does not know says what to do', async () => {
  await expect(source(wrong).token()).rejects.toMatchObject({
    code: 'dataverse-sign-in',
    serviceCode: 'AADSTS700027',
    hint: expect.stringContaining('certificate') as string,
  });
});

test('a key that is not the certificate’s is refused', async () => {
  const mixed = { thumbprintSha256: right.thumbprintSha256, privateKey: wrong.privateKey };
  await expect(source(mixed).token()).rejects.toMatchObject({ serviceCode: 'AADSTS700027' });
});

test('clocks that differ are named as such', async () => {
  clocksDiffer = true;
  await expect(source(right).token()).rejects.toMatchObject({
    serviceCode: 'AADSTS700024',
    hint: expect.stringContaining('clock') as string,
  });
});

describe('from files, as configured', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rowback-certificate-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const whoAmI = (certificate: string, key: string) => {
    const [path, keyPath] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    writeFileSync(path, certificate);
    writeFileSync(keyPath, key);
    const settings: EnvironmentSettings = {
      name: 'demo',
      url: entra.url,
      tenantId,
      signIn: { kind: 'certificate', clientId, path, keyPath },
      readers: [],
      authority: null,
      tokenEndpoint: `${entra.url}/${tenantId}/oauth2/v2.0/token`,
      policy: everything,
    };
    return connect(settings, { fetch, clock, random, variables: {} }).client.whoAmI();
  };

  test('the client signs in with certificate and key', async () => {
    expect(await whoAmI(right.certificate, right.privateKey)).toMatchObject({ userId: clientId });
  });

  test('a file without a key is named', () => {
    expect(() => whoAmI(right.certificate, right.certificate)).toThrow('cannot be read');
  });
});
