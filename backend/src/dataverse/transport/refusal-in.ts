import { boundaryOf, parseParts } from '../batch/parse.ts';
import type { TransportResponse } from './port.ts';
import { bufferedResponse, retryAfterMs } from './responses.ts';

export interface Refusal {
  /** The 429 itself; of several parts of a batch the one that asks to wait longest. */
  readonly answer: TransportResponse;
  /** False: nothing of the request was done, so it does not count. */
  readonly letIn: boolean;
}

/** What may hold a refusal, with its body read: such answers are read again by whoever comes later. */
export async function withBody(response: TransportResponse): Promise<TransportResponse> {
  const isRead = response.status === 429 || boundaryOf(response.headers['content-type']) !== null;
  return isRead ? bufferedResponse(response, await response.bytes()) : response;
}

/**
 * The refusal that an answer is, or that the parts of a batch hold, since the service may refuse those one by one under
 * an outer 200; null where nothing was refused for a limit.
 * @param response with its body read
 */
export async function refusalIn(response: TransportResponse): Promise<Refusal | null> {
  if (response.status === 429) return { answer: response, letIn: false };
  const boundary = boundaryOf(response.headers['content-type']);
  if (boundary === null) return null;
  const parts = parseParts(await response.text(), boundary).flatMap((part) =>
    part.kind === 'answer' ? [part.answer] : part.answers,
  );
  const refused = parts
    .filter(({ status }) => status === 429)
    .map(({ headers, body }) =>
      bufferedResponse(
        { status: 429, headers, receivedAt: response.receivedAt },
        new TextEncoder().encode(body),
      ),
    );
  const [first] = refused;
  if (first === undefined) return null;
  const answer = refused.reduce((longest, one) => (waitMs(one) > waitMs(longest) ? one : longest), first);
  return { answer, letIn: refused.length < parts.length };
}

function waitMs(refusal: TransportResponse): number {
  return retryAfterMs(refusal) ?? 0;
}
