/** Calls to the Web API of this page's own origin, in the shapes that a host's `context.webAPI` has. */

export type Row = Record<string, unknown>;

const root = '/api/data/v9.2/';

/** What the host rejects with: an error number and a sentence. */
export class WebApiError extends Error {
  readonly errorCode: number;
  readonly httpStatus: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.errorCode = Number.parseInt(code, 16) || status;
    this.httpStatus = status;
  }
}

export async function call(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = {
    accept: 'application/json',
    'odata-version': '4.0',
    'odata-maxversion': '4.0',
    prefer: 'odata.include-annotations="*"',
    ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
  };
  const response = await fetch(root + path, { ...options, headers });
  if (!response.ok) throw await errorOf(response);
  return response;
}

export const getJson = async (path: string): Promise<Row> => (await (await call(path)).json()) as Row;

async function errorOf(response: Response): Promise<WebApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { code?: string; message: string } };
    return new WebApiError(response.status, error.code ?? '', error.message);
  } catch {
    return new WebApiError(response.status, '', text || response.statusText);
  }
}

/** The id in `OData-EntityId: …/accounts(0f2c…)`. */
export const createdId = (response: Response): string =>
  /\(([0-9a-f-]{36})\)/i.exec(response.headers.get('odata-entityid') ?? '')?.[1] ?? '';
