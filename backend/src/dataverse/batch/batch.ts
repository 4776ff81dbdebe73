import type { Clock } from '../../base/clock.ts';
import type { BatchAnswer, BatchOutcome, BatchRequest } from '../client.ts';
import type { ElasticSessions } from '../elastic-sessions.ts';
import { DataverseError } from '../errors.ts';
import { errorOf } from '../read-error.ts';
import type { TransportResponse } from '../transport/port.ts';
import { retryAfterMs } from '../transport/responses.ts';
import type { WebApi } from '../web-api.ts';
import { formatBatch } from './format.ts';
import { lost, outcomeOf, partError, unansweredBatch } from './outcome.ts';
import { boundaryOf, isWhole, parseParts, type Part } from './parse.ts';
import { batchfuls, type Batchful } from './split.ts';

/** Times that the parts of one batch are told to wait before that is their answer. */
const waits = 20;
/** So long in all, whatever they ask for. */
const patienceMs = 30 * 60_000;
/** Where a part that has to wait does not say how long. */
const waitMsUnsaid = 10_000;

export interface Batching {
  readonly api: WebApi;
  /** Path of the API's root: `/api/data/v9.2/`. */
  readonly root: string;
  /** For parts that are told to wait; without one they are refused as `throttled`. */
  readonly clock: Clock | null;
  readonly continueOnError: boolean;
  /** Tokens of elastic tables: the parts have headers of their own, which nobody else sees. */
  readonly sessions: ElasticSessions;
}

/**
 * Every request gets an outcome. Without `continueOnError` the service stops at the first error and says so with an
 * outer 400; what came before it stays done, what comes after is not begun. A failed change set is answered by one
 * part, however many requests it had: the others did nothing. Where parts are missing otherwise, or the whole answer
 * is, nobody knows what became of those writes.
 */
export async function sendBatch(
  batching: Batching,
  requests: readonly BatchRequest[],
): Promise<readonly BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (const groups of batchfuls(requests)) {
    const ended = !batching.continueOnError && outcomes.some(({ kind }) => kind !== 'done');
    outcomes.push(...(ended ? groups.flat().map(notBegun) : (await sendPatiently(batching, groups)).flat()));
  }
  return outcomes;
}

const notBegun = (): BatchOutcome => ({ kind: 'not-begun' });

/** Groups that were told to wait did nothing: they alone are sent again, with all that was not begun after them. */
async function sendPatiently(batching: Batching, groups: Batchful): Promise<BatchOutcome[][]> {
  const outcomes: BatchOutcome[][] = groups.map((group) => group.map(notBegun));
  let open = [...groups.keys()];
  let patience = patienceMs;
  for (let tries = 0; open.length > 0; tries += 1) {
    const answers = await sendOnce(
      batching,
      open.map((at) => groups[at] ?? []),
    );
    for (const [index, at] of open.entries()) outcomes[at] = answers[index]?.outcomes ?? [];
    const waitMs = answers.map((answer) => answer.waitMs);
    const first = waitMs.findIndex((ms) => ms !== null);
    const longest = waitMs.reduce<number>((most, ms) => Math.max(most, ms ?? 0), 0);
    patience -= longest;
    if (first < 0 || batching.clock === null || tries >= waits || patience < 0) break;
    await batching.clock.sleep(longest);
    open = open.filter((_, index) => waitMs[index] != null || (!batching.continueOnError && index > first));
  }
  return outcomes;
}

interface GroupAnswer {
  readonly outcomes: BatchOutcome[];
  /** It has to wait so long, and did nothing. */
  readonly waitMs: number | null;
}

const settled = (outcomes: BatchOutcome[]): GroupAnswer => ({ outcomes, waitMs: null });

async function sendOnce(batching: Batching, groups: Batchful): Promise<GroupAnswer[]> {
  let response: TransportResponse;
  try {
    response = await exchange(batching, groups);
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    const sent = error.kind === 'outcome-unknown' || error.kind === 'unreachable';
    return groups.map((group) =>
      settled(group.map((request) => (sent ? lost(request, error) : { kind: 'not-begun', error }))),
    );
  }
  const boundary = boundaryOf(response.headers['content-type']);
  const body = boundary === null ? '' : await response.text();
  if (boundary === null) return refusedWhole(batching, groups, await errorOf(response));
  const parts = parseParts(body, boundary);
  return match(batching, groups, isWhole(body, boundary) ? parts : parts.slice(0, -1));
}

