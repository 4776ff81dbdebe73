import type { Clock } from '../../base/clock.ts';

/** So long before its end a token is replaced: a request may be on its way for minutes. */
const renewBeforeMs = 5 * 60_000;

export interface Issued {
  readonly accessToken: string;
  /** Null: unknown, so it is not kept. */
  readonly expiresOn: Date | null;
}

/**
 * Keeps a token until shortly before it expires. msal-node does this for applications, yet asks anew each time for managed
 * identities, whose service answers only a few requests a second. Whoever comes while one is under way waits for it.
 */
export function kept(ask: (fresh: boolean) => Promise<Issued>, clock: Clock): typeof ask {
  let last: Issued | null = null;
  let asking: Promise<Issued> | null = null;
  return async (fresh) => {
    const leftMs = (last?.expiresOn?.getTime() ?? 0) - clock.now().getTime();
    if (last !== null && !fresh && leftMs > renewBeforeMs) return last;
    asking ??= ask(fresh).finally(() => (asking = null));
    last = await asking;
    return last;
  };
}
