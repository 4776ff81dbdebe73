import {
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';

const LIFETIME_SECONDS = 3600;
/** Checking a signature costs more than answering a small request, and clients send one token thousands of times. */
const REMEMBERED_TOKENS = 1000;

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
  const verified = new Map<string, JWTPayload>();
  let signed = 0;
  return {
    jwks: { keys: [jwk] },
    sign: (claims, audience) =>
      signToken(claims, { audience, issuer, kid, privateKey, nowMs: now(), uti: ++signed }),
    verify: async (token) => {
      const payload = verified.get(token) ?? (await checked(token, publicKey, issuer, now()));
      if (payload === undefined || (payload.exp ?? 0) * 1000 <= now()) return undefined;
      if (verified.size >= REMEMBERED_TOKENS) verified.clear();
      verified.set(token, payload);
      return payload;
    },
  };
}

async function checked(
  token: string,
  publicKey: CryptoKey,
  issuer: string,
  nowMs: number,
): Promise<JWTPayload | undefined> {
  try {
    return (await jwtVerify(token, publicKey, { issuer, currentDate: new Date(nowMs) })).payload;
  } catch (error) {
    // Whatever is wrong with a token, the answer is the same 401.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** No two tokens are alike, even of one second: `uti` counts them. */
async function signToken(
  claims: Readonly<Record<string, unknown>>,
  options: {
    audience: string;
    issuer: string;
    kid: string;
    privateKey: CryptoKey;
    nowMs: number;
    uti: number;
  },
): Promise<{ token: string; expiresIn: number }> {
  const seconds = Math.floor(options.nowMs / 1000);
  const token = await new SignJWT({ ver: '2.0', uti: String(options.uti), ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: options.kid })
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + LIFETIME_SECONDS)
    .sign(options.privateKey);
  return { token, expiresIn: LIFETIME_SECONDS };
}
