import type { ApiRequest, ApiResponse, Call } from '../api.ts';
import { errorResponse } from '../error-response.ts';
import { malformed, parseMultipart, type Part } from './parse-multipart.ts';
import { runChangeSet } from './change-set.ts';
import { parseInnerRequest } from './inner-request.ts';
import { multipart, printResponse, type PrintedPart } from './print-response.ts';
import { methodNotAllowed } from '../../service/errors.ts';

const MAX_OPERATIONS = 1000;

export type Inner = (request: ApiRequest) => Promise<ApiResponse>;

/**
 * Runs the parts one after the other. Without `continue-on-error` the first failure ends the batch: the outer
 * status is 400, what ran before stays done, and what comes after is not answered.
 */
export async function answerBatch(call: Call, inner: Inner): Promise<ApiResponse> {
  if (call.method !== 'POST') throw methodNotAllowed(call.method);
  const parts = await parseMultipart(call.headers.get('content-type') ?? '', Buffer.from(call.body));
  if (parts.length === 0) throw malformed('The batch holds no request.');
  const sets: Part[][] = [];
  for (const part of parts) {
    sets.push(
      isChangeSet(part)
        ? await parseMultipart(part.headers.get('content-type') ?? '', part.body, true)
        : [part],
    );
  }
  if (sets.reduce((sum, set) => sum + set.length, 0) > MAX_OPERATIONS) {
    throw malformed(`The batch holds more than ${MAX_OPERATIONS} requests.`);
  }
  const { continueOnError } = call.context.preferences;
  const printed: PrintedPart[] = [];
  let failed = false;
  let setFailed = false;
  for (const [at, part] of parts.entries()) {
    const answer = isChangeSet(part)
      ? await runChangeSet(call, sets[at] ?? [], inner)
      : await runSingle(call, part, inner);
    printed.push(answer.part);
    failed = !answer.succeeded;
    setFailed ||= failed && isChangeSet(part);
    if (failed && !continueOnError) break;
  }
  const boundary = `batchresponse_${call.context.environment.newId()}`;
  return {
    status:
      failed && !continueOnError ? 400 : setFailed ? call.context.environment.switches.failedChangeSet : 200,
    headers: {
      'Content-Type': `multipart/mixed; boundary=${boundary}`,
      ...(continueOnError ? { 'Preference-Applied': 'odata.continue-on-error' } : {}),
    },
    body: multipart(boundary, printed),
  };
}

function isChangeSet(part: Part): boolean {
  return /^multipart\/mixed/i.test(part.headers.get('content-type') ?? '');
}

async function runSingle(
  call: Call,
  part: Part,
  inner: Inner,
): Promise<{ part: PrintedPart; succeeded: boolean }> {
  const response = await answerPart(call, part, inner);
  return { part: printResponse(response, call.context.environment.newId), succeeded: response.status < 400 };
}

async function answerPart(call: Call, part: Part, inner: Inner): Promise<ApiResponse> {
  let request: ApiRequest;
  try {
    request = parseInnerRequest(call, part, new Map());
  } catch (error) {
    return errorResponse({ ...emptyRequest(call), headers: call.headers }, error, languageOf(call));
  }
  if (request.resource.startsWith('$batch'))
    return errorResponse(request, malformed('A batch cannot hold a batch.'), languageOf(call));
  return inner(request);
}

export function languageOf(call: Call) {
  return call.context.environment.switches.messageLanguage;
}

export function emptyRequest(call: Call): ApiRequest {
  return {
    method: 'GET',
    resource: '',
    serviceRoot: call.context.serviceRoot,
    headers: new Map(),
    body: new Uint8Array(),
  };
}
