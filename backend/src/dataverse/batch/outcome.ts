import type { BatchAnswer, BatchOutcome, BatchRequest } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { serviceError, kindOf } from '../read-error.ts';

/** What became of one request, from the answer of its part. A part that says neither yes nor no says nothing. */
export function outcomeOf(request: BatchRequest, answer: BatchAnswer): BatchOutcome {
  if (answer.status >= 200 && answer.status < 300) return { kind: 'done', answer };
  const error = partError(answer);
  return answer.status < 400 ? lost(request, error) : { kind: 'refused', error };
}

/** Of a read nothing is unknown but its answer. */
export function lost(request: BatchRequest, cause: DataverseError): BatchOutcome {
  if (request.method === 'GET') return { kind: 'refused', error: cause };
  return { kind: 'unknown', error: unknownPart(cause) };
}

export function partError({ status, headers, body }: BatchAnswer): DataverseError {
  const { code, message } = serviceError(body);
  const said = message === '' ? `HTTP ${status} without an explanation` : message;
  const requestId = headers['x-ms-service-request-id'] ?? headers['req_id'] ?? null;
  return new DataverseError(said, { kind: kindOf(status, code), status, serviceCode: code, requestId });
}

/** Part of a batch whose answer does not tell what became of it. */
function unknownPart(cause: DataverseError): DataverseError {
  const { status, serviceCode, requestId } = cause;
  return new DataverseError(
    `Nobody knows whether this part of a batch took effect. ${cause.message}`,
    { kind: 'outcome-unknown', status, serviceCode, requestId },
    { cause },
  );
}

export function unansweredBatch(asked: number, answered: number): DataverseError {
  return new DataverseError(`A batch of ${asked} was answered with ${answered} parts.`, {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
  });
}
