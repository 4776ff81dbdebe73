import type { ApiRequest, ApiResponse } from '../../http/api.ts';
import { guidFromText } from '../../model/guid.ts';
import { expiredToken, ServiceError } from '../../service/errors.ts';
import type { PageCut } from '../../service/page-cut.ts';
import type { Switches } from '../../service/switches.ts';
import type { Limits } from '../limits.ts';
import { throttled } from '../protection.ts';
import type { BadDay, FaultRecord } from './bad-day.ts';
import { halfOfBatch } from './half-batch.ts';

const GATEWAY_TIMEOUT_MS = 120_000;
const TRICKLE_MS = 20_000;

/** What a fault needs of the service that it disturbs. */
export interface Ground {
  readonly day: BadDay;
  /** @param cut what happens to the page that is read; nothing unless given */
  serve(request: ApiRequest, cut?: PageCut): Promise<ApiResponse>;
  refuse(error: ServiceError): ApiResponse;
  sleep(ms: number): Promise<void>;
  /** The caller's access token counts no longer; the 401 that says so. */
  expireToken(): ApiResponse;
  /** Writes a row of the table that is being read, and says which and how. */
  writeBetweenPages(): Promise<string>;
  /** By the service's own clock, which may be off. */
  now(): number;
  /** What a refusal for too much traffic names. */
  readonly limits: Limits;
  readonly throttlingCode: Switches['throttlingCode'];
}

/** Answers a request as the fault wants it, and writes down what exactly happened. */
export async function disturb(fault: FaultRecord, request: ApiRequest, ground: Ground): Promise<ApiResponse> {
  const { day } = ground;
  const pick = <T>(list: readonly [T, ...T[]]): T => list[day.random() % list.length] ?? list[0];
  const note = (detail: string) => void (fault.detail = detail);
  switch (fault.kind) {
    case 'storm':
      return storm(pick, note, ground);
    case 'gateway': {
      const status = pick([502, 503, 504] as const);
      note(`${status} with HTML`);
      return htmlPage(status);
    }
    case 'sqlTimeout':
      note('500 0x80044151');
      return ground.refuse(new ServiceError(500, '0x80044151', 'SQL timeout expired.'));
    case 'deadlock':
      note('500 0x80044150 with Sql Number 1205');
      return ground.refuse(new ServiceError(500, '0x80044150', DEADLOCK));
    case 'resetBefore':
      note('nothing was done');
      return LOST;
    case 'resetMidBody': {
      const response = await ground.serve(request);
      const share = 0.1 + (day.random() % 80) / 100;
      const hasBody = (response.body?.length ?? 0) > 0;
      note(hasBody ? `after ${Math.round(share * 100)} % of the body` : 'before an answer without a body');
      return { ...response, delivery: { cutAt: share } };
    }
    case 'resetAfterWrite': {
      note(`done with status ${(await ground.serve(request)).status}`);
      return LOST;
    }
    case 'timeoutAfterWrite': {
      note(`done with status ${(await ground.serve(request)).status}`);
      await ground.sleep(GATEWAY_TIMEOUT_MS * day.plan.waitScale);
      return htmlPage(504);
    }
    case 'slowBytes': {
      const spreadMs = (1000 + (day.random() % TRICKLE_MS)) * day.plan.waitScale;
      note(`the body takes ${Math.round(spreadMs)} ms`);
      return { ...(await ground.serve(request)), delivery: { spreadMs } };
    }
    case 'halfBatch': {
      const { part, kept, of } = halfOfBatch(request, day.random());
      const response = await ground.serve(part);
      const lost = day.random() % 2 === 0;
      note(`${kept} of ${of} parts done, ${lost ? 'answer lost' : 'answer cut off'}`);
      return lost ? LOST : { ...response, delivery: { cutAt: 0.6 } };
    }
    case 'expiredToken':
      note('401');
      return ground.expireToken();
    case 'expiredChangeToken':
      note('400 0x80044352');
      return ground.refuse(expiredToken());
    case 'noDeltaLink':
      return edited(await ground.serve(request), note, withoutDeltaLink);
    case 'tokenNoise':
      return edited(await ground.serve(request), note, (text) => withStrangers(text, request, day));
    case 'otherPeople':
      note(await ground.writeBetweenPages());
      return ground.serve(request);
    case 'shortPage': {
      note('a page that cannot be cut');
      const share = pick([0, 0.1, 0.5, 0.9] as const);
      const happened = (rows: number, of: number) => note(`${rows} of ${of} rows`);
      return ground.serve(request, { share, happened });
    }
  }
}

const LOST: ApiResponse = { status: 0, headers: {}, body: undefined, delivery: { cutAt: 'head' } };

const DEADLOCK =
  'Generic SQL error. CRM ErrorCode: -2147204784 Sql ErrorCode: -2146232060 Sql Number: 1205 ' +
  'Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim.';

function storm(
  pick: <T>(list: readonly [T, ...T[]]) => T,
  note: (detail: string) => void,
  ground: Ground,
): ApiResponse {
  const facet = pick(['requests', 'executionTime', 'concurrency'] as const);
  const form = pick(['seconds', 'date', 'absent'] as const);
  const retryAfterMs = pick([1000, 2000, 5000, 10_000] as const);
  note(
    `429 for ${facet}, Retry-After ${form === 'absent' ? 'absent' : `of ${retryAfterMs / 1000} s in ${form}`}`,
  );
  const shape = { form, throttlingCode: ground.throttlingCode, retryAfterMs, serviceNow: ground.now() };
  return ground.refuse(throttled(facet, ground.limits, shape));
}

const TITLES = { 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Time-out' } as const;

function htmlPage(status: keyof typeof TITLES): ApiResponse {
  const title = `${status} ${TITLES[status]}`;
  const body = `<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`;
  return { status, headers: { 'Content-Type': 'text/html' }, body };
}

function edited(
  response: ApiResponse,
  note: (detail: string) => void,
  edit: (text: string) => { text: string; detail: string },
): ApiResponse {
  if (response.status !== 200 || response.body === undefined) {
    note('nothing to change in the answer');
    return response;
  }
  const { text, detail } = edit(Buffer.from(response.body).toString('utf8'));
  note(detail);
  return { ...response, body: text };
}

function withoutDeltaLink(text: string): { text: string; detail: string } {
  const without = text.replace(/,"@odata\.deltaLink":"[^"]*"/, '');
  return { text: without, detail: without === text ? 'the page had no delta link' : 'delta link left out' };
}

/** Deletions come last, so that these do too. */
function withStrangers(
  text: string,
  { serviceRoot, resource }: ApiRequest,
  day: BadDay,
): { text: string; detail: string } {
  const end = /\](,"@odata\.(?:nextLink|deltaLink)":"[^"]*")?\}$/.exec(text);
  if (end === null) return { text, detail: 'nothing to add to the answer' };
  const set = resource.replace(/[?(/].*$/s, '');
  const strangers = Array.from({ length: 1 + (day.random() % 3) }, () => {
    const id = guidFromText(`stranger ${day.random()}`);
    return JSON.stringify({
      '@odata.context': `${serviceRoot}$metadata#${set}/$deletedEntity`,
      id,
      reason: 'deleted',
    });
  });
  const before = text.slice(0, end.index);
  const comma = before.endsWith('[') ? '' : ',';
  return {
    text: `${before}${comma}${strangers.join(',')}${text.slice(end.index)}`,
    detail: `${strangers.length} tombstones of rows that never were`,
  };
}
