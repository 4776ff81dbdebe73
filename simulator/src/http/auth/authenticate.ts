import type { Environment } from '../../service/environment.ts';
import { ServiceError } from '../../service/errors.ts';
import { notAMember } from '../authorise.ts';
import type { Authenticate, Authenticator } from '../pipeline.ts';
import type { Signer } from './signer.ts';

/**
 * Who a bearer token stands for. With `open` every token is the administrator's, so that any client can be pointed
 * here. @throws ServiceError 401 without body, 403 `0x80072560` for a stranger
 */
export function authenticator(environment: Environment, signer: Signer, open: boolean): Authenticator {
  const expired = new Set<string>();
  const authenticate: Authenticate = async ({ headers, serviceRoot }) => {
    const token = tokenOf(headers);
    if (token === undefined || expired.has(token)) throw unauthorised(environment, serviceRoot);
    if (open) return environment.adminUserId;
    const claims = await signer.verify(token);
    if (claims === undefined) throw unauthorised(environment, serviceRoot);
    const userId = userOf(environment, claims);
    if (userId === undefined) throw notAMember();
    return userId;
  };
  return {
    authenticate,
    expire: ({ headers, serviceRoot }) => {
      const token = tokenOf(headers);
      // Where any token is taken nobody can fetch another one: it is refused this once.
      if (token !== undefined && !open) expired.add(token);
      return unauthorised(environment, serviceRoot);
    },
  };
}

function tokenOf(headers: ReadonlyMap<string, string>): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

function unauthorised(environment: Environment, serviceRoot: string): ServiceError {
  const authority = `https://login.local/${environment.identity.tenantId}/oauth2/authorize`;
  const resource = new URL('/', serviceRoot).href;
  return new ServiceError(401, '', 'Unauthorized', {
    headers: { 'WWW-Authenticate': `Bearer authorization_uri=${authority}, resource_id=${resource}` },
  });
}

/** By object id for people, by application id for applications; disabled users are no members. */
function userOf(environment: Environment, claims: Readonly<Record<string, unknown>>): string | undefined {
  const users = environment.database.store('systemuser');
  const { oid, appid, azp, scp } = claims as Record<'oid' | 'appid' | 'azp' | 'scp', unknown>; // absent ones are undefined
  const byObject = typeof oid === 'string' ? users.referrers('azureactivedirectoryobjectid', oid) : [];
  const application = appid ?? azp;
  const byApplication =
    typeof application === 'string' && scp === undefined ? users.referrers('applicationid', application) : [];
  const [id] = [...byObject, ...byApplication];
  if (id === undefined || users.get(id)?.values['isdisabled'] === true) return undefined;
  return id;
}
