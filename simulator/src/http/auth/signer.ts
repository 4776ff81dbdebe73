import {
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type GenerateKeyPairResult,
  type JWK,
  type JWTPayload,
} from 'jose';

const LIFETIME_SECONDS = 3600;
/** Checking a signature costs more than answering a small request, and clients send one token thousands of times. */
const REMEMBERED_TOKENS = 1000;

/** Makes and checks tokens, with a key pair that lives as long as the process. */
export interface Signer {
  jwks(): Promise<{ readonly keys: readonly JWK[] }>;
  sign(
    claims: Readonly<Record<string, unknown>>,
    audience: string,
  ): Promise<{ token: string; expiresIn: number }>;
  /** The claims, or undefined where signature, issuer or expiry are wrong. */
  verify(token: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

const kid = 'simulator-1';
let pair: Promise<GenerateKeyPairResult> | undefined;

/**
 * RS256, as Entra signs. A pair takes a quarter of a second in a thread of its own: the process makes one, and whoever
 * knows early that a site is to come calls this before anything else.
 */
export function keyPair(): Promise<GenerateKeyPairResult> {
  return (pair ??= generateKeyPair('RS256', { extractable: true }));
}

export function createSigner(tenantId: string, now: () => number): Signer {
  const issuer = `https://login.local/${tenantId}/v2.0`;
  const verified = new Map<string, JWTPayload>();
  let signed = 0;
  return {
    jwks: async () => {
      const jwk = await exportJWK((await keyPair()).publicKey);
      return { keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] };
    },
    sign: async (claims, audience) => {
      const { privateKey } = await keyPair();
      return signToken(claims, { audience, issuer, privateKey, nowMs: now(), uti: ++signed });
    },
    verify: async (token) => {
      const payload =
        verified.get(token) ?? (await checked(token, (await keyPair()).publicKey, issuer, now()));
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
    privateKey: CryptoKey;
    nowMs: number;
    uti: number;
  },
): Promise<{ token: string; expiresIn: number }> {
  const seconds = Math.floor(options.nowMs / 1000);
  const token = await new SignJWT({ ver: '2.0', uti: String(options.uti), ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + LIFETIME_SECONDS)
    .sign(options.privateKey);
  return { token, expiresIn: LIFETIME_SECONDS };
}
