/** An answer of the Web API, as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Checks reach into answers of many shapes; each says what it expects.
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** The Web API without a client between: what a client claims to have done is read back through this. */
export interface WebApi {
  readonly root: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The row's JSON; rejects where the answer is no 200. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see Answer.json
  row(path: string): Promise<any>;
  /** Creates a row and answers with its id. */
  create(set: string, body: Readonly<Record<string, unknown>>): Promise<string>;
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function webApi(url: string, token: string): WebApi {
  const root = `${url}/api/data/v9.2/`;
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const response = await fetch(root + path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'OData-Version': '4.0',
        ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const { status, headers } = response;
    return { status, headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
  };
  const get = (path: string, headers?: Readonly<Record<string, string>>) =>
    call('GET', path, headers === undefined ? {} : { headers });
  return {
    root,
    call,
    get,
    row: async (path) => {
      const answer = await get(path);
      if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
      return answer.json;
    },
    create: async (set, body) => {
      const answer = await call('POST', set, { body });
      const id = /\(([0-9a-f-]{36})\)$/.exec(answer.headers.get('odata-entityid') ?? '')?.[1];
      if (id === undefined) throw new Error(`POST ${set}: ${answer.status} ${answer.text}`);
      return id;
    },
  };
}
