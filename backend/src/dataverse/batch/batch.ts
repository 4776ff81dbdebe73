import type { BatchAnswer, BatchRequest } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { errorOf } from '../read-error.ts';
import type { WebApi } from '../web-api.ts';
import { formatBatch, groupsOf } from './format.ts';
import { boundaryOf, parseParts, type Part } from './parse.ts';

/** The service takes no more in one. */
const most = 1000;

/**
 * Without `continueOnError` the service stops at the first error and says so with an outer 400; what came before it
 * stays done. A failed change set is answered by one part, however many requests it had: the others did nothing.
 */
export async function sendBatch(
  api: WebApi,
  root: string,
  requests: readonly BatchRequest[],
  continueOnError: boolean,
): Promise<readonly BatchAnswer[]> {
  if (requests.length > most) throw new RangeError(`a batch takes ${most} requests, not ${requests.length}`);
  if (requests.length === 0) return [];
  const { contentType, body } = formatBatch(requests, root);
  const response = await api.exchange({
    method: 'POST',
    url: '$batch',
    headers: {
      'content-type': contentType,
      ...(continueOnError ? { prefer: 'odata.continue-on-error' } : {}),
    },
    body,
    repeatable: requests.every((request) => request.method === 'GET'),
  });
  const boundary = boundaryOf(response.headers['content-type']);
  if (boundary === null) throw await errorOf(response);
  return match(groupsOf(requests), parseParts(await response.text(), boundary), continueOnError);
}

function match(
  groups: readonly (readonly BatchRequest[])[],
  parts: readonly Part[],
  continueOnError: boolean,
): BatchAnswer[] {
  const answers: BatchAnswer[] = [];
  for (const [index, group] of groups.entries()) {
    const part = parts[index];
    if (part === undefined) {
      if (continueOnError || index === 0) throw missing(groups.length, parts.length);
      break;
    }
    answers.push(...(part.kind === 'answer' ? single(group, part) : changeSet(group, part)));
    if (!continueOnError && answers.at(-1)!.status >= 400) break;
  }
  return answers;
}

type AnswerPart = Extract<Part, { kind: 'answer' }>;
type ChangeSetPart = Extract<Part, { kind: 'changeset' }>;

/** A change set that could not even be begun may be answered by a plain part. */
function single(group: readonly BatchRequest[], { answer }: AnswerPart): BatchAnswer[] {
  const { status, headers, body } = answer;
  return group.map(() => ({ status, headers, body, rolledBack: group.length > 1 }));
}

function changeSet(group: readonly BatchRequest[], part: ChangeSetPart): BatchAnswer[] {
  const failed = part.answers.find((answer) => answer.status >= 400);
  if (failed === undefined && part.answers.length === group.length) {
    return part.answers.map(({ status, headers, body }) => ({ status, headers, body, rolledBack: false }));
  }
  if (failed === undefined) throw missing(group.length, part.answers.length);
  const { status, headers, body, contentId } = failed;
  return group.map((_, index) => {
    const isCulprit = contentId === null || contentId === index + 1;
    return { status, headers, body, rolledBack: !isCulprit };
  });
}

function missing(asked: number, answered: number): DataverseError {
  return new DataverseError(`A batch of ${asked} was answered with ${answered} parts.`, {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
  });
}
