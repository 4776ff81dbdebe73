import type { Environment } from '../../service/environment.ts';
import type { Row } from '../../store/table-store.ts';
import type { ApiResponse } from '../api.ts';
import { jsonOf, readJson, type SiteRequest } from '../site-request.ts';
import type { Signer } from './signer.ts';

/** The sign-in service as far as it is needed, and the control endpoint that signs tokens for test users. */
export async function tokenRoute(
  environment: Environment,
  signer: Signer,
  request: SiteRequest,
): Promise<ApiResponse | undefined> {
  const { method, path } = request;
  if (method === 'POST' && /^\/[^/]+\/oauth2\/v2\.0\/token$/.test(path))
    return clientCredentials(environment, signer, request);
  if (method === 'POST' && path === '/_simulator/tokens') return userToken(environment, signer, request);
  if (method !== 'GET') return undefined;
  if (/^\/[^/]+\/discovery\/v2\.0\/keys$/.test(path)) return jsonOf(200, await signer.jwks());
  if (/^\/[^/]+\/v2\.0\/\.well-known\/openid-configuration$/.test(path))
    return jsonOf(200, openIdConfiguration(environment, request.origin));
  return undefined;
}

function openIdConfiguration(environment: Environment, origin: string) {
  const { tenantId } = environment.identity;
  return {
    issuer: `https://login.local/${tenantId}/v2.0`,
    authorization_endpoint: `https://login.local/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  };
}

async function clientCredentials(
  environment: Environment,
  signer: Signer,
  request: SiteRequest,
): Promise<ApiResponse> {
  const body = new Map(new URLSearchParams(Buffer.from(request.body).toString('utf8')));
  const { clientSecret, tenantId } = environment.identity;
  const [basicId, basicSecret] = basicCredentials(request);
  const clientId = body.get('client_id') ?? basicId ?? '';
  const users = environment.database.store('systemuser');
  const [userId] = users.referrers('applicationid', clientId);
  const refusal = signInRefusal(body.get('grant_type'), clientId, userId, {
    tenantId,
    secretMatches: (body.get('client_secret') ?? basicSecret) === clientSecret,
  });
  if (refusal !== undefined) return refuse(refusal, environment);
  const oid = users.get(userId ?? '')?.values['azureactivedirectoryobjectid'];
  const audience = audienceOf(body.get('scope') ?? body.get('resource') ?? '');
  const claims = { tid: tenantId, appid: clientId, azp: clientId, oid, sub: oid, idtyp: 'app' };
  const { token, expiresIn } = await signer.sign(claims, audience);
  return jsonOf(200, {
    token_type: 'Bearer',
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: token,
  });
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly code: number;
  readonly text: string;
}

function signInRefusal(
  grant: string | undefined,
  clientId: string,
  userId: string | undefined,
  { tenantId, secretMatches }: { tenantId: string; secretMatches: boolean },
): Refusal | undefined {
  if (grant !== 'client_credentials') {
    const text = 'The app requested an unsupported grant type.';
    return { status: 400, error: 'unsupported_grant_type', code: 70003, text };
  }
  if (userId === undefined) {
    const text = `Application with identifier '${clientId}' was not found in the directory '${tenantId}'.`;
    return { status: 400, error: 'unauthorized_client', code: 700016, text };
  }
  if (secretMatches) return undefined;
  const text =
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not ' +
    `the client secret ID, for a secret added to app '${clientId}'.`;
  return { status: 401, error: 'invalid_client', code: 7000215, text };
}

function refuse(refusal: Refusal, environment: Environment): ApiResponse {
  const trace = environment.newId();
  const timestamp = environment.timestamp().replace('T', ' ');
  const ids = `Trace ID: ${trace} Correlation ID: ${trace} Timestamp: ${timestamp}`;
  return jsonOf(refusal.status, {
    error: refusal.error,
    error_description: `AADSTS${refusal.code}: ${refusal.text} ${ids}`,
    error_codes: [refusal.code],
    timestamp,
    trace_id: trace,
    correlation_id: trace,
    error_uri: `https://login.local/error?code=${refusal.code}`,
  });
}

/** `https://host/.default` names the audience `https://host`. */
function audienceOf(scope: string): string {
  return (scope.split(/\s+/)[0] ?? '').replace(/\/?\.default$/, '');
}

/** Not part of the real service: a signed token for any user, with any audience, roles and scope. */
async function userToken(
  environment: Environment,
  signer: Signer,
  request: SiteRequest,
): Promise<ApiResponse> {
  const { user: name, audience, roles, scp } = memberMap(readJson(request));
  const user = findUser(environment, typeof name === 'string' ? name : '');
  if (user === undefined) {
    const error = `There is no user '${String(name)}': give a domainname or a systemuserid.`;
    return jsonOf(404, { error });
  }
  const claims = userClaims(environment, user, scp, roles);
  const { token, expiresIn } = await signer.sign(
    claims,
    typeof audience === 'string' ? audience : request.origin,
  );
  return jsonOf(200, { access_token: token, token_type: 'Bearer', expires_in: expiresIn });
}

function userClaims(environment: Environment, user: Row, scp: unknown, roles: unknown) {
  const { azureactivedirectoryobjectid: oid, fullname: name, domainname, applicationid } = user.values;
  const application = applicationid ?? environment.identity.clientId;
  const scope = scp ?? (applicationid === undefined ? 'user_impersonation' : undefined);
  return {
    tid: environment.identity.tenantId,
    oid,
    sub: oid,
    name,
    preferred_username: domainname,
    upn: domainname,
    appid: application,
    azp: application,
    ...(scope === undefined ? {} : { scp: scope }),
    ...(Array.isArray(roles) ? { roles } : {}),
  };
}

function findUser(environment: Environment, name: string): Row | undefined {
  const users = environment.database.store('systemuser');
  const [id] = users.has(name.toLowerCase()) ? [name.toLowerCase()] : users.referrers('domainname', name);
  return id === undefined ? undefined : users.get(id);
}

function basicCredentials(request: SiteRequest): [string | undefined, string | undefined] {
  const encoded = /^Basic\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (encoded === undefined) return [undefined, undefined];
  const [id, ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [decodeURIComponent(id ?? ''), decodeURIComponent(secret.join(':'))];
}

type TokenRequest = Partial<Record<'user' | 'audience' | 'roles' | 'scp', unknown>>;

function memberMap(body: unknown): TokenRequest {
  return typeof body === 'object' && body !== null ? body : {};
}
