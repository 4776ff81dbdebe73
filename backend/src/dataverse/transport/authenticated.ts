import type { Transport } from './port.ts';

/** Gives bearer tokens; `fresh` asks for a new one although the kept one has not expired. */
export interface TokenSource {
  token(options?: { readonly fresh?: boolean }): Promise<string>;
}

/**
 * Adds the token. A 401 was refused at the door, whatever the method, so it is sent once more with a fresh token:
 * one backup outlives many tokens, and their end may be brought forward.
 */
export function authenticated(inner: Transport, tokens: TokenSource): Transport {
  return {
    async send(request) {
      const withToken = async (fresh: boolean) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${await tokens.token({ fresh })}` },
      });
      const response = await inner.send(await withToken(false));
      if (response.status !== 401) return response;
      await response.bytes();
      return inner.send(await withToken(true));
    },
  };
}
