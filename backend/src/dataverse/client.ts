import type { Reference, Values } from '../base/value.ts';
import type { DataverseError } from './errors.ts';
import type {
  ColumnMetadata,
  Environment,
  GlobalChoice,
  ManyToMany,
  SecurityModel,
  TableDetails,
  TableMetadata,
} from './metadata/types.ts';
import type { RowAddress } from './row-address.ts';
import type { TransportRequest } from './transport/port.ts';

/**
 * The Dataverse Web API (v9.2) as backup and restore see it. Ids are lower-case guids; values are as
 * `base/value.ts` says; `date` is always the service's own instant (its `Date` header) as `YYYY-MM-DDTHH:mm:ss.sssZ`.
 * Every method may throw a `DataverseError`; "not there" is a value (`null`) where the signature says so.
 */
export interface DataverseClient {
  /** `https://name.crm4.dynamics.com`, no slash at the end. */
  readonly url: string;
  /** The same client acting for a user (Entra object id): rights are the intersection of both. */
  as(entraObjectId: string): DataverseClient;
  /** The same client for what nobody waits for: ends with `dataverse-daily-budget` when the requests of a day are used up. */
  inBackground(): DataverseClient;

  // ---- metadata ----
  readEnvironment(): Promise<Environment>;
  /** Changes with any change of the schema. */
  metadataVersion(): Promise<string>;
  /** Every table of the environment, in two requests; kept until {@link metadataVersion} moves. */
  readTables(): Promise<readonly TableMetadata[]>;
  /** Columns, relationships and keys, in the order of `names`. An unknown table is a `not-found`. */
  readTableDetails(names: readonly string[]): Promise<readonly TableDetails[]>;
  /** Columns of tables whose rows are not read, without the facts of their own types. */
  readColumns(names: readonly string[]): Promise<ReadonlyMap<string, readonly ColumnMetadata[]>>;
  readGlobalChoices(): Promise<readonly GlobalChoice[]>;
  /** Names of roles, and what column security profiles allow. */
  readSecurityModel(): Promise<SecurityModel>;
  /** The service's own counts, up to a day old: good for progress, never for proof. Missing: it does not know. */
  approximateCounts(tables: readonly string[]): Promise<ReadonlyMap<string, number>>;

  // ---- reading ----
  /**
   * Changes of a table with change tracking. `link` null begins (and enumerates the whole table); a `nextLink` goes
   * on with a read that stopped; a `deltaLink` reads what changed since. Goes through all pages; the last `page-end`
   * carries the `deltaLink` (its absence is an error). Rows may come twice when a page had to be fetched again and
   * the row changed in between; a row that was deleted and made again may come as itself and as `gone` behind it, so
   * look for the row before believing that. A token that the service no longer takes is `expired-token`.
   */
  readChanges(
    table: TableDetails,
    columns: readonly string[],
    link: string | null,
    options?: ReadOptions,
  ): AsyncIterable<ChangeEvent>;
  /** All rows of a table without change tracking, as the same events (the last `page-end` has no link at all). */
  readAll(
    table: TableDetails,
    columns: readonly string[],
    link?: string | null,
    options?: ReadOptions,
  ): AsyncIterable<ChangeEvent>;
  /** Only ids and row versions, of all rows. */
  readKeys(table: TableDetails, options?: ReadOptions): AsyncIterable<RowKey>;
  readRow(table: TableDetails, row: RowAddress, columns: readonly string[]): Promise<Row | null>;
  /** By address, in batches, under the row's {@link keyText}; rows that are not there (or not visible) are missing from the answer. */
  readRows(
    table: TableDetails,
    rows: readonly RowAddress[],
    columns: readonly string[],
  ): Promise<ReadonlyMap<string, Row>>;
  /**
   * Rows by an OData filter written in the service's own words (`_parentid_value eq <guid>`), all pages. Use
   * {@link literal} for text.
   */
  readWhere(
    table: TableDetails,
    columns: readonly string[],
    filter: string,
    options?: ReadOptions & { readonly orderBy?: string; readonly top?: number },
  ): AsyncIterable<Row>;
  /**
   * Rows of a FetchXML query over the table, all pages (5,000 rows each, or as many as its `count` says). `columns` are
   * those of the table that the rows carry; what the query joins or names otherwise comes in `others`. For aggregates
   * use {@link query}: they have no rows. A query of an elastic table must ask for `partitionid`, a part of the key.
   */
  readFetch(
    table: TableDetails,
    columns: readonly string[],
    fetchXml: string,
    options?: ReadOptions,
  ): AsyncIterable<FetchedRow>;
  /** Any GET below the API root, as parsed JSON; numbers are lossless-json's `LosslessNumber`. */
  query(path: string): Promise<Readonly<Record<string, unknown>>>;
  /** Primary names of rows, under `table:id`; null where the row is gone or has no name. */
  names(references: readonly Reference[]): Promise<ReadonlyMap<string, string | null>>;
  /** Parties of an activity, without the derived ones (regarding, owner). */
  readParties(table: TableDetails, id: string): Promise<readonly Party[]>;

