/** What an alert is about; `docs/alerts.md` says of each when it comes and what to do. */
export type AlertCode =
  | 'many-changed'
  | 'many-deleted'
  | 'environment-rewound'
  | 'deletes-not-proved'
  | 'table-lost'
  | 'columns-lost'
  | 'contents-lost'
  | 'feed-fault';

/** Rows that a restore can begin from: what one run captured of one table. */
export interface AlertSelection {
  readonly kind: 'changed-between';
  /** Folder of the table in the vault. */
  readonly table: string;
  /** `put`: rows created or changed; `gone`: rows deleted. */
  readonly operation: 'put' | 'gone';
  /** Versions with `afterSeq < rowback_seq <= throughSeq`. */
  readonly afterSeq: number;
  readonly throughSeq: number;
  /** The snapshot that shows the rows as they were before. */
  readonly before: string;
  readonly rows: number;
}

/** What a run found that a person should know of. Kept in its snapshot, so it holds ids and never a value of a row. */
export interface Alert {
  /** `<snapshot id>.<code>[.<table>]`: the same alert sent twice is known by it. */
  readonly id: string;
  readonly code: AlertCode;
  /** Logical name; null: it is about the whole environment. */
  readonly table: string | null;
  readonly message: string;
  readonly figures: Readonly<Record<string, number>>;
  /** Ids of the users who saved the most of the rows last, with how many; empty where nobody can be named. */
  readonly lastSavedBy: Readonly<Record<string, number>>;
  /** Why the policy expects it: such an alert is kept and not sent. */
  readonly expected: string | null;
  readonly selection: AlertSelection | null;
}
