/** The REST API as an operator's program calls it. */
export class ApiClient {
  readonly #url: string;
  readonly #token: () => Promise<string>;
  readonly #environment: string;

  constructor(url: string, environment: string, token: () => Promise<string>) {
    this.#url = url;
    this.#environment = environment;
    this.#token = token;
  }

  async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(
      `${this.#url}/v1/environments/${encodeURIComponent(this.#environment)}/${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${await this.#token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    // The caller names the contract's type of this operation.
    return JSON.parse(text) as T;
  }
}