  // ---- writing ----
  /**
   * Creates a row with its own id. An existing id is a `duplicate`. State and status are never sent (a row is born in
   * its default state): use {@link setState} last.
   */
  createRow(table: TableDetails, values: Values, options: CreateOptions): Promise<WriteReceipt>;
  /** Updates only: a missing row is `not-found`, a moved etag `conflict`. State and status are never sent. */
  updateRow(
    table: TableDetails,
    row: RowAddress,
    values: Values,
    options?: UpdateOptions,
  ): Promise<WriteReceipt>;
  /** False: it was not there. */
  deleteRow(table: TableDetails, row: RowAddress, options?: UpdateOptions): Promise<boolean>;
  /** State and status together; tables that need a closing message get it. */
  setState(
    table: TableDetails,
    row: RowAddress,
    state: number,
    status: number,
    options?: UpdateOptions,
  ): Promise<WriteReceipt>;
  /** `id1` is a row of `link.table1`. False: it was linked already. */
  associate(link: ManyToMany, id1: string, id2: string, options?: WriteOptions): Promise<boolean>;
  /** False: there was no such link. */
  disassociate(link: ManyToMany, id1: string, id2: string, options?: WriteOptions): Promise<boolean>;
  /** Replaces all parties of an activity. */
  replaceParties(
    table: TableDetails,
    id: string,
    parties: readonly Party[],
    options?: WriteOptions,
  ): Promise<void>;
  /**
   * Several small requests in one, and more than one batch where they are many or large. There is an outcome for each,
   * in order, whatever happened: the list is as long as the requests are many. Without `continueOnError` what comes
   * after the first refusal is not begun. Parts that were told to wait are sent again, they alone.
   */
  batch(
    requests: readonly BatchRequest[],
    options?: { readonly continueOnError?: boolean },
  ): Promise<readonly BatchOutcome[]>;
  /**
   * Many rows of one table in few requests: by the bulk messages where the table has them (in chunks that adapt to the
   * time they take), by batches otherwise, one by one at last, so that a row that is refused costs only itself. There is
   * an outcome for each row, in order. After a request whose outcome nobody knows the rows are read and compared; what
   * is there as it was sent is done, and only what is not is sent again.
   */
  createMultiple(
    table: TableDetails,
    rows: readonly NewRow[],
    options?: BulkOptions,
  ): Promise<readonly RowOutcome[]>;
  /** Updates only: a row that is not there is refused as `not-found`. */
  updateMultiple(
    table: TableDetails,
    rows: readonly ChangedRow[],
    options?: BulkOptions,
  ): Promise<readonly RowOutcome[]>;
  /** Updates rows that are there and creates the others. On elastic tables columns not sent become empty. */
  upsertMultiple(
    table: TableDetails,
    rows: readonly ChangedRow[],
    options?: BulkOptions,
  ): Promise<readonly RowOutcome[]>;
  /** A row that is not there is done. Only elastic tables have the bulk message. */
  deleteMultiple(
    table: TableDetails,
    rows: readonly DeletedRow[],
    options?: BulkOptions,
  ): Promise<readonly RowOutcome[]>;

