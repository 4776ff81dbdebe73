import { DataverseError } from '../errors.ts';
import type { WebApi } from '../web-api.ts';
import { readDetails } from './details.ts';
import { metadataVersion } from './environment.ts';
import { readTables } from './tables.ts';
import type { TableDetails, TableMetadata } from './types.ts';

/** Tables described at the same time; each takes some five requests. */
const atOnce = 4;

/**
 * Metadata as last read. It is asked for again when the environment's metadata version has moved, which costs one
 * small request at each look.
 */
export class Catalog {
  readonly #api: WebApi;
  #version: string | null = null;
  #tables: Promise<readonly TableMetadata[]> | null = null;
  #details = new Map<string, Promise<TableDetails>>();

  constructor(api: WebApi) {
    this.#api = api;
  }

  async tables(): Promise<readonly TableMetadata[]> {
    await this.#forgetWhenMoved();
    return this.#list();
  }

  async details(names: readonly string[]): Promise<readonly TableDetails[]> {
    await this.#forgetWhenMoved();
    const byName = new Map((await this.#list()).map((table) => [table.name, table]));
    const found: TableDetails[] = [];
    for (let at = 0; at < names.length; at += atOnce) {
      const some = names.slice(at, at + atOnce).map((name) => this.#detail(name, byName.get(name)));
      found.push(...(await Promise.all(some)));
    }
    return found;
  }

  /** As last read, without asking whether it moved: entity sets and names do not. */
  async byName(): Promise<ReadonlyMap<string, TableMetadata>> {
    return new Map((await this.#list()).map((table) => [table.name, table]));
  }

  async #forgetWhenMoved(): Promise<void> {
    const version = await metadataVersion(this.#api);
    if (version === this.#version) return;
    this.#version = version;
    this.#tables = null;
    this.#details = new Map();
  }

  #list(): Promise<readonly TableMetadata[]> {
    const pending = this.#tables ?? readTables(this.#api);
    this.#tables = pending;
    pending.catch(() => (this.#tables = null));
    return pending;
  }

  #detail(name: string, table: TableMetadata | undefined): Promise<TableDetails> {
    if (table === undefined) throw unknownTable(name);
    const pending = this.#details.get(name) ?? readDetails(this.#api, table);
    this.#details.set(name, pending);
    pending.catch(() => this.#details.delete(name));
    return pending;
  }
}

function unknownTable(name: string): DataverseError {
  return new DataverseError(
    `The environment has no table ${name}.`,
    { kind: 'not-found', status: 0, serviceCode: '', requestId: null, table: name },
    { hint: 'Check the name: it is the logical name, in lower case and in the singular.' },
  );
}
