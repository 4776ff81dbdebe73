import type { SchemaDefinition } from '../../model/definitions.ts';
import type { Seed, SeedUser } from '../../model/seed.ts';
import { completeEnvironment } from '../complete-environment.ts';
import { extendSchema } from './extend-schema.ts';
import { observe } from './observe.ts';
import { openPackage } from './open-package.ts';
import { findOutside, outsideRow, type RowReference } from './outside-rows.ts';
import { readPackageData } from './read-package-data.ts';
import { readPackageSchema } from './read-package-schema.ts';
import { readRows } from './read-rows.ts';
import { stableId } from '../stable-id.ts';

export interface LoadedPackage {
  readonly schema: SchemaDefinition;
  readonly seed: Seed;
  /** What was decided while reading, one sentence each. */
  readonly notes: readonly string[];
  /** Rows that were not in the package and had to be made, because rows of it point to them. */
  readonly outside: readonly (RowReference & { readonly outside: true })[];
}

/** A package brings no one who could sign in: an administrator, and the account that imports run under. */
const PEOPLE: readonly SeedUser[] = [
  { fullname: 'Administrator', domainname: 'administrator@package.example' },
  { fullname: 'svc-import', domainname: 'svc-import@package.example' },
].map((person) => ({
  ...person,
  systemuserid: stableId('package user', person.domainname),
  azureactivedirectoryobjectid: stableId('package user in entra', person.domainname),
  roles: ['System Administrator'],
}));

/**
 * Loads a Configuration Migration package (folder or zip) on top of a schema: tables and columns that are missing
 * come from the package's own schema, values keep their text. Throws PackageError; nothing is loaded in part.
 */
export function loadPackage(path: string, schema: SchemaDefinition): LoadedPackage {
  const files = openPackage(path);
  const packageTables = readPackageSchema(files.schemaXml);
  const data = readPackageData(files.dataXml);
  const extension = extendSchema(schema, packageTables, data, observe(data));
  const read = readRows(data, extension.schema);
  const tables = new Map(extension.schema.tables.map((table) => [table.logicalName, table]));
  const outside = findOutside(read, extension.schema);
  const made = outside.flatMap((reference) => {
    const table = tables.get(reference.table);
    return table
      ? [outsideRow(reference, table, read.lookupNames.get(`${reference.table} ${reference.id}`))]
      : [];
  });
  const seed = completeEnvironment(extension.schema, {
    rows: [...read.rows, ...made],
    links: read.links,
    users: PEOPLE,
    name: 'Package',
    instant: instantOf(data.timestamp),
  });
  return {
    schema: extension.schema,
    seed,
    notes: [...extension.notes, ...read.notes, ...outsideNotes(outside)],
    outside: outside.map((reference) => ({ ...reference, outside: true })),
  };
}

function outsideNotes(outside: readonly RowReference[]): string[] {
  const counts = new Map<string, number>();
  for (const { table } of outside) counts.set(table, (counts.get(table) ?? 0) + 1);
  if (counts.size === 0) return [];
  const list = [...counts].sort().map(([table, count]) => `${table} ${count}`);
  return [`Made ${outside.length} rows that the package points to and does not hold: ${list.join(', ')}.`];
}

/** When the package was exported, as the creation time of rows that carry none. */
function instantOf(timestamp: string | undefined): string {
  const parsed =
    timestamp === undefined ? NaN : Date.parse(/Z$/.test(timestamp) ? timestamp : `${timestamp} UTC`);
  return `${new Date(Number.isNaN(parsed) ? Date.UTC(2020, 0, 1) : parsed).toISOString().slice(0, 19)}Z`;
}