  // ---- files ----
  /** Body of a note or attachment, decoded. Null: there is none. `bytes` (if known) picks the better way. */
  readBody(table: TableDetails, id: string, column: string, bytes?: number): Promise<FileContent | null>;
  /**
   * Content of a file column, in ranges, resumed at the byte where a connection breaks. `fileId` is what the row said
   * the file is (it is asked for if left out): a file that is replaced meanwhile is a `conflict`. Null: empty.
   */
  readFile(table: TableDetails, id: string, column: string, fileId?: string): Promise<FileContent | null>;
  /** The image in full size; where the service keeps only its thumbnail, that, marked as such. Null: there is none. */
  readImage(table: TableDetails, id: string, column: string): Promise<FileContent | null>;
  /** Names, sizes and types of the files in file columns, under their file id; unknown ids are missing. */
  fileFacts(ids: readonly string[]): Promise<ReadonlyMap<string, FileFacts>>;
  /** Replaces a file column's content; `null` empties it. */
  writeFile(
    table: TableDetails,
    id: string,
    column: string,
    content: NewContent | null,
    options?: WriteOptions,
  ): Promise<void>;
  /** Replaces an image column's content; `null` empties it. */
  writeImage(
    table: TableDetails,
    id: string,
    column: string,
    content: NewContent | null,
    options?: UpdateOptions,
  ): Promise<void>;
  /** Replaces the body of an existing note or attachment, with its name and type; `null` empties it. */
  writeBody(
    table: TableDetails,
    id: string,
    column: string,
    content: NewContent | null,
    options?: UpdateOptions,
  ): Promise<void>;

  // ---- rights ----
  whoAmI(): Promise<Identity>;
  /** Has the signed-in user the role System Administrator, which sees everything? */
  isAdministrator(): Promise<boolean>;
  userByEntraId(entraObjectId: string): Promise<User | null>;
  userById(userId: string): Promise<User | null>;
  /** Privileges that the user has, by name, with the greatest depth; missing: none. */
  privilegesOf(userId: string, names: readonly string[]): Promise<ReadonlyMap<string, PrivilegeDepth>>;
  /** What the user may do with a live row. Null: the row is not there. Says nothing about column security. */
  rightsOn(userId: string, table: TableDetails, id: string): Promise<ReadonlySet<AccessRight> | null>;
  /** Those of `tables` that our own identity can read as a whole (global depth of their read privilege). */
  globallyReadable(tables: readonly TableMetadata[]): Promise<ReadonlySet<string>>;
  /** Of the table's secured columns, those that the user may read. */
  readableSecuredColumns(userId: string, table: TableDetails): Promise<ReadonlySet<string>>;
  /** Of the table's secured columns, those that the user may write on update. */
  writableSecuredColumns(userId: string, table: TableDetails): Promise<ReadonlySet<string>>;
}

export interface ReadOptions {
  /** Rows a page: 5000 at most (and the default). */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
}

export type ChangeEvent =
  | ({ readonly kind: 'row' } & Row)
  | {
      readonly kind: 'gone';
      readonly id: string;
      /** Where the service says it; a tombstone of an elastic table may leave it out. */
      readonly partition?: string;
      readonly date: string;
    }
  | {
      readonly kind: 'page-end';
      /** More pages follow; a read that stops here goes on from this link. */
      readonly nextLink?: string;
      /** Last page of a tracked read: where the next one begins. */
      readonly deltaLink?: string;
      readonly date: string;
    };

export interface Row {
  readonly id: string;
  /** Elastic tables: the partition, which belongs to the row's key, where it is another than the id's own. */
  readonly partition?: string;
  readonly etag: string | null;
  /** Exactly the asked columns, by logical name. */
  readonly values: Values;
  readonly date: string;
}

/** A row of a FetchXML query. */
export interface FetchedRow extends Row {
  /** Joined columns and aliases, under their names in the answer; numbers as the text they were sent as. */
  readonly others: Readonly<Record<string, unknown>>;
}

export interface RowKey {
  readonly id: string;
  readonly partition?: string;
  /** Digits; null where the table has no row version. */
  readonly version: string | null;
  readonly date: string;
}

/** One end of an activity. Masks: 1 from, 2 to, 3 cc, 4 bcc, 5 required, 6 optional, 7 organizer, 10 resource, … */
export interface Party {
  readonly mask: number;
  readonly party: Reference | null;
  readonly address: string | null;
}

export interface WriteOptions {
  /** Skips custom plug-ins and workflows; needs prvBypassCustomBusinessLogic. Microsoft's own logic always runs. */
  readonly bypassCustomLogic?: boolean;
  /** Flows are not triggered. */
  readonly suppressFlows?: boolean;
  /** Duplicate rules are checked (the Web API leaves them out by itself). */
  readonly detectDuplicates?: boolean;
  /** Seen by plug-ins as the shared variable `tag`. */
  readonly tag?: string;
}

