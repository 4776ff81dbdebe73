/**
 * How a column is kept in Delta. The second column of `docs/vault.md` says which Dataverse types become which of these.
 *
 * `long` is a 64-bit integer; `decimal` decimal(38,10); `rate` decimal(38,12); `wallTime` a timestamp without a zone,
 * kept as if UTC; `multiSelect` a string compared as a set; `file` and `image` the service's id as a string, their
 * content in `rowback_file`; `body` has no Delta column at all, its content is in `rowback_file` only.
 */
export type ColumnType =
  | 'string'
  | 'int'
  | 'long'
  | 'decimal'
  | 'rate'
  | 'double'
  | 'boolean'
  | 'timestamp'
  | 'wallTime'
  | 'date'
  | 'multiSelect'
  | 'lookup'
  | 'guid'
  | 'file'
  | 'image'
  | 'body';

export interface ColumnSchema {
  /** Logical name. */
  readonly name: string;
  /** Column's identity over time (MetadataId). */
  readonly id: string;
  readonly type: ColumnType;
  /** Name of the Delta column; differs from `name` when a name came back as another column (`name__2`). */
  readonly deltaName: string;
  /** Digits after the point at capture: decimals and money are printed with it. */
  readonly scale?: number;
  /** Changes without a row version (computed, rollup, base money): captured, never compared, never restored. */
  readonly volatile?: true;
  readonly label: string;
  /** Labels of choices, by value. */
  readonly choices?: Readonly<Record<string, string>>;
  /**
   * Images: logical name of the column that changes with the picture; its value after a slash completes the content
   * id. Bodies: the column whose value is the content id; `versionnumber` when left out.
   */
  readonly contentStamp?: string;
  /** The snapshot from which on every row is known to hold this column or to be empty there. */
  readonly knownFrom?: string;
}

/**
 * What one table looked like when versions of it were read: exactly the columns that those versions hold. Stored once
 * as `schemas/<sha256>.json`; its id is the sha256 of that text.
 */
export interface TableSchema {
  readonly format: 1;
  readonly table: string;
  readonly tableId: string;
  readonly label: string;
  readonly kind: 'standard' | 'activity' | 'intersect' | 'elastic';
  /** Columns that make the key, in order: the primary id, for elastic tables also `partitionid`. */
  readonly key: readonly string[];
  readonly primaryId: string;
  readonly primaryName: string | null;
  /** Intersect tables: which pair a row links. */
  readonly link?: {
    readonly relationship: string;
    readonly column1: string;
    readonly table1: string;
    readonly column2: string;
    readonly table2: string;
  };
  /** Sorted by name. */
  readonly columns: readonly ColumnSchema[];
}
