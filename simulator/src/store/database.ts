import type { Schema } from '../model/schema.ts';
import { elasticEtag, withElasticVersion } from './elastic-stamp.ts';
import { MemoryTable } from './memory-table.ts';
import type { Row, RowValues, TableStore } from './table-store.ts';

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

export interface DatabaseSnapshot {
  readonly version: number;
  readonly stores: ReadonlyMap<string, TableStore>;
  readonly files: ReadonlyMap<string, StoredFile>;
}

/** A write to an elastic table and what was there before. */
export interface RecentWrite {
  readonly table: string;
  readonly id: string;
  readonly before: Row | undefined;
  readonly version: number;
  readonly atMs: number;
}

/** Longer than any reader may be behind. */
const RECENT_MS = 60_000;

/** Tables whose rows decide what somebody may do. */
const SECURITY_TABLES = new Set([
  'systemuser',
  'team',
  'businessunit',
  'role',
  'systemuserroles',
  'teamroles',
  'teammembership',
  'fieldpermission',
  'systemuserprofiles',
  'teamprofiles',
  'principalobjectattributeaccess',
]);

/**
 * All rows of the environment and the database-wide version counter. Everything is synchronous: an operation
 * runs to its end before the next begins, and `transaction` makes it all or nothing.
 */
export class Database {
  /** The last row version given out. */
  version: number;
  /** Moves when a row changes that rights depend on. */
  securityVersion = 0;
  readonly #schema: () => Schema;
  readonly #now: () => number;
  readonly #stores = new Map<string, TableStore>();
  readonly #files = new Map<string, StoredFile>();
  #journal: (() => void)[] | undefined;
  #recent: RecentWrite[] = [];

  constructor(schema: () => Schema, now: () => number, firstVersion: number) {
    this.#schema = schema;
    this.#now = now;
    this.version = firstVersion;
  }

  store(table: string): TableStore {
    let store = this.#stores.get(table);
    if (store === undefined) this.#stores.set(table, (store = new MemoryTable()));
    return store;
  }

  /** Keeps the rows of a table in another way from now on. Its versions must not be above the database's. */
  useStore(table: string, store: TableStore): void {
    this.#stores.set(table, store);
  }

  /** Forgets a table with all that was deleted from it: the schema has lost it. */
  dropStore(table: string): void {
    const before = this.#stores.get(table);
    if (before === undefined) return;
    this.#stores.delete(table);
    this.#undo(() => this.#stores.set(table, before));
  }

  get(table: string, id: string): Row | undefined {
    return this.store(table).get(id);
  }

