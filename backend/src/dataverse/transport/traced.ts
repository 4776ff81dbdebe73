import type { Clock } from '../../base/clock.ts';
import { pathShape } from './path-shape.ts';
import type { Transport, TransportRequest, TransportResponse } from './port.ts';

/** One request as it went over the wire, for a log: no id, no value, no token, no body. */
export interface Exchange {
  readonly method: string;
  /** `accounts(…)?$select=…` */
  readonly path: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly ms: number;
  readonly bytesSent: number;
  /** Null: unknown, because the body is read while it arrives. */
  readonly bytesReceived: number | null;
  /** Which try of this request, from 1. */
  readonly attempt: number;
  /** How long our limits have held it back before it went. */
  readonly waitedMs: number;
  /** What Microsoft's support asks for. */
  readonly serviceRequestId: string | null;
  /** Which of the application users, from 0. */
  readonly user: number;
}

export type Trace = (exchange: Exchange) => void;

/** Tells of each request that goes through, with its answer or without one. */
export function traced(
  inner: Transport,
  options: { readonly clock: Clock; readonly trace: Trace; readonly user: number },
): Transport {
  const { clock, trace, user } = options;
  return {
    async send(request) {
      const startMs = clock.now().getTime();
      const tell = (answer: Pick<Exchange, 'status' | 'bytesReceived' | 'serviceRequestId'>) =>
        trace({ ...factsOf(request), ...answer, ms: clock.now().getTime() - startMs, user });
      try {
        const response = await inner.send(request);
        tell(await answerOf(request, response));
        return response;
      } catch (error) {
        tell({ status: 0, bytesReceived: null, serviceRequestId: null });
        throw error;
      }
    },
  };
}

function factsOf({ method, url, body, attempt, waitedMs }: TransportRequest) {
  const bytesSent = body === undefined ? 0 : Buffer.byteLength(body);
  return { method, path: pathShape(url), bytesSent, attempt: attempt ?? 1, waitedMs: waitedMs ?? 0 };
}

async function answerOf({ streamed }: TransportRequest, response: TransportResponse) {
  const id = response.headers['x-ms-service-request-id'] ?? '';
  return {
    status: response.status,
    bytesReceived: streamed ? null : (await response.bytes()).length,
    serviceRequestId: /^[0-9a-f-]{36}$/i.test(id) ? id : null,
  };
}
