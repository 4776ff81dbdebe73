import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../base/clock.ts';
import { RefusedError, RowbackError } from '../base/errors.ts';
import type { Role } from './operation.ts';

/** Who called: a program or person with app roles, or a person without (a form user, whose rights are Dataverse's). */
export type Principal =
  | { readonly kind: 'operator'; readonly name: string; readonly roles: readonly Role[] }
  | { readonly kind: 'user'; readonly entraObjectId: string };

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

export type Authenticate = (authorization: string | undefined) => Promise<Principal>;

/** No token, or one that does not hold: 401. `code` is `token-missing` or `token-refused`. */
export class UnauthenticatedError extends RowbackError {}

const delegatedScope = 'access_as_user';
const knownRoles: readonly Role[] = ['Rowback.Admin', 'Rowback.Operator'];

/**
 * Checks Entra ID access tokens: signature (keys fetched from the tenant, cached), issuer (which names the tenant),
 * audience, time, and that the token carries an app role or the delegated scope.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export function authenticateWith(
  rules: TokenRules,
  clock: Clock,
  fetch: typeof globalThis.fetch,
): Authenticate {
  const keys = createRemoteJWKSet(new URL(rules.jwksUri), { [customFetch]: fetch });
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined)
      throw new UnauthenticatedError('token-missing', 'The request carries no bearer token.', {
        hint: `Get a token for ${rules.audience} and send it as "Authorization: Bearer …".`,
      });
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: rules.issuer,
        audience: rules.audience,
        algorithms: ['RS256'],
        clockTolerance: 60,
        currentDate: clock.now(),
        requiredClaims: ['exp', 'oid'],
      });
      return principalOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError && !isKeyTrouble(error))
        throw new UnauthenticatedError('token-refused', `The token was refused: ${error.message}.`, {
          hint: 'Get a new token of the configured tenant, for this API.',
          cause: error,
        });
      if (error instanceof RowbackError) throw error;
      throw new RowbackError(
        'token-keys-unreachable',
        `The keys to check tokens with cannot be read from ${rules.jwksUri}.`,
        { hint: 'Check api.jwksUri (or api.tenantId) and the network, then try again.', cause: error },
      );
    }
  };
}

/** The tenant's keys could not be read: that is not the caller's fault. The base class tells of a wrong answer. */
const isKeyTrouble = (error: errors.JOSEError): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === errors.JOSEError.code;

function principalOf(payload: JWTPayload): Principal {
  const oid = String(payload['oid']);
  const claimed = Array.isArray(payload['roles']) ? payload['roles'].map(String) : [];
  const roles = knownRoles.filter((role) => claimed.includes(role));
  if (roles.length > 0) return { kind: 'operator', name: oid, roles };
  const scopes = typeof payload['scp'] === 'string' ? payload['scp'].split(' ') : [];
  if (scopes.includes(delegatedScope)) return { kind: 'user', entraObjectId: oid };
  throw new RefusedError(
    'role-missing',
    'The token carries neither a Rowback role nor the scope access_as_user.',
    {
      hint: 'Assign one of the app roles Rowback.Admin or Rowback.Operator to the caller in Entra ID.',
    },
  );
}
