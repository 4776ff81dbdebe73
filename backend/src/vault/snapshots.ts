import { unreachable } from '../base/assert.ts';
import type { Point } from '../base/point.ts';
import { encodeJson, readJson } from './documents.ts';
import { VaultError, damaged, isVaultError } from './errors.ts';
import { instantOfSnapshotId, isSnapshotId } from './snapshot-id.ts';
import { parseSnapshot } from './snapshot-shape.ts';
import type { Snapshot, TableInSnapshot } from './snapshot.ts';
import type { BlobStore } from './store/index.ts';

export interface TableAtSnapshot extends TableInSnapshot {
  /** The snapshot that names the table: the one asked for or an earlier one. */
  readonly namedBy: string;
}

export interface Snapshots {
  /** Put-if-absent; throws `exists-different` when another snapshot has this id. */
  write(snapshot: Snapshot): Promise<void>;
  /** Throws `snapshot-missing` or `blob-damaged`. */
  read(id: string): Promise<Snapshot>;
  /** Newest first; each is read when it is asked for. */
  list(): AsyncIterable<Snapshot>;
  /** Oldest first, from this id on; there need not be a snapshot of this very id. */
  from(id: string): AsyncIterable<Snapshot>;
  /** Throws `snapshot-missing` or `no-snapshot-yet`. */
  resolve(point: Point): Promise<Snapshot>;
  /** Walks back to the snapshot that names the table; null when none does. */
  tableAt(snapshot: Snapshot, table: string): Promise<TableAtSnapshot | null>;
  /** Every table known at a snapshot. */
  tablesAt(snapshot: Snapshot): Promise<Map<string, TableAtSnapshot>>;
}

/** Snapshots kept in memory: enough to walk back to one that names all tables. */
const keptSnapshots = 200;

export function openSnapshots(store: BlobStore, environmentId: string): Snapshots {
  return new BlobSnapshots(store, environmentId);
}

class BlobSnapshots implements Snapshots {
  readonly #store: BlobStore;
  readonly #prefix: string;
  readonly #environmentId: string;
  readonly #kept = new Map<string, Snapshot>();
  /** Names never vanish while we run, and new ones sort behind: only those are listed again. */
  readonly #ids: string[] = [];

  constructor(store: BlobStore, environmentId: string) {
    this.#store = store;
    this.#environmentId = environmentId;
    this.#prefix = `${environmentId}/snapshots/`;
  }

  async write(snapshot: Snapshot): Promise<void> {
    const checked = parseSnapshot(snapshot);
    const blob = this.#blobOf(checked.id);
    const body = encodeJson(checked);
    if ((await this.#store.putIfAbsent(blob, body)) === 'stored') return;
    // An answer lost on the way makes the second try meet our own blob.
    if (Buffer.from(await this.#store.read(blob)).equals(body)) return;
    throw new VaultError('exists-different', `There is another snapshot ${checked.id} already.`, {
      hint: 'Two runs got the same id; run the backup again.',
      context: { blob },
    });
  }

  async read(id: string): Promise<Snapshot> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    if (!isSnapshotId(id)) throw snapshotMissing(id);
    const snapshot = await this.#readBlob(id);
    this.#kept.set(id, snapshot);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > keptSnapshots && oldest.done !== true) this.#kept.delete(oldest.value);
    return snapshot;
  }

  async *list(): AsyncIterable<Snapshot> {
    const ids = [...(await this.#listIds())];
    for (const id of ids.reverse()) yield await this.read(id);
  }

  async *from(id: string): AsyncIterable<Snapshot> {
    let last = '';
    const known = [...this.#ids];
    for (const ids of [() => Promise.resolve(known), () => this.#listIds()]) {
      for (const one of await ids()) {
        if (one < id || one <= last) continue;
        yield await this.read(one);
        last = one;
      }
    }
  }

  async resolve(point: Point): Promise<Snapshot> {
    switch (point.kind) {
      case 'snapshot':
        return this.read(point.id);
      case 'latest': {
        const newest = (await this.#listIds()).at(-1);
        if (newest === undefined) throw noSnapshotYet('There is no snapshot in this vault yet.');
        return this.read(newest);
      }
      case 'instant':
        return this.#lastCompleteBy(point.at);
      default:
        return unreachable(point);
    }
  }

  async tableAt(snapshot: Snapshot, table: string): Promise<TableAtSnapshot | null> {
    for await (const earlier of this.#backFrom(snapshot)) {
      const found = earlier.tables[table];
      if (found !== undefined) return { ...found, namedBy: earlier.id };
    }
    return null;
  }

  async tablesAt(snapshot: Snapshot): Promise<Map<string, TableAtSnapshot>> {
    const tables = new Map<string, TableAtSnapshot>();
    for await (const earlier of this.#backFrom(snapshot)) {
      for (const [name, table] of Object.entries(earlier.tables)) {
        if (!tables.has(name)) tables.set(name, { ...table, namedBy: earlier.id });
      }
    }
    return tables;
  }

  /** The snapshot and those before it, up to one that names all tables. */
  async *#backFrom(snapshot: Snapshot): AsyncIterable<Snapshot> {
    let current = snapshot;
    for (;;) {
      yield current;
      if (current.allTables || current.previous === null) return;
      current = await this.read(current.previous);
    }
  }

  /** Ids carry the start; whether a run had ended by then only its snapshot says. */
  async #lastCompleteBy(at: string): Promise<Snapshot> {
    const atMs = Date.parse(at);
    const ids = (await this.#listIds()).filter((id) => instantOfSnapshotId(id) <= atMs);
    for (const id of ids.reverse()) {
      const snapshot = await this.read(id);
      if (Date.parse(snapshot.endedAt) <= atMs) return snapshot;
    }
    throw noSnapshotYet(`No snapshot was complete at ${at}.`);
  }

  async #listIds(): Promise<readonly string[]> {
    const last = this.#ids.at(-1);
    const from = last === undefined ? undefined : this.#blobOf(last);
    for await (const { name } of this.#store.list(this.#prefix, from)) {
      const id = name.slice(this.#prefix.length, -'.json'.length);
      if (!isSnapshotId(id)) throw damaged(name, 'no snapshot has such a name');
      // Somebody else's listing may have put it there meanwhile.
      if (id <= (this.#ids.at(-1) ?? '')) continue;
      this.#ids.push(id);
    }
    return this.#ids;
  }

  async #readBlob(id: string): Promise<Snapshot> {
    const blob = this.#blobOf(id);
    try {
      const snapshot = parseSnapshot(await readJson(this.#store, blob));
      if (snapshot.id !== id || snapshot.environmentId !== this.#environmentId) {
        throw new TypeError('it belongs to another snapshot or environment');
      }
      return snapshot;
    } catch (error) {
      if (isVaultError(error, 'blob-missing')) throw snapshotMissing(id);
      if (error instanceof VaultError) throw error;
      throw damaged(blob, 'it is no snapshot', error);
    }
  }

  #blobOf(id: string): string {
    return `${this.#prefix}${id}.json`;
  }
}

function snapshotMissing(id: string): VaultError {
  return new VaultError('snapshot-missing', `There is no snapshot ${id}.`, {
    hint: '`rowback snapshots` lists them.',
    context: { snapshot: id },
  });
}

function noSnapshotYet(message: string): VaultError {
  return new VaultError('no-snapshot-yet', message, {
    hint: 'Run `rowback backup`, or choose a later instant.',
  });
}
