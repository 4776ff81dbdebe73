import type { SchemaDefinition } from '../../model/definitions.ts';
import type { Schema } from '../../model/schema.ts';

interface Entry {
  /** The metadata version that the schema had. */
  readonly version: number;
  /** When it was replaced. */
  readonly untilMs: number;
  readonly definition: SchemaDefinition;
  readonly schema: Schema;
}

/** Schemas stay whole while caches may still show them; older ones are kept as definitions, which share their tables. */
const WHOLE_MS = 120_000;

/** The schemas that an environment had, oldest first. */
export class SchemaHistory {
  #entries: (Omit<Entry, 'schema'> & { schema: Schema | undefined })[] = [];

  add(schema: Schema, version: number, nowMs: number): void {
    for (const entry of this.#entries) if (entry.untilMs < nowMs - WHOLE_MS) entry.schema = undefined;
    this.#entries.push({ version, untilMs: nowMs, definition: schema.definition, schema });
  }

  snapshot(): SchemaHistory {
    const copy = new SchemaHistory();
    copy.#entries = [...this.#entries];
    return copy;
  }

  reset(snapshot: SchemaHistory): void {
    this.#entries = [...snapshot.#entries];
  }

  /** The schema that was in place at the instant; undefined where it is still there. */
  before(ms: number): Schema | undefined {
    return this.#entries.find((entry) => entry.untilMs > ms)?.schema;
  }

  /** The definition as it was at that metadata version; undefined where nothing has changed since. */
  atVersion(version: number): SchemaDefinition | undefined {
    return this.#entries.find((entry) => entry.version >= version)?.definition;
  }
}
