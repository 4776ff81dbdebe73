import type { Faker } from '@faker-js/faker';
import { faker as english } from '@faker-js/faker/locale/en';
import type { SchemaDefinition } from '../../model/definitions.ts';
import type { SeedLink, SeedRow, StoredValue } from '../../model/seed.ts';

export interface Reference {
  readonly table: string;
  readonly id: string;
}

/** The main entry of the package exports the class, and loads seventy languages with it. */
const English = english.constructor as typeof Faker; // an instance of the class has it as its constructor

type Values = Readonly<Record<string, StoredValue | undefined>>;

/** A row that other rows can point to. */
export interface DemoRow extends Reference {
  readonly name: string;
  readonly owner: Reference;
  readonly createdMs: number;
}

const YEARS_MS = 2 * 365 * 24 * 3_600_000;

/** Everything made so far, and the one source of chance: the same seed makes the same world. */
export class DemoWorld {
  readonly faker: Faker;
  readonly rows: SeedRow[] = [];
  readonly links: SeedLink[] = [];
  readonly nowMs: number;
  readonly size: number;
  readonly #keys: ReadonlyMap<string, string>;

  constructor(schema: SchemaDefinition, options: { seed: number; size: number; nowMs: number }) {
    this.faker = new English({ locale: english.rawDefinitions, seed: options.seed });
    this.nowMs = options.nowMs;
    this.size = options.size;
    this.#keys = new Map(schema.tables.map((table) => [table.logicalName, table.primaryId]));
  }

  /** How many of something at this size; at least one. */
  count(atSizeOne: number): number {
    return Math.max(1, Math.round(atSizeOne * this.size));
  }

  id(): string {
    return this.faker.string.uuid();
  }

  /** Adds a row; undefined values are left out. */
  add(table: string, values: Values, files?: SeedRow['files']): Reference {
    const key = this.#keys.get(table);
    if (key === undefined) throw new Error(`The demo needs the table ${table}`);
    const given = values[key];
    const id = typeof given === 'string' ? given : this.id();
    const all: Record<string, StoredValue> = { [key]: id };
    for (const [name, value] of Object.entries(values))
      if (value !== undefined && value !== null) all[name] = value;
    this.rows.push({ table, id, values: all, ...(files ? { files } : {}) });
    return { table, id };
  }

  link(relationship: string, one: Reference, two: Reference): void {
    this.links.push({ relationship, id1: one.id, id2: two.id });
  }

  chance(probability: number): boolean {
    return this.faker.datatype.boolean(probability);
  }

  pick<T>(list: readonly T[]): T {
    return this.faker.helpers.arrayElement(list);
  }

  some<T>(list: readonly T[], count: number): T[] {
    return this.faker.helpers.arrayElements(list, Math.min(count, list.length));
  }

  /** The value, or nothing: most columns of real rows are empty. */
  maybe<T>(probability: number, make: () => T): T | undefined {
    return this.chance(probability) ? make() : undefined;
  }

  /** An instant between `fromMs` (two years ago) and now, in whole seconds. */
  momentMs(fromMs = this.nowMs - YEARS_MS): number {
    const seconds = Math.floor((this.nowMs - fromMs) / 1000);
    return fromMs + this.faker.number.int({ min: 0, max: Math.max(0, seconds) }) * 1000;
  }

  /** Amounts have four digits after the point, as the service prints money. */
  amount(min: number, max: number): string {
    return money(this.faker.number.int({ min: min * 100, max: max * 100 }));
  }
}

export function money(cents: number): string {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(cents) / 100);
  return `${sign}${whole}.${String(Math.abs(cents) % 100).padStart(2, '0')}00`;
}

export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
