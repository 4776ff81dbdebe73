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
