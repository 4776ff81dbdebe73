import { parse } from 'lossless-json';

/** A number as the service wrote it, or any other JSON value. */
export type Raw = unknown;
export type RawRow = Readonly<Record<string, Raw>>;

export interface TableFacts {
  readonly table: string;
  readonly entitySet: string;
  readonly primaryId: string;
  readonly primaryName: string | null;
  readonly intersect: boolean;
}

/**
 * The Web API as an outsider uses it: no code of the product, numbers kept as the text that came. With it the demo acts
 * as the environment's other users and takes down what is there before and after.
 */
export class Outsider {
  readonly #api: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#api = `${url}/api/data/v9.2/`;
    this.#token = token;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const url = path.startsWith('http') ? path : this.#api + path;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json',
        'odata-version': '4.0',
        'odata-maxversion': '4.0',
        ...(body === undefined || body instanceof Uint8Array ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async get(path: string, headers?: Record<string, string>): Promise<RawRow> {
    const response = await this.send('GET', path, undefined, headers);
    // An OData answer to a GET is always an object.
    return parse(await response.text()) as RawRow;
  }

  async tables(): Promise<Map<string, TableFacts>> {
    const answer = await this.get(
      'EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,IsIntersect',
    );
    const rows = answer['value'] as RawRow[];
    return new Map(
      rows
        .filter((row) => row['EntitySetName'] !== null)
        .map((row) => [
          String(row['LogicalName']),
          {
            table: String(row['LogicalName']),
            entitySet: String(row['EntitySetName']),
            primaryId: String(row['PrimaryIdAttribute']),
            primaryName: typeof row['PrimaryNameAttribute'] === 'string' ? row['PrimaryNameAttribute'] : null,
            intersect: row['IsIntersect'] === true,
          },
        ]),
    );
  }

  /** All rows of a table as the service prints them, every page. */
  async rows(facts: TableFacts, query = ''): Promise<RawRow[]> {
    const prefer = {
      prefer: 'odata.maxpagesize=5000,odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"',
    };
    const rows: RawRow[] = [];
    let link: string | undefined = facts.entitySet + query;
    while (link) {
      const page = await this.get(link, prefer);
      rows.push(...(page['value'] as RawRow[]));
      // The property is a string or absent.
      link = page['@odata.nextLink'] as string | undefined;
    }
    return rows;
  }
}
