/** The right to be the only one doing something, for a while. */
export interface Lease {
  /** `lost`: somebody else may hold it now; stop writing. */
  renew(): Promise<'renewed' | 'lost'>;
  /** Gives it back; no error when it is lost already. */
  release(): Promise<void>;
}

/** The `<container>-control` container: what changes, kept apart from the vault, which never does. */
export interface ControlStore {
  /** 15 to 60 seconds (Azure's limits for a lease that ends by itself). */
  acquireLease(name: string, seconds: number): Promise<Lease | 'held'>;
  /** A small JSON document; null when there is none. */
  readMark(name: string): Promise<unknown>;
  /** Overwrites. */
  writeMark(name: string, document: unknown): Promise<void>;
  /** No error when there is none. */
  removeMark(name: string): Promise<void>;
  /** Names of the marks under a prefix, sorted. */
  listMarks(prefix: string): AsyncIterable<string>;
}
