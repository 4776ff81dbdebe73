import type { ApiRequest, ApiResponse } from './api.ts';

/** What the web server in front of the service takes, and what a part of a batch may have. In characters. */
export const URL_LIMIT = 32_768;
export const BATCH_URL_LIMIT = 65_536;
const SEGMENT_LIMIT = 260;

/**
 * The answer to a URL that is too long: from the web server, in HTML, before anybody has signed in. Undefined where
 * the URL is taken.
 */
export function refuseLongUrl(request: ApiRequest): ApiResponse | undefined {
  const { resource, serviceRoot } = request;
  if (serviceRoot.length + resource.length > URL_LIMIT) {
    return page(414, 'Request-URI Too Long', 'HTTP Error 414. The request URL is too long.');
  }
  const path = resource.split('?', 1)[0] ?? '';
  if (path.split('/').every((segment) => segment.length <= SEGMENT_LIMIT)) return undefined;
  return page(400, 'Bad Request', 'HTTP Error 400. The request URL is invalid.');
}

/** The same for a part of a batch, whose path is nobody's business but the service's. */
export function refuseLongPart({ resource, serviceRoot }: ApiRequest): ApiResponse | undefined {
  if (serviceRoot.length + resource.length <= BATCH_URL_LIMIT) return undefined;
  return page(414, 'Request-URI Too Long', 'HTTP Error 414. The request URL is too long.');
}

function page(status: number, title: string, text: string): ApiResponse {
  const body = `<!DOCTYPE HTML><HTML><HEAD><TITLE>${title}</TITLE></HEAD><BODY><h2>${title}</h2><hr><p>${text}</p></BODY></HTML>`;
  return { status, headers: { 'Content-Type': 'text/html; charset=us-ascii' }, body };
}
