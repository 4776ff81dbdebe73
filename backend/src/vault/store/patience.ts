import { hung } from './azure-errors.ts';

/** Goes into the options of a call of the SDK. */
export interface Watch {
  /** Aborts when nothing has moved for too long. */
  readonly abortSignal: AbortSignal;
  readonly onProgress: () => void;
}

/** Retries inside the SDK take less; a connection that is silent for longer is dead. */
export const usualPatienceMs = 120_000;
const tries = 2;

/**
 * Does a call that may hang, and once more when it hung. The SDK's own `tryTimeoutInMs` only asks the service to give up;
 * where no answer comes at all (a firewall that drops packets, a connection lost without a word) it waits for ever.
 * Throws `storage-unreachable`; other errors are passed on.
 */
export async function patiently<T>(
  what: string,
  patienceMs: number,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const watch = startWatch(patienceMs);
    try {
      return await work(watch);
    } catch (error) {
      if (!watch.abortSignal.aborted) throw error;
      if (attempt === tries) throw hung(what, patienceMs, error);
    } finally {
      watch.end();
    }
  }
}

function startWatch(patienceMs: number): Watch & { readonly end: () => void } {
  const stop = new AbortController();
  let newest: AbortSignal | null = null;
  const wait = (): void => {
    const silence = AbortSignal.timeout(patienceMs);
    newest = silence;
    silence.addEventListener('abort', () => {
      if (newest === silence) stop.abort(silence.reason);
    });
  };
  wait();
  return { abortSignal: stop.signal, onProgress: wait, end: () => (newest = null) };
}
