import { VaultError, damaged, isVaultError } from '../errors.ts';
import type { BlobStore } from '../store/index.ts';
import {
  type DeltaAction,
  type MetaDataAction,
  decodeCommit,
  decodeFields,
  decodeStatistics,
  encodeCommit,
} from './actions.ts';
import type { DeltaField } from './columns.ts';

/** A Parquet file that the newest commit names, with what the log says about it. */
export interface DataFile {
  /** Name of the blob in the container. */
  readonly blob: string;
  readonly bytes: number;
  readonly rowCount: number;
  readonly minSeq: number;
  readonly maxSeq: number;
  readonly newestSnapshot: string;
  /** Bounds of the first key column; null when unknown. */
  readonly minKey: string | null;
  readonly maxKey: string | null;
}

/** A Delta table as its log tells it. */
export interface LogState {
  readonly version: number;
  readonly metaData: MetaDataAction;
  readonly fields: readonly DeltaField[];
  readonly files: readonly DataFile[];
}

/** What a vault of this format may ask of a reader and of a writer. */
const protocol = { minReaderVersion: 1, minWriterVersion: 2 };

/** Commits read side by side when a table is opened: each is one small request. */
const readsAtOnce = 16;

/** The commits of one Delta table. Keeps what it replayed: commits never change, so only new ones are read. */
export class DeltaLog {
  readonly #store: BlobStore;
  readonly #folder: string;
  #state: LogState | null = null;

  /** `folder`: the table's, ending in a slash. */
  constructor(store: BlobStore, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** The newest state; null when there is no table. Throws `blob-damaged`, `vault-unsupported`. */
  async read(): Promise<LogState | null> {
    let state = this.#state;
    if (state === null) {
      const versions = await this.#listVersions();
      for (let from = 0; from < versions.length; from += readsAtOnce) {
        const some = versions.slice(from, from + readsAtOnce);
        const commits = await Promise.all(some.map((version) => this.#readCommit(version)));
        for (const [i, actions] of commits.entries()) state = this.#apply(state, from + i, actions);
      }
    }
    for (;;) {
      const next = await this.#tryReplay(state);
      if (next === null) break;
      state = next;
    }
    this.#state = state;
    return state;
  }

  /**
   * Writes the commit after `base` (null: the first). Throws `commit-lost` when that number is taken by somebody
   * else; our own commit, whose answer was lost on the way, counts as written.
   */
  async commit(base: LogState | null, actions: readonly DeltaAction[]): Promise<LogState> {
    const version = base === null ? 0 : base.version + 1;
    const blob = this.#blobOf(version);
    const all = base === null ? [{ protocol }, ...actions] : actions;
    const body = encodeCommit(all);
    if ((await this.#store.putIfAbsent(blob, body)) === 'exists') {
      const there = await this.#store.read(blob);
      if (!Buffer.from(there).equals(body)) throw commitLost(blob);
    }
    this.#state = this.#apply(base, version, all);
    return this.#state;
  }

  async #listVersions(): Promise<number[]> {
    const versions: number[] = [];
    const prefix = `${this.#folder}_delta_log/`;
    for await (const { name } of this.#store.list(prefix)) {
      const digits = /^(\d{20})\.json$/.exec(name.slice(prefix.length))?.[1];
      if (digits === undefined) continue;
      const version = Number(digits);
      if (version !== versions.length) throw damaged(this.#blobOf(versions.length), 'the log has a gap here');
      versions.push(version);
    }
    return versions;
  }

  /** Asking for the next commit is cheaper than a listing, and usually there is none. */
  async #tryReplay(state: LogState | null): Promise<LogState | null> {
    if (state === null) return null;
    try {
      return this.#apply(state, state.version + 1, await this.#readCommit(state.version + 1));
    } catch (error) {
      if (isVaultError(error, 'blob-missing')) return null;
      throw error;
    }
  }

  async #readCommit(version: number): Promise<DeltaAction[]> {
    const blob = this.#blobOf(version);
    return decodeCommit(await this.#store.read(blob), blob);
  }

  #apply(state: LogState | null, version: number, actions: readonly DeltaAction[]): LogState {
    const blob = this.#blobOf(version);
    let metaData = state?.metaData;
    const files = new Map(state?.files.map((file) => [file.blob, file]));
    for (const action of actions) {
      if (action.protocol !== undefined) checkProtocol(action.protocol, blob);
      if (action.metaData !== undefined) metaData = action.metaData;
      if (action.remove !== undefined) files.delete(this.#fileBlob(action.remove.path, blob));
    }
    if (metaData === undefined) throw damaged(blob, 'the first commit has no metaData');
    const firstKey = keyColumns(metaData)[0] ?? '';
    for (const { add } of actions) {
      if (add === undefined) continue;
      const file = dataFile(
        this.#fileBlob(add.path, blob),
        add.size,
        decodeStatistics(add, blob),
        firstKey,
        blob,
      );
      files.set(file.blob, file);
    }
    const same = state !== null && state.metaData.schemaString === metaData.schemaString;
    const fields = same ? state.fields : decodeFields(metaData.schemaString, blob);
    return { version, metaData, fields, files: [...files.values()] };
  }

  #fileBlob(path: string, commitBlob: string): string {
    try {
      return `${this.#folder}${decodeURIComponent(path)}`;
    } catch (cause) {
      throw damaged(commitBlob, `it names the path ${path}`, cause);
    }
  }

  #blobOf(version: number): string {
    return `${this.#folder}_delta_log/${String(version).padStart(20, '0')}.json`;
  }
}

/** Delta columns that make the table's key. */
export function keyColumns(metaData: MetaDataAction): readonly string[] {
  return (metaData.configuration['rowback.key'] ?? '').split(',').filter((name) => name !== '');
}

function dataFile(
  blob: string,
  bytes: number,
  stats: ReturnType<typeof decodeStatistics>,
  firstKey: string,
  commitBlob: string,
): DataFile {
  const minSeq = stats.minValues['rowback_seq'];
  const maxSeq = stats.maxValues['rowback_seq'];
  const newestSnapshot = stats.maxValues['rowback_snapshot'];
  if (typeof minSeq !== 'number' || typeof maxSeq !== 'number' || typeof newestSnapshot !== 'string') {
    throw damaged(commitBlob, `it names ${blob} without bounds of rowback_seq and rowback_snapshot`);
  }
  const minKey = stats.minValues[firstKey];
  const maxKey = stats.maxValues[firstKey];
  return {
    blob,
    bytes,
    rowCount: stats.numRecords,
    minSeq,
    maxSeq,
    newestSnapshot,
    minKey: typeof minKey === 'string' ? minKey : null,
    maxKey: typeof maxKey === 'string' ? maxKey : null,
  };
}

function checkProtocol(found: { minReaderVersion: number; minWriterVersion: number }, blob: string): void {
  if (
    found.minReaderVersion <= protocol.minReaderVersion &&
    found.minWriterVersion <= protocol.minWriterVersion
  ) {
    return;
  }
  throw new VaultError(
    'vault-unsupported',
    `${blob} asks for Delta reader ${found.minReaderVersion} and writer ${found.minWriterVersion}; a vault has 1 and 2.`,
    {
      hint: 'Another program changed the table, or a newer version of Rowback wrote it: use that version.',
      context: { blob },
    },
  );
}

export function commitLost(blob: string): VaultError {
  return new VaultError('commit-lost', `Another writer took the commit ${blob}.`, {
    hint: 'Read the table state again and go on from there; nothing of the lost commit is in the vault.',
    context: { blob },
  });
}