export interface UpdateOptions extends WriteOptions {
  /** The etag as read. Tables without optimistic concurrency refuse it (`bad-request`). */
  readonly ifMatch?: string;
}

export interface CreateOptions extends WriteOptions {
  readonly id: string;
  /** Sent as `overriddencreatedon`; needs prvOverrideCreatedOnCreatedBy. Left out where the table lacks the column. */
  readonly createdOn?: string;
  readonly parties?: readonly Party[];
  /** Body of a note or attachment, sent with the row. */
  readonly body?: { readonly column: string; readonly content: NewContent };
}

export interface WriteReceipt {
  /** Columns of `values` that were not sent, and why. */
  readonly omitted: readonly OmittedColumn[];
  readonly requestId: string | null;
  /** Null: nothing was left to send, so nothing was sent; or the row was written by messages that do not tell. */
  readonly date: string | null;
}

export interface OmittedColumn {
  readonly column: string;
  readonly because: 'unknown-column' | 'not-writable' | 'computed' | 'written-separately' | 'unknown-target';
}

export interface BatchRequest extends Omit<TransportRequest, 'signal' | 'streamed' | 'body'> {
  readonly body?: string;
  /** Requests with the same group, next to each other, are one change set: all or nothing. No GET in it. */
  readonly group?: string;
}

export interface BatchAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of one request of a batch. */
export type BatchOutcome =
  | { readonly kind: 'done'; readonly answer: BatchAnswer }
  | { readonly kind: 'refused'; readonly error: DataverseError }
  /** It did nothing because another of its change set was refused, with this error. */
  | { readonly kind: 'rolled-back'; readonly error: DataverseError }
  /** The batch ended before it, or (with the error) was not begun at all. */
  | { readonly kind: 'not-begun'; readonly error?: DataverseError }
  /** Its answer did not come: read and compare. */
  | { readonly kind: 'unknown'; readonly error: DataverseError };

interface BulkRow {
  /** Entra object id of the user for whom this row is written; left out: whoever the client acts for. */
  readonly as?: string;
}

export interface NewRow extends BulkRow {
  readonly id: string;
  readonly partition?: string;
  readonly values: Values;
  readonly createdOn?: string;
}

export interface ChangedRow extends BulkRow {
  readonly id: string;
  readonly partition?: string;
  readonly values: Values;
  /** The etag as read: a row that moved is refused as `conflict`. Such rows go by batches, not by the bulk message. */
  readonly ifMatch?: string;
}

export interface DeletedRow extends BulkRow {
  readonly id: string;
  readonly partition?: string;
}

export interface BulkOptions extends WriteOptions {
  /** Rows in the first chunk; later ones follow the time that it took. 100 if not said. */
  readonly chunkRows?: number;
}

/** What became of one row of many. */
export type RowOutcome =
  | { readonly kind: 'done'; readonly omitted: readonly OmittedColumn[] }
  | { readonly kind: 'refused'; readonly error: DataverseError }
  /** Written or not, and reading it did not tell. */
  | { readonly kind: 'unknown'; readonly error: DataverseError };

export interface FileContent {
  readonly name: string | null;
  readonly mimeType: string | null;
  /** Null: the service does not say beforehand. */
  readonly bytes: number | null;
  /** An image of which the service keeps no more than the thumbnail. */
  readonly thumbnail?: true;
  readonly stream: AsyncIterable<Uint8Array>;
}

export interface FileFacts {
  readonly name: string;
  readonly mimeType: string | null;
  readonly bytes: number;
}

export interface NewContent {
  readonly name: string;
  readonly mimeType: string | null;
  readonly bytes: number;
  /** May be called again when an upload has to start over. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface Identity {
  readonly userId: string;
  readonly businessUnitId: string;
  readonly organizationId: string;
}

export interface User {
  readonly id: string;
  readonly entraObjectId: string | null;
  readonly fullName: string | null;
  readonly domainName: string | null;
  readonly enabled: boolean;
  readonly isApplication: boolean;
  readonly businessUnitId: string;
  /** Teams that the user is a member of. */
  readonly teamIds: readonly string[];
}

/** Own rows; business unit; business unit and those below; all. */
export type PrivilegeDepth = 'Basic' | 'Local' | 'Deep' | 'Global';

export type AccessRight = 'Read' | 'Write' | 'Append' | 'AppendTo' | 'Create' | 'Delete' | 'Share' | 'Assign';
