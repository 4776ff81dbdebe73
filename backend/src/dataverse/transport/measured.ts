import type { Measure, Transport, TransportRequest, TransportResponse } from './port.ts';

/** Counts what went through: "how many requests and bytes it took". */
export function measured(inner: Transport): {
  readonly transport: Transport;
  readonly measure: () => Measure;
} {
  const count = { requests: 0, bytesSent: 0, bytesReceived: 0, throttled: 0, waitedMs: 0 };
  const send = async (request: TransportRequest): Promise<TransportResponse> => {
    count.requests += 1;
    count.waitedMs += request.waitedMs ?? 0;
    count.bytesSent += sizeOf(request.body);
    const response = await inner.send(request);
    if (response.status === 429) count.throttled += 1;
    return counted(response, (bytes) => (count.bytesReceived += bytes));
  };
  return { transport: { send }, measure: () => ({ ...count }) };
}

function sizeOf(body: string | Uint8Array | undefined): number {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

function counted(response: TransportResponse, add: (bytes: number) => void): TransportResponse {
  let isCounted = false;
  const bytes = async () => {
    const body = await response.bytes();
    if (!isCounted) add(body.length);
    isCounted = true;
    return body;
  };
  return {
    status: response.status,
    headers: response.headers,
    receivedAt: response.receivedAt,
    bytes,
    text: async () => new TextDecoder().decode(await bytes()),
    stream: async function* () {
      for await (const chunk of response.stream()) {
        if (!isCounted) add(chunk.length);
        yield chunk;
      }
      isCounted = true;
    },
  };
}
