import { assert } from '../base/assert.ts';
import { damaged, isVaultError } from './errors.ts';
import type { BlobStore } from './store/index.ts';

/** The plain JSON documents of one restore, under `restores/<id>/`. Put-if-absent, never changed. */
export interface RestoreDocuments {
  /** `name` like `plan.json` or `journal/000001.json`. 'exists' leaves the stored one alone. */
  write(name: string, document: unknown): Promise<'stored' | 'exists'>;
  /** Null when there is none. */
  read(name: string): Promise<unknown>;
  /** Names under a folder (`journal/`), sorted. */
  list(folder?: string): AsyncIterable<string>;
}

export interface AuditEntry {
  readonly number: number;
  readonly entry: unknown;
}

export interface VaultDocuments {
  restore(id: string): RestoreDocuments;
  /** Ids of the restores that have any document. */
  restoreIds(): AsyncIterable<string>;
  /** True for the one caller, ever, that may run this request. */
  takeRequest(id: string, document: unknown): Promise<boolean>;
  /** Appends to the audit log as the next numbered blob; gives the number. */
  appendAudit(entry: unknown): Promise<number>;
  readAudit(fromNumber?: number): AsyncIterable<AuditEntry>;
}

export function openDocuments(store: BlobStore, environmentId: string): VaultDocuments {
  const root = `${environmentId}/`;
  return {
    restore: (id) => restoreDocuments(store, `${root}restores/${safeName(id)}/`),
    async *restoreIds() {
      const prefix = `${root}restores/`;
      let last = '';
      for await (const { name } of store.list(prefix)) {
        const id = name.slice(prefix.length).split('/')[0] ?? '';
        if (id !== last) yield id;
        last = id;
      }
    },
    async takeRequest(id, document) {
      // When our own answer was lost on the way the request counts as taken by another: never twice is worth more
      // than always once, and the requester is told that nothing happened.
      return (
        (await store.putIfAbsent(`${root}requests/${safeName(id)}.json`, encodeJson(document))) === 'stored'
      );
    },
    ...auditLog(store, `${root}audit/`),
  };
}

function restoreDocuments(store: BlobStore, prefix: string): RestoreDocuments {
  return {
    write: (name, document) => store.putIfAbsent(`${prefix}${name}`, encodeJson(document)),
    async read(name) {
      try {
        return await readJson(store, `${prefix}${name}`);
      } catch (error) {
        if (isVaultError(error, 'blob-missing')) return null;
        throw error;
      }
    },
    async *list(folder = '') {
      for await (const { name } of store.list(`${prefix}${folder}`)) yield name.slice(prefix.length);
    },
  };
}

/** Numbered blobs: an append that two processes do at once gives two entries and no lost one. */
function auditLog(store: BlobStore, prefix: string): Pick<VaultDocuments, 'appendAudit' | 'readAudit'> {
  const nameOf = (number: number): string => `${prefix}${String(number).padStart(12, '0')}.json`;
  let next: number | null = null;

  async function lastNumber(): Promise<number> {
    let last = 0;
    for await (const { name } of store.list(prefix))
      last = Number(name.slice(prefix.length, -'.json'.length));
    return last;
  }

  return {
    async appendAudit(entry) {
      next ??= (await lastNumber()) + 1;
      for (;;) {
        const number = next;
        next += 1;
        if ((await store.putIfAbsent(nameOf(number), encodeJson(entry))) === 'stored') return number;
      }
    },
    async *readAudit(fromNumber = 1) {
      for await (const { name } of store.list(prefix, nameOf(fromNumber))) {
        const number = Number(name.slice(prefix.length, -'.json'.length));
        yield { number, entry: await readJson(store, name) };
      }
    },
  };
}

export function encodeJson(document: unknown): Uint8Array {
  const text = JSON.stringify(document);
  assert(typeof text === 'string', 'a document is a JSON value');
  return new TextEncoder().encode(text);
}

/** Throws `blob-missing` or `blob-damaged`. */
export async function readJson(store: BlobStore, name: string): Promise<unknown> {
  const bytes = await store.read(name);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw damaged(name, 'it is no JSON', cause);
  }
}

/** Ids come from requests in the end: one must never reach out of its folder. */
function safeName(id: string): string {
  assert(/^[0-9A-Za-z][0-9A-Za-z._-]*$/.test(id), 'an id is letters, digits, dots, dashes and underscores');
  return id;
}
