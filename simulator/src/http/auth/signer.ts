import { errors, exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose';

const LIFETIME_SECONDS = 3600;

/** Makes and checks tokens, with a key pair that lives as long as the process. */
export interface Signer {
  readonly jwks: { readonly keys: readonly JWK[] };
  sign(
    claims: Readonly<Record<string, unknown>>,
    audience: string,
  ): Promise<{ token: string; expiresIn: number }>;
  /** The claims, or undefined where signature, issuer or expiry are wrong. */
  verify(token: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export async function createSigner(tenantId: string, now: () => number): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = 'simulator-1';
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' };
  const issuer = `https://login.local/${tenantId}/v2.0`;
  return {
    jwks: { keys: [jwk] },
    sign: (claims, audience) => signToken(claims, { audience, issuer, kid, privateKey, nowMs: now() }),
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, { issuer, currentDate: new Date(now()) });
        return payload;
      } catch (error) {
        // Whatever is wrong with a token, the answer is the same 401.
        if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
        throw error;
      }
    },
  };
}

async function signToken(
  claims: Readonly<Record<string, unknown>>,
  options: { audience: string; issuer: string; kid: string; privateKey: CryptoKey; nowMs: number },
): Promise<{ token: string; expiresIn: number }> {
  const seconds = Math.floor(options.nowMs / 1000);
  const token = await new SignJWT({ ver: '2.0', ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: options.kid })
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + LIFETIME_SECONDS)
    .sign(options.privateKey);
  return { token, expiresIn: LIFETIME_SECONDS };
}
