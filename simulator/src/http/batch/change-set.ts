import { ServiceError } from '../../service/errors.ts';
import type { ApiRequest, ApiResponse, Call } from '../api.ts';
import { errorResponse } from '../error-response.ts';
import { emptyRequest, languageOf, type Inner } from './answer-batch.ts';
import { parseInnerRequest } from './inner-request.ts';
import { malformed, type Part } from './parse-multipart.ts';
import { multipart, printResponse, type PrintedPart } from './print-response.ts';

/**
 * All or nothing. A failure rolls everything back and is the only answer, with its Content-ID: the number of
 * answers differs from the number of requests then.
 */
export async function runChangeSet(
  call: Call,
  parts: readonly Part[],
  inner: Inner,
): Promise<{ part: PrintedPart; succeeded: boolean }> {
  const { database, newId } = call.context.environment;
  const boundary = `changesetresponse_${newId()}`;
  const done: PrintedPart[] = [];
  const ids = new Map<string, string>();
  const rollback = database.begin();
  for (const part of parts) {
    const contentId = part.headers.get('content-id');
    const response = await runPart(call, part, contentId, ids, inner);
    const printed = printResponse(response, newId, contentId);
    if (response.status >= 400) {
      rollback();
      return { part: changeSetPart(boundary, [printed]), succeeded: false };
    }
    const url = response.headers['OData-EntityId'];
    if (contentId !== undefined && url !== undefined) ids.set(contentId, url);
    done.push(printed);
  }
  database.commit();
  return { part: changeSetPart(boundary, done), succeeded: true };
}

async function runPart(
  call: Call,
  part: Part,
  contentId: string | undefined,
  ids: ReadonlyMap<string, string>,
  inner: Inner,
): Promise<ApiResponse> {
  let request: ApiRequest = emptyRequest(call);
  try {
    if (contentId === undefined) throw malformed('Content-ID is missing in a part of the change set.');
    request = parseInnerRequest(call, part, ids);
    if (request.method === 'GET') throw malformed('A change set cannot hold a GET request.');
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return errorResponse(request, error, languageOf(call));
  }
  return inner(request);
}

function changeSetPart(boundary: string, parts: readonly PrintedPart[]): PrintedPart {
  return { head: [`Content-Type: multipart/mixed; boundary=${boundary}`], body: multipart(boundary, parts) };
}
