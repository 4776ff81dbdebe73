import type { ChangeEvent, Row, RowKey } from '../../src/dataverse/index.ts';

/** The table as it really is and was: everything that happens to it beside the client under test goes through here. */
export class Ledger {
  readonly #api: string;
  readonly #random: () => number;
  /** Every name that a row had since the day began; null: it was not there. */
  readonly #states = new Map<string, (string | null)[]>();
  #start: readonly string[] = [];
  #made = 0;

  constructor(url: string, random: () => number) {
    this.#api = `${url}/api/data/v9.2/`;
    this.#random = random;
  }

  /** An empty table, and then so many rows. */
  async begin(rows: number): Promise<void> {
    for (const id of (await this.truth()).keys()) await this.#send('DELETE', `accounts(${id})`);
    const targets = Array.from({ length: rows }, () => ({
      '@odata.type': 'Microsoft.Dynamics.CRM.account',
      accountid: this.#newId(),
      name: this.#newName(),
    }));
    await this.#send('POST', 'accounts/Microsoft.Dynamics.CRM.CreateMultiple', { Targets: targets });
    for (const { accountid, name } of targets) this.#states.set(accountid, [name]);
    this.#start = targets.map(({ accountid }) => accountid);
  }

  idsOfStart(): readonly string[] {
    return this.#start;
  }

  /** Somebody else makes, changes or deletes a row. */
  async changeSomething(): Promise<void> {
    const there = [...this.#states].filter(([, states]) => states.at(-1) !== null).map(([id]) => id);
    const id = there[Math.floor(this.#random() * there.length)];
    const what = this.#random();
    const name = this.#newName();
    if (what < 0.3 || id === undefined) {
      const made = this.#newId();
      await this.#send('POST', 'accounts', { accountid: made, name });
      this.#states.set(made, [null, name]);
    } else if (what < 0.6) {
      await this.#send('DELETE', `accounts(${id})`);
      this.#states.get(id)?.push(null);
    } else {
      await this.#send('PATCH', `accounts(${id})`, { name });
      this.#states.get(id)?.push(name);
    }
  }

  newOnes(count: number): { id: string; name: string }[] {
    return Array.from({ length: count }, () => ({ id: this.#newId(), name: this.#newName() }));
  }

  changedOnes(count: number): { id: string; name: string }[] {
    return this.#some(count).map((id) => ({ id, name: this.#newName() }));
  }

  deletedOnes(count: number): { id: string; name: null }[] {
    return this.#some(count).map((id) => ({ id, name: null }));
  }

  /** Names by id, as an outsider reads them. */
  async truth(): Promise<Map<string, string>> {
    const response = await this.#send('GET', 'accounts?$select=accountid,name');
    // The service's own shape, of rows that this class wrote.
    const { value } = (await response.json()) as { value: { accountid: string; name: string }[] };
    return new Map(value.map(({ accountid, name }) => [accountid, name]));
  }

  /** The rows that a stream of changes leaves, begun from those given. A row as it was before comes only once. */
  async fold(
    events: AsyncIterable<ChangeEvent>,
    before: ReadonlyMap<string, string> = new Map(),
  ): Promise<{ readonly rows: Map<string, string>; readonly deltaLink: string }> {
    const rows = new Map(before);
    const seen = new Set<string>();
    let deltaLink = '';
    for await (const event of events) {
      if (event.kind === 'page-end') deltaLink = event.deltaLink ?? '';
      else if (event.kind === 'gone') rows.delete(event.id);
      else this.#add(event, rows, seen);
    }
    return { rows, deltaLink };
  }

  async collect(rows: AsyncIterable<Row>): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const seen = new Set<string>();
    for await (const row of rows) this.#add(row, found, seen);
    return found;
  }

  async keys(keys: AsyncIterable<RowKey>): Promise<Set<string>> {
    const found = new Set<string>();
    const seen = new Set<string>();
    for await (const { id, version } of keys) {
      once(seen, `${id} ${version}`);
      found.add(id);
    }
    return found;
  }

  /** Each row is in one of the states that it really had, and those that nobody touched are all there. */
  explain(names: ReadonlyMap<string, string>, where: string): void {
    for (const [id, name] of names) {
      if (!this.#states.get(id)?.includes(name)) throw new Error(`${where}: ${id} never was ${name}`);
    }
    this.explainKeys(new Set(names.keys()), where);
  }

  explainKeys(ids: ReadonlySet<string>, where: string): void {
    for (const id of ids) if (!this.#states.has(id)) throw new Error(`${where}: ${id} never was there`);
    for (const [id, states] of this.#states) {
      if (!states.includes(null) && !ids.has(id)) throw new Error(`${where}: ${id} is missing`);
    }
  }

  #add(row: Row, rows: Map<string, string>, seen: Set<string>): void {
    once(seen, `${row.id} ${row.etag}`);
    const name = row.values['name'];
    rows.set(row.id, typeof name === 'string' ? name : '(no name)');
  }

  #some(count: number): readonly string[] {
    const first = Math.floor(this.#random() * Math.max(1, this.#start.length - count));
    return this.#start.slice(first, first + count);
  }

  /** Spread over the service's order of ids, so that what is new comes before and behind any page. */
  #newId(): string {
    const hex = () =>
      Math.floor(this.#random() * 0xffffff)
        .toString(16)
        .padStart(6, '0');
    return `00000000-0000-4000-8000-${hex()}${hex()}`;
  }

  #newName(): string {
    this.#made += 1;
    return `name ${this.#made}`;
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(this.#api + path, {
      method,
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

function once(seen: Set<string>, what: string): void {
  if (seen.has(what)) throw new Error(`${what} came twice`);
  seen.add(what);
}
