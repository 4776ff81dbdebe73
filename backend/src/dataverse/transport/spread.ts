import type { Limited } from './limited.ts';
import type { Transport, TransportRequest } from './port.ts';

/**
 * Several application users of one environment, each with limits of its own. Reads go by whoever has room; writes, and
 * whatever is done for somebody else, always by the first, so that rows name one identity as their writer.
 */
export function spread(first: Limited, readers: readonly Limited[]): Transport {
  if (readers.length === 0) return first;
  return {
    send: (request) => (isPlainRead(request) ? leastBusy(first, readers) : first).send(request),
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