  /** Writes the whole row under a new version. An activity appears in `activitypointer` as well. */
  put(table: string, id: string, values: RowValues): Row {
    const row = this.#stamped(table, { id, version: ++this.version, values });
    this.#set(table, id, row);
    if (this.#isActivity(table))
      this.#set('activitypointer', id, { ...row, values: this.#asPointer(table, values) });
    return row;
  }

  /** Replaces the row under the version it has, so that change tracking and etags do not notice. */
  putQuietly(table: string, id: string, values: RowValues): Row {
    const before = this.get(table, id);
    if (before === undefined) return this.put(table, id, values);
    const row: Row = { ...before, values };
    this.#set(table, id, row);
    return row;
  }

  /** Elastic rows carry a version and an etag of another store. */
  #stamped(table: string, row: Row): Row {
    if (!this.#isElastic(table)) return row;
    return {
      ...row,
      values: withElasticVersion(row.values, row.version),
      etag: elasticEtag(row.version),
    };
  }

  /** Puts a row back exactly as it was, version and all. */
  reinstate(table: string, row: Row): void {
    this.#set(table, row.id, row);
  }

  /** Removes the row as if it had never been: nothing for change tracking. */
  forget(table: string, id: string): void {
    this.#set(table, id, undefined);
  }

  /** Removes the row and leaves a tombstone for change tracking. */
  remove(table: string, id: string): void {
    const version = ++this.version;
    for (const name of this.#isActivity(table) ? [table, 'activitypointer'] : [table]) {
      const store = this.store(name);
      const count = store.tombstones.length;
      this.#undo(() => (store.tombstones.length = count));
      const key = this.#publicKey(name, id);
      store.tombstones.push({
        id,
        version,
        deletedAtMs: this.#now(),
        ...(key === undefined ? {} : { publicId: key }),
      });
      this.#set(name, id, undefined);
    }
  }

  /** Everything as it is now. Copies keys, not rows or contents, so that it costs little. */
  snapshot(): DatabaseSnapshot {
    return {
      version: this.version,
      stores: new Map([...this.#stores].map(([table, store]) => [table, store.copy()])),
      files: new Map(this.#files),
    };
  }

  /** Goes back to a snapshot, which can be used again: row versions go back too. */
  reset(snapshot: DatabaseSnapshot): void {
    this.version = snapshot.version;
    this.#stores.clear();
    for (const [table, store] of snapshot.stores) this.#stores.set(table, store.copy());
    this.#files.clear();
    for (const [id, file] of snapshot.files) this.#files.set(id, file);
    this.#recent = [];
    this.securityVersion++;
  }

  file(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  putFile(file: StoredFile): void {
    this.#files.set(file.id, file);
    this.#undo(() => this.#files.delete(file.id));
  }

  removeFile(id: string): void {
    const before = this.#files.get(id);
    if (before === undefined) return;
    this.#files.delete(id);
    this.#undo(() => this.#files.set(id, before));
  }

  /** All or nothing. Inside a running transaction it is a part of that one, which may go on after its failure. */
  transaction<T>(work: () => T): T {
    const outer = this.#journal;
    const journal: (() => void)[] = (this.#journal = []);
    try {
      const result = work();
      outer?.push(...journal);
      return result;
    } catch (error) {
      for (const undo of journal.reverse()) undo();
      throw error;
    } finally {
      this.#journal = outer;
    }
  }

  /**
   * Opens a transaction that spans several calls and returns what rolls it back; `commit` keeps it. Nothing else
   * may run in between: the server answers one write at a time.
   */
  begin(): () => void {
    const journal: (() => void)[] = (this.#journal = []);
    return () => {
      for (const undo of journal.reverse()) undo();
      this.#journal = undefined;
    };
  }

  commit(): void {
    this.#journal = undefined;
  }

  /** What to do where the running transaction is undone; nothing outside of one. */
  whenUndone(undo: () => void): void {
    this.#undo(undo);
  }

  #set(table: string, id: string, row: Row | undefined): void {
    const store = this.store(table);
    const before = store.get(id);
    // Elastic tables know no transactions of several rows: what was written stays.
    if (this.#isElastic(table)) this.#remember(table, id, before);
    else this.#undo(() => store.set(id, before));
    store.set(id, row);
    if (SECURITY_TABLES.has(table)) this.securityVersion++;
  }

  #undo(undo: () => void): void {
    this.#journal?.push(() => {
      undo();
      this.securityVersion++;
    });
  }

  /** Writes to an elastic table that some readers may not see yet, oldest first. */
  recentWrites(table: string): RecentWrite[] {
    return this.#recent.filter((write) => write.table === table);
  }

  #remember(table: string, id: string, before: Row | undefined): void {
    const nowMs = this.#now();
    this.#recent = this.#recent.filter((write) => write.atMs > nowMs - RECENT_MS);
    this.#recent.push({ table, id, before, version: this.version, atMs: nowMs });
  }

  #isElastic(table: string): boolean {
    return this.#schema().table(table)?.tableType === 'Elastic';
  }

  #publicKey(table: string, id: string): string | undefined {
    if (!this.#isElastic(table)) return undefined;
    const key = this.get(table, id)?.values[this.#schema().table(table)?.primaryId ?? ''];
    return typeof key === 'string' ? key : undefined;
  }

  #isActivity(table: string): boolean {
    return table !== 'activitypointer' && this.#schema().table(table)?.activity === true;
  }

  #asPointer(table: string, values: RowValues): RowValues {
    const columns = this.#schema().table('activitypointer')?.columns;
    if (columns === undefined) return values;
    const shared = Object.entries(values).filter(([name]) => columns.has(name));
    return { ...Object.fromEntries(shared), activitytypecode: table };
  }
}
