import type { Environment } from '@rowback/simulator';
import { keyText, type TableDetails } from '../../../src/dataverse/index.ts';

/** What a row was called from some moment on; null: it was not there. */
interface State {
  readonly at: number;
  readonly name: string | null;
}

/** How to name a row to the service, and to the client. */
export interface Address {
  readonly id: string;
  readonly partition?: string;
}

export const nameColumn = (table: TableDetails): string => table.primaryName ?? '';

/** A table as it really is and was: every state of every row since the day began, whoever wrote it. */
export class Witness {
  readonly table: TableDetails;
  readonly #environment: Environment;
  readonly #states = new Map<string, State[]>();
  readonly #addresses = new Map<string, Address>();
  /** From the store's own keys to those that clients know. */
  readonly #keys = new Map<string, string>();
  #version = 0;
  #tombstones: number;
  #moment = 0;

  constructor(environment: Environment, table: TableDetails) {
    this.#environment = environment;
    this.table = table;
    const store = environment.database.store(table.name);
    this.#tombstones = store.tombstones.length;
    for (const row of store.values()) this.#saw(row.id, row.values);
    this.#version = environment.database.version;
  }

  /** After each turn: what changed in it. */
  readonly look = (): void => {
    const { database } = this.#environment;
    if (database.version === this.#version) return;
    this.#moment += 1;
    const store = database.store(this.table.name);
    for (const { id } of store.tombstones.slice(this.#tombstones)) this.#note(this.#keys.get(id) ?? id, null);
    for (const { id, values } of store.changedBetween(this.#version, database.version)) this.#saw(id, values);
    this.#tombstones = store.tombstones.length;
    this.#version = database.version;
  };

  /** Now, for {@link during}. */
  get moment(): number {
    return this.#moment;
  }

  /** Rows that are there now. */
  get rows(): readonly Address[] {
    return [...this.#states].flatMap(([key, states]) => {
      const address = this.#addresses.get(key);
      return address === undefined || states.at(-1)?.name === null ? [] : [address];
    });
  }

  /** Names by key, as they are now. */
  get names(): ReadonlyMap<string, string> {
    const there = [...this.#states].flatMap(([key, states]): [string, string][] => {
      const name = states.at(-1)?.name ?? null;
      return name === null ? [] : [[key, name]];
    });
    return new Map(there);
  }

  /** The states in which the row was at some time since that moment. */
  during(key: string, moment: number): readonly (string | null)[] {
    const states = this.#states.get(key);
    if (states === undefined) return [null];
    const first = states.findLastIndex(({ at }) => at <= moment);
    const names = states.slice(Math.max(0, first)).map(({ name }) => name);
    return first < 0 ? [null, ...names] : names;
  }

  /** Each row was at some time as it was read, and what was there all the time was read. */
  explain(found: ReadonlyMap<string, string>, moment: number): void {
    for (const [key, name] of found) {
      if (!this.during(key, moment).includes(name)) throw new Error(`${this.#of(key)} never was ${name}`);
    }
    this.explainKeys(new Set(found.keys()), moment);
  }

  explainKeys(found: ReadonlySet<string>, moment: number): void {
    for (const key of found) {
      if (this.during(key, moment).every((name) => name === null))
        throw new Error(`${this.#of(key)} never was there`);
    }
    this.explainAbsence(this.#states.keys(), found, moment);
  }

  /** Of the rows asked for, those that were there all the time were found. */
  explainAbsence(asked: Iterable<string>, found: ReadonlySet<string>, moment: number): void {
    for (const key of asked) {
      if (!found.has(key) && !this.during(key, moment).includes(null))
        throw new Error(`${this.#of(key)} is missing`);
    }
  }

  #saw(storedId: string, values: Readonly<Record<string, unknown>>): void {
    const { primaryId, kind } = this.table;
    const publicId = values[primaryId ?? ''];
    const id = typeof publicId === 'string' ? publicId : storedId;
    const partition = kind === 'elastic' ? values['partitionid'] : undefined;
    const address = typeof partition === 'string' && partition !== id ? { id, partition } : { id };
    const key = keyText(address);
    this.#keys.set(storedId, key);
    this.#addresses.set(key, address);
    const name = values[nameColumn(this.table)];
    this.#note(key, typeof name === 'string' ? name : unnamed);
  }

  #note(key: string, name: string | null): void {
    const state = { at: this.#moment, name };
    const states = this.#states.get(key);
    if (states === undefined) this.#states.set(key, [state]);
    else states.push(state);
  }

  #of(key: string): string {
    return `${this.table.name} ${key}`;
  }
}

/** Stands for a name that is empty. */
export const unnamed = '(no name)';
