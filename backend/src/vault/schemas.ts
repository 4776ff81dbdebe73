import { createHash } from 'node:crypto';
import { encodeJson, readJson } from './documents.ts';
import { damaged } from './errors.ts';
import { parseTableSchema } from './schema-shape.ts';
import type { TableSchema } from './schema.ts';
import type { BlobStore } from './store/index.ts';

/** Metadata as captured, stored once by content as `schemas/<sha256>.json`. */
export interface Schemas {
  /** Stores a table's schema; the same schema always gives the same id. */
  put(schema: TableSchema): Promise<string>;
  /** Throws `blob-missing` or `blob-damaged`. */
  read(id: string): Promise<TableSchema>;
  /** Any other JSON document (the environment's schema). */
  putDocument(document: unknown): Promise<string>;
  readDocument(id: string): Promise<unknown>;
}

export function openSchemas(store: BlobStore, environmentId: string): Schemas {
  const blobOf = (id: string): string => `${environmentId}/schemas/${id}.json`;
  // A schema never changes and a table has few; every version read asks for one.
  const known = new Map<string, TableSchema>();
  const stored = new Set<string>();

  async function putDocument(document: unknown): Promise<string> {
    const body = encodeJson(sortKeys(document));
    const id = createHash('sha256').update(body).digest('hex');
    if (!stored.has(id)) await store.putIfAbsent(blobOf(id), body);
    stored.add(id);
    return id;
  }

  async function readDocument(id: string): Promise<unknown> {
    const blob = blobOf(id);
    const document = await readJson(store, blob);
    const hash = createHash('sha256')
      .update(encodeJson(sortKeys(document)))
      .digest('hex');
    if (hash !== id) throw damaged(blob, 'its content has another hash than its name');
    return document;
  }

  return {
    put: async (schema) => putDocument(parseTableSchema(schema)),
    async read(id) {
      const before = known.get(id);
      if (before !== undefined) return before;
      const document = await readDocument(id);
      try {
        const schema = parseTableSchema(document);
        known.set(id, schema);
        return schema;
      } catch (cause) {
        throw damaged(blobOf(id), 'it is no table schema', cause);
      }
    },
    putDocument,
    readDocument,
  };
}

/** The canonical text is JSON with the properties of every object sorted, so equal schemas get equal ids. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sortKeys(inner)]));
}
