import type { Clock } from '../../base/clock.ts';

const tries = 4;
const firstWaitMs = 1000;
const longestWaitMs = 60_000;

/**
 * Asks a token endpoint again that is out of reach, busy or broken: a backup outlives many tokens, and one bad moment
 * of the sign-in service would end it. Nothing is lost by asking twice. It has to happen here: msal-node keeps such an
 * answer for a minute, and gives it to whoever asks it again.
 */
export function patient(send: typeof fetch, clock: Clock): typeof fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt += 1) {
      const waitMs = firstWaitMs * 2 ** (attempt - 1);
      try {
        const response = await send(input, init);
        if (attempt >= tries || !mayPass(response.status)) return response;
        await response.body?.cancel();
        await clock.sleep(Math.max(waitMs, askedMs(response)));
      } catch (error) {
        // `fetch` gives no other error for a network that fails.
        if (attempt >= tries || !(error instanceof TypeError)) throw error;
        await clock.sleep(waitMs);
      }
    }
  };
}

function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}

/** `Retry-After` in seconds, as far as a sign-in can wait. */
function askedMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  return seconds > 0 ? Math.min(seconds * 1000, longestWaitMs) : 0;
}
