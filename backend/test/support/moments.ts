import type { Storage } from '../../src/jobs/open.ts';
import {
  openMemoryBlobStore,
  openMemoryControlStore,
  type BlobStore,
  type ControlStore,
} from '../../src/vault/index.ts';
import { clock } from './world.ts';

/** What storage held at a moment. */
export interface Moment {
  /** The call that had just taken effect. */
  readonly after: string;
  readonly blobs: ReadonlySet<string>;
  readonly marks: ReadonlyMap<string, unknown>;
}

export interface Recorded {
  readonly storage: Storage;
  /** One for each call that changed something. */
  readonly moments: readonly Moment[];
  /** Every call, also those that change nothing. */
  readonly calls: () => number;
}

/** An empty storage in memory, with the engine of another. */
export function emptyStorage(like: Storage): Storage {
  return { ...like, store: openMemoryBlobStore(), control: openMemoryControlStore(clock) };
}

/**
 * Storage that remembers what it held after each change. A process that dies at a call leaves what its last effective
 * call left: reading changes nothing, and the lease of a dead process ends by itself. So these moments are all that a
 * death at any call, of storage or of the service, can leave behind.
 */
export function recording(storage: Storage): Recorded {
  const moments: Moment[] = [];
  const marks = new Map<string, unknown>();
  const blobs = new Set<string>();
  let calls = 0;
  const changed = (after: string) => moments.push({ after, blobs: new Set(blobs), marks: new Map(marks) });
  const { store, control } = storage;
  const counted = <T>(result: T): T => {
    calls += 1;
    return result;
  };
  const recordingStore: BlobStore = {
    async putIfAbsent(name, body) {
      calls += 1;
      const outcome = await store.putIfAbsent(name, body);
      blobs.add(name);
      if (outcome === 'stored') changed(`put ${name}`);
      return outcome;
    },
    read: (name, range) => counted(store.read(name, range)),
    readToFile: (name, path) => counted(store.readToFile(name, path)),
    head: (name) => counted(store.head(name)),
    list: (prefix, startFrom) => counted(store.list(prefix, startFrom)),
  };
  const recordingControl: ControlStore = {
    ...control,
    acquireLease: (name, seconds) => counted(control.acquireLease(name, seconds)),
    readMark: (name) => counted(control.readMark(name)),
    async writeMark(name, document) {
      calls += 1;
      await control.writeMark(name, document);
      marks.set(name, structuredClone(document));
      changed(`mark ${name}`);
    },
    async removeMark(name) {
      calls += 1;
      await control.removeMark(name);
      if (marks.delete(name)) changed(`remove ${name}`);
    },
  };
  return {
    storage: { ...storage, store: recordingStore, control: recordingControl },
    moments,
    calls: () => calls,
  };
}

/** Storage as it was then; `final` is the one that was recorded. */
export async function storageAt(final: Storage, moment: Pick<Moment, 'blobs' | 'marks'>): Promise<Storage> {
  const storage = emptyStorage(final);
  for (const name of moment.blobs) await storage.store.putIfAbsent(name, await final.store.read(name));
  for (const [name, document] of moment.marks) await storage.control.writeMark(name, document);
  return storage;
}

/** All that a storage holds now, to begin another recording from. */
export async function copyOf(storage: Storage): Promise<Storage> {
  const blobs = new Set<string>();
  for await (const { name } of storage.store.list('')) blobs.add(name);
  const marks = new Map<string, unknown>();
  for await (const name of storage.control.listMarks(''))
    marks.set(name, await storage.control.readMark(name));
  return storageAt(storage, { blobs, marks });
}
