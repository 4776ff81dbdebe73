import type { TableDetails } from '../../../src/dataverse/index.ts';
import { nameColumn, type Address, type Witness } from './witness.ts';

/** One request of the client in so many meets somebody who has just written something. */
const oneIn = 4;

/** Somebody who makes, changes and deletes rows between any two requests of the client, and never by it. */
export class SomebodyElse {
  readonly #send: typeof fetch;
  readonly #api: string;
  readonly #witnesses: readonly Witness[];
  readonly #random: () => number;
  #made = 0;

  constructor(send: typeof fetch, url: string, witnesses: readonly Witness[], random: () => number) {
    this.#send = send;
    this.#api = `${url}/api/data/v9.2/`;
    this.#witnesses = witnesses;
    this.#random = random;
  }

  async perhapsWrites(): Promise<void> {
    const witness = this.#one(this.#witnesses);
    if (this.#random() * oneIn >= 1 || witness === undefined) return;
    const { table, rows } = witness;
    const row = this.#one(rows);
    const what = this.#random();
    const body = { [nameColumn(table)]: `by somebody ${(this.#made += 1)}` };
    if (what < 0.35 || row === undefined)
      await this.#write('POST', table.entitySet ?? '', {
        [table.primaryId ?? '']: newId(this.#random),
        ...body,
      });
    else if (what < 0.65) await this.#write('DELETE', pathOf(table, row));
    else await this.#write('PATCH', pathOf(table, row), body);
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  async #write(method: string, path: string, body?: object): Promise<void> {
    const response = await this.#send(this.#api + path, {
      method,
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
}

function pathOf(table: TableDetails, { id, partition }: Address): string {
  const key =
    partition === undefined ? id : `${table.primaryId}=${id},partitionid='${encodeURIComponent(partition)}'`;
  return `${table.entitySet}(${key})`;
}

/** Spread over the service's order of ids, so that what is new comes before and behind any page. */
export function newId(random: () => number): string {
  const hex = () =>
    Math.floor(random() * 0x1000000)
      .toString(16)
      .padStart(6, '0');
  return `00000000-0000-4000-8000-${hex()}${hex()}`;
}
