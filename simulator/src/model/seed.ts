/**
 * Rows on their way into the pretend environment: from a data package, from the demo generator, from a test.
 */

/**
 * A value in the form the store keeps: 64-bit integers and decimals as digit strings (scale kept), doubles and
 * 32-bit integers as numbers, instants as `YYYY-MM-DDTHH:mm:ssZ`, dates as `YYYY-MM-DD`, multi-select as `1,2,3`,
 * guids in lower case without braces, lookups with their table.
 */
export type StoredValue =
  string | number | boolean | null | { readonly table: string; readonly id: string; readonly name?: string };

export interface SeedRow {
  readonly table: string;
  readonly id: string;
  readonly values: Readonly<Record<string, StoredValue>>;
  /** Contents of file and image columns, by column. Note bodies are ordinary values (base64 text). */
  readonly files?: Readonly<Record<string, { name: string; mimeType: string; bytes: Uint8Array }>>;
}

/** A many-to-many pair; `relationship` is the schema name. */
export interface SeedLink {
  readonly relationship: string;
  readonly id1: string;
  readonly id2: string;
}

/** A person or application that may sign in. */
export interface SeedUser {
  readonly systemuserid: string;
  readonly azureactivedirectoryobjectid: string;
  readonly fullname: string;
  readonly domainname: string;
  /** Names of security roles; `System Administrator` may do everything. */
  readonly roles: readonly string[];
  readonly applicationid?: string;
}

/** A security role. Depth: 1 own rows, 2 business unit, 4 business unit and below, 8 organisation. */
export interface SeedRole {
  readonly id?: string;
  readonly name: string;
  readonly privileges: readonly { readonly name: string; readonly depth: 1 | 2 | 4 | 8 }[];
}

export interface Seed {
  /** Roles beside the built-in `System Administrator` and `Basic User`. */
  readonly roles?: readonly SeedRole[];
  readonly rows: readonly SeedRow[];
  readonly links: readonly SeedLink[];
  readonly users: readonly SeedUser[];
}
