import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

function askToken(fields: Record<string, string>): Promise<Response> {
  return fetch(client.server.tokenUrl, { method: 'POST', body: new URLSearchParams(fields) });
}

test('a wrong secret is refused as Entra ID does: invalid_client with AADSTS7000215', async () => {
  const { clientId } = client.server.environment.identity;
  const response = await askToken({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: 'no',
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({
    error: 'invalid_client',
    error_description: expect.stringMatching(/^AADSTS7000215: /),
    error_codes: [7000215],
  });
});

test('an application that is not known is unauthorized_client', async () => {
  const response = await askToken({ grant_type: 'client_credentials', client_id: 'x', client_secret: 'x' });
  expect(await response.json()).toMatchObject({ error: 'unauthorized_client', error_codes: [700016] });
});

test('a user token is a real JWT that the published keys verify', async () => {
  const response = await fetch(`${client.server.url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      user: 'mira.falk@lindqvist.example',
      audience: 'api://backend',
      roles: ['Reader'],
      scp: 'access',
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(client.server.jwksUrl)), {
    audience: 'api://backend',
    issuer: `https://login.local/${client.server.environment.identity.tenantId}/v2.0`,
    currentDate: new Date(client.server.environment.now()),
  });
  expect(payload).toMatchObject({
    roles: ['Reader'],
    scp: 'access',
    preferred_username: 'mira.falk@lindqvist.example',
  });
});

test('no token: 401 with an empty body and WWW-Authenticate', async () => {
  const response = await fetch(`${client.server.url}/api/data/v9.2/WhoAmI`);
  expect(response.status).toBe(401);
  expect(await response.text()).toBe('');
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer authorization_uri=/);
});

test('an expired token: 401', async () => {
  const other = await startClient();
  const response = await fetch(`${other.server.url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: other.server.environment.adminUserId }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  const signedIn = { Authorization: `Bearer ${token}` };
  const before = await other.get('WhoAmI', signedIn);
  other.advance(3600_000 + 60_000);
  const after = await other.get('WhoAmI', signedIn);
  await other.close();
  expect([before.status, after.status]).toEqual([200, 401]);
});

test('a valid token of somebody who is no user here: 403 0x80072560', async () => {
  const stranger = await client.as('mira.falk@lindqvist.example');
  const { database } = client.server.environment;
  const [id] = database.store('systemuser').referrers('domainname', 'mira.falk@lindqvist.example');
  const row = database.get('systemuser', id!)!;
  database.put('systemuser', row.id, { ...row.values, isdisabled: true });
  const answer = await stranger.get('WhoAmI');
  database.put('systemuser', row.id, row.values);
  expect(answer).toMatchObject({ status: 403, code: '0x80072560' });
});

test('WhoAmI names user, unit and organization', async () => {
  const { json } = await client.get('WhoAmI');
  expect(json['@odata.context']).toMatch(/\$metadata#Microsoft\.Dynamics\.CRM\.WhoAmIResponse$/);
  expect(json).toMatchObject({
    UserId: client.server.environment.adminUserId,
    OrganizationId: client.server.environment.identity.organizationId,
  });
});

test.each([
  "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')",
  "RetrieveCurrentOrganization(AccessType=@p)?@p=Microsoft.Dynamics.CRM.EndpointAccessType'Default'",
  "RetrieveCurrentOrganization(AccessType='Default')",
])('%s tells organization and environment apart', async (path) => {
  const { json } = await client.get(path);
  expect(json.Detail.OrganizationId).not.toBe(json.Detail.EnvironmentId);
  expect(json.Detail.Endpoints.Keys).toHaveLength(json.Detail.Endpoints.Values.length);
});
