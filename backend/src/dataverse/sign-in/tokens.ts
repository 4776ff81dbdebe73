import { ConfidentialClientApplication, ManagedIdentityApplication } from '@azure/msal-node';
import type { AuthenticationResult, NodeAuthOptions } from '@azure/msal-node';
import type { Clock } from '../../base/clock.ts';
import type { TokenSource } from '../transport/authenticated.ts';
import { managedIdentityError, signInError } from './errors.ts';
import { kept, type Issued } from './kept.ts';
import { msalNetwork } from './network.ts';
import { patient } from './patient.ts';

/** How the service proves who it is. */
export type Credential =
  | { readonly kind: 'secret'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly kind: 'certificate';
      readonly clientId: string;
      /** Hex SHA-256 of the DER form. */
      readonly thumbprintSha256: string;
      /** PEM. */
      readonly privateKey: string;
    }
  /** `clientId` of a user-assigned identity; without it the system-assigned one. */
  | { readonly kind: 'managed-identity'; readonly clientId?: string };

export interface SignIn {
  readonly credential: Credential;
  /** Guid or domain; not used by managed identities. */
  readonly tenantId: string;
  /** The environment that tokens are for. */
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /**
   * A token endpoint other than Entra's, such as `http://127.0.0.1:1234/<tenant>/oauth2/v2.0/token` or
   * `https://login.microsoftonline.us`: its origin takes the place of Entra's, the path is made from `tenantId`.
   */
  readonly tokenUrl?: string;
}

const local = 'https://login.local';

/** Tokens from Entra ID, kept until shortly before they expire. */
export function tokenSource(signIn: SignIn): TokenSource {
  const endpoint = signIn.tokenUrl ?? 'https://login.microsoftonline.com';
  const acquire = acquirer(signIn);
  return {
    async token(options) {
      try {
        const result = await acquire(options?.fresh ?? false);
        return result.accessToken;
      } catch (cause) {
        if (signIn.credential.kind === 'managed-identity') throw managedIdentityError(cause);
        throw signInError(cause, { tenant: signIn.tenantId, endpoint });
      }
    },
  };
}

type Acquire = (fresh: boolean) => Promise<Issued>;

function acquirer(signIn: SignIn): Acquire {
  const origin = new URL(signIn.url).origin;
  if (signIn.credential.kind === 'managed-identity') return managedIdentity(signIn, origin);
  const application = new ConfidentialClientApplication({
    auth: { ...authority(signIn), ...credentialOptions(signIn.credential) },
    system: { networkClient: network(signIn) },
  });
  return async (fresh) =>
    issued(
      await application.acquireTokenByClientCredential({ scopes: [`${origin}/.default`], skipCache: fresh }),
    );
}

function managedIdentity(signIn: SignIn, resource: string): Acquire {
  const id = signIn.credential.kind === 'managed-identity' ? signIn.credential.clientId : undefined;
  const application = new ManagedIdentityApplication({
    ...(id === undefined ? {} : { managedIdentityIdParams: { userAssignedClientId: id } }),
    system: { networkClient: network(signIn) },
  });
  return kept(
    async (fresh) => issued(await application.acquireToken({ resource, forceRefresh: fresh })),
    signIn.clock,
  );
}

function issued(result: AuthenticationResult | null): Issued {
  if (result === null) throw new Error('no token in the answer');
  return result;
}

/** With `authorityMetadata` msal-node asks nobody where the endpoints are. */
function authority(
  signIn: SignIn,
): Pick<NodeAuthOptions, 'authority' | 'knownAuthorities' | 'authorityMetadata'> {
  const origin = new URL(signIn.tokenUrl ?? 'https://login.microsoftonline.com').origin;
  if (origin.startsWith('https:')) return { authority: `${origin}/${signIn.tenantId}` };
  const base = `${local}/${signIn.tenantId}`;
  return {
    authority: base,
    knownAuthorities: [new URL(local).host],
    authorityMetadata: JSON.stringify({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    }),
  };
}

/** For managed identities msal-node itself asks again. */
function network(signIn: SignIn) {
  const send =
    signIn.credential.kind === 'managed-identity' ? signIn.fetch : patient(signIn.fetch, signIn.clock);
  if (!signIn.tokenUrl?.startsWith('http:')) return msalNetwork(send);
  return msalNetwork(send, { from: local, to: new URL(signIn.tokenUrl).origin });
}

function credentialOptions(
  credential: Exclude<Credential, { kind: 'managed-identity' }>,
): Pick<NodeAuthOptions, 'clientId' | 'clientSecret' | 'clientCertificate'> & { clientId: string } {
  if (credential.kind === 'secret') {
    return { clientId: credential.clientId, clientSecret: credential.clientSecret };
  }
  const { thumbprintSha256, privateKey } = credential;
  return { clientId: credential.clientId, clientCertificate: { thumbprintSha256, privateKey } };
}
