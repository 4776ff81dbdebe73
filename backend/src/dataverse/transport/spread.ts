import type { Clock } from '../../base/clock.ts';
import { DataverseError } from '../errors.ts';
import type { Limited } from './limited.ts';
import type { Transport, TransportRequest, TransportResponse } from './port.ts';

/** How long a reader that was refused is left alone: its rights or its secret may come back. */
const sparedMs = 5 * 60_000;

/**
 * Several application users of one environment, each with limits of its own. Reads go by whoever has room; writes, and
 * whatever is done for somebody else, always by the first, so that rows name one identity as their writer. A reader that
 * is not let in (its secret has run out, it was disabled) is spared for some minutes: the first user reads in its place,
 * and only what the first is refused is refused.
 */
export function spread(first: Limited, readers: readonly Limited[], clock: Clock): Transport {
  if (readers.length === 0) return first;
  const sparedUntil = new Map<Limited, number>();
  const usable = (): Limited[] => {
    const nowMs = clock.now().getTime();
    return readers.filter((reader) => (sparedUntil.get(reader) ?? nowMs) <= nowMs);
  };
  return {
    async send(request) {
      const chosen = isPlainRead(request) ? leastBusy(first, usable()) : first;
      if (chosen === first) return first.send(request);
      const response = await letIn(chosen, request);
      if (response !== null) return response;
      sparedUntil.set(chosen, clock.now().getTime() + sparedMs);
      return first.send(request);
    },
  };
}

function isPlainRead({ method, headers = {} }: TransportRequest): boolean {
  return method === 'GET' && headers['callerobjectid'] === undefined;
}

function leastBusy(first: Limited, readers: readonly Limited[]): Limited {
  let best = first;
  let backlogMs = first.backlogMs();
  for (const reader of readers) {
    const itsMs = reader.backlogMs();
    if (itsMs < backlogMs) [best, backlogMs] = [reader, itsMs];
  }
  return best;
}

/** Null: the reader could not sign in, or the service does not know it or its rights. */
async function letIn(reader: Limited, request: TransportRequest): Promise<TransportResponse | null> {
  try {
    const response = await reader.send(request);
    if (response.status !== 401 && response.status !== 403) return response;
    await response.bytes();
    return null;
  } catch (error) {
    if (error instanceof DataverseError && error.kind === 'sign-in') return null;
    throw error;
  }
}