function exchange(batching: Batching, groups: Batchful): Promise<TransportResponse> {
  const requests = groups.flat().map((request) => ({
    ...request,
    headers: { ...batching.sessions.headersFor(request.url), ...request.headers },
  }));
  const { contentType, body } = formatBatch(requests, batching.root);
  return batching.api.exchange({
    method: 'POST',
    url: '$batch',
    headers: {
      'content-type': contentType,
      ...(batching.continueOnError ? { prefer: 'odata.continue-on-error' } : {}),
    },
    body,
    repeatable: requests.every(mayRepeat),
    ...(requests.every(({ method }) => method === 'GET') ? { changesNothing: true } : {}),
  });
}

/** No part was begun, unless something broke under it. What is too large goes in halves. */
async function refusedWhole(
  batching: Batching,
  groups: Batchful,
  error: DataverseError,
): Promise<GroupAnswer[]> {
  if (error.kind === 'too-large' && groups.length > 1) {
    const half = Math.ceil(groups.length / 2);
    const before = await sendOnce(batching, groups.slice(0, half));
    const rest = groups.slice(half);
    const stopped = !batching.continueOnError && before.some(({ outcomes }) => outcomes.some(isNotDone));
    return [
      ...before,
      ...(stopped ? rest.map((group) => settled(group.map(notBegun))) : await sendOnce(batching, rest)),
    ];
  }
  const broke = error.status >= 500 && error.kind !== 'not-supported';
  return groups.map((group) =>
    settled(group.map((request) => (broke ? lost(request, error) : { kind: 'not-begun', error }))),
  );
}

const isNotDone = ({ kind }: BatchOutcome): boolean => kind !== 'done';

function match(batching: Batching, groups: Batchful, parts: readonly Part[]): GroupAnswer[] {
  let stopped = false;
  return groups.map((group, index) => {
    const part = parts[index];
    if (stopped) return settled(group.map(notBegun));
    if (part === undefined)
      return settled(group.map((request) => missing(request, groups.length, parts.length)));
    const now = batching.clock?.now() ?? null;
    const answer =
      part.kind === 'answer' ? single(group, part.answer, now) : changeSet(group, part.answers, now);
    const told = part.kind === 'answer' ? [part.answer] : part.answers;
    for (const [at, { headers }] of told.entries()) batching.sessions.learn(group[at]?.url ?? '', headers);
    if (!batching.continueOnError) stopped = answer.outcomes.some((one) => one.kind !== 'done');
    return answer;
  });
}

/** A change set that could not even be begun may be answered by a plain part. */
function single(group: readonly BatchRequest[], answer: BatchAnswer, now: Date | null): GroupAnswer {
  const [only] = group;
  if (only !== undefined && group.length === 1) {
    return { outcomes: [outcomeOf(only, answer)], waitMs: waitMsOf(answer, now) };
  }
  const error = partError(answer);
  return { outcomes: group.map(() => ({ kind: 'rolled-back', error })), waitMs: waitMsOf(answer, now) };
}

type SetAnswers = Extract<Part, { kind: 'changeset' }>['answers'];

function changeSet(group: readonly BatchRequest[], answers: SetAnswers, now: Date | null): GroupAnswer {
  const failed = answers.find(({ status }) => status >= 400);
  if (failed !== undefined) {
    const error = partError(failed);
    const at = failed.contentId === null ? 0 : failed.contentId - 1;
    const outcomes = group.map((_, index): BatchOutcome => ({
      kind: index === at ? 'refused' : 'rolled-back',
      error,
    }));
    return { outcomes, waitMs: waitMsOf(failed, now) };
  }
  return settled(
    group.map((request, index) => {
      const answer = answers[index];
      return answer === undefined
        ? missing(request, group.length, answers.length)
        : outcomeOf(request, answer);
    }),
  );
}

function missing(request: BatchRequest, asked: number, answered: number): BatchOutcome {
  return lost(request, unansweredBatch(asked, answered));
}

/** Null: it does not have to wait, or nobody has a clock to wait by. */
function waitMsOf({ status, headers }: BatchAnswer, now: Date | null): number | null {
  if (status !== 429 || now === null) return null;
  return retryAfterMs({ headers, receivedAt: now }) ?? waitMsUnsaid;
}

function mayRepeat({ method, repeatable }: BatchRequest): boolean {
  return repeatable ?? method === 'GET';
}
