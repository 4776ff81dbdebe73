import { strFromU8, unzipSync } from 'fflate';
import type { OneToManyDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { SeedRole, SeedRow } from '../../model/seed.ts';
import { attachTable } from '../attach-table.ts';
import { intersectTable } from '../define-table.ts';
import {
  linkDefinition,
  lookupDefinition,
  readRelationships,
  targetsByColumn,
  type RawLink,
  type RawLookup,
} from './read-relationships.ts';
import { readColumnProfiles, readRoles } from './read-security.ts';
import { readTable } from './read-table.ts';
import { SolutionError } from './solution-error.ts';
import { child, children, parseXml, textOf, type XmlElement } from './xml-tree.ts';

export interface ImportedSolution {
  readonly uniqueName: string;
  readonly version: string;
  readonly schema: SchemaDefinition;
  /** Tables that are new or changed. */
  readonly changedTables: readonly string[];
  readonly roles: readonly SeedRole[];
  /** Rows of `fieldsecurityprofile` and `fieldpermission`. */
  readonly rows: readonly SeedRow[];
}

const FIRST_CODE = 10_000;
const HINT =
  'Give the zip of an exported or packed solution: solution.xml and customizations.xml at its root.';

/**
 * Reads a solution (managed or not) into the schema: new tables, columns added to known ones, relationships,
 * choices, roles and column security profiles. Forms, views, apps and code have no meaning here. Throws SolutionError.
 */
export function importSolution(zip: Uint8Array, schema: SchemaDefinition): ImportedSolution {
  const files = unzip(zip);
  const manifest = child(parseXml(fileOf(files, 'solution.xml'), 'solution.xml'), 'SolutionManifest');
  const root = parseXml(fileOf(files, 'customizations.xml'), 'customizations.xml');
  const { lookups, links } = readRelationships(root);
  const withTables = addTables(schema, root, lookups);
  const withLookups = addLookups(withTables.schema, lookups);
  const withLinks = addLinks(withLookups, links);
  return {
    uniqueName: textOf(manifest, 'UniqueName') ?? '',
    version: textOf(manifest, 'Version') ?? '',
    schema: withLinks,
    changedTables: [
      ...new Set([
        ...withTables.names,
        ...lookups.map((one) => one.child),
        ...links.map((one) => one.intersect),
      ]),
    ].filter((name) => withLinks.tables.some((table) => table.logicalName === name)),
    roles: readRoles(root),
    rows: readColumnProfiles(root),
  };
}

function unzip(zip: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(zip, { filter: (entry) => /^(solution|customizations)\.xml$/.test(entry.name) });
  } catch (cause) {
    throw new SolutionError(
      'solution-not-readable',
      'The solution is not a zip file that can be read',
      HINT,
      cause,
    );
  }
}

function fileOf(files: Record<string, Uint8Array>, name: string): string {
  const bytes = files[name];
  if (!bytes) throw new SolutionError('solution-incomplete', `The solution has no ${name}`, HINT);
  return strFromU8(bytes).replace(/^\uFEFF/, '');
}

function addTables(
  schema: SchemaDefinition,
  root: XmlElement,
  lookups: readonly RawLookup[],
): { schema: SchemaDefinition; names: string[] } {
  const context = {
    targets: targetsByColumn(lookups),
    globalChoices: new Map(
      children(root, 'optionsets', 'optionset').map((set) => [set.attributes['Name'] ?? '', set]),
    ),
  };
  let result = schema;
  const names: string[] = [];
  for (const entity of children(root, 'Entities', 'Entity')) {
    const name = (child(entity, 'EntityInfo', 'entity')?.attributes['Name'] ?? '').toLowerCase();
    // An entity without columns only carries forms or views of a table that the environment has.
    if (
      name === '' ||
      children(child(entity, 'EntityInfo', 'entity'), 'attributes', 'attribute').length === 0
    )
      continue;
    const known = result.tables.find((table) => table.logicalName === name);
    const { definition, notes, activities } = readTable(entity, known, nextCode(result), context);
    names.push(name);
    result = known
      ? { ...result, tables: result.tables.map((table) => (table.logicalName === name ? definition : table)) }
      : attachTable(result, definition, { notes, activities, lookups: [] });
  }
  return { schema: result, names };
}

function nextCode(schema: SchemaDefinition): number {
  return Math.max(FIRST_CODE, ...schema.tables.map((table) => table.objectTypeCode)) + 1;
}

/** Relationships whose tables are all here. A solution may name tables of another one that is not imported. */
function addLookups(schema: SchemaDefinition, lookups: readonly RawLookup[]): SchemaDefinition {
  const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  const oneToMany = new Map(schema.oneToMany.map((one) => [keyOf(one), one]));
  for (const raw of lookups) {
    const parent = tables.get(raw.parent);
    const column = tables.get(raw.child)?.columns.get(raw.column);
    if (!parent || !column) continue;
    const several = lookups.filter((one) => one.child === raw.child && one.column === raw.column).length > 1;
    const definition = lookupDefinition(raw, parent.primaryId, column.custom, several);
    oneToMany.set(keyOf(definition), definition);
    point(tables, raw);
  }
  return {
    ...schema,
    tables: [...tables.values()].map((table) => withoutStrangers(table, tables)),
    oneToMany: [...oneToMany.values()],
  };
}

/** Lookups lead only to tables that are here. */
function withoutStrangers(
  table: TableDefinition,
  tables: ReadonlyMap<string, TableDefinition>,
): TableDefinition {
  const strange = [...table.columns.values()].filter((column) =>
    column.targets?.some((target) => !tables.has(target)),
  );
  if (strange.length === 0) return table;
  const columns = new Map(table.columns);
  for (const column of strange) {
    columns.set(column.logicalName, {
      ...column,
      targets: (column.targets ?? []).filter((target) => tables.has(target)),
    });
  }
  return { ...table, columns };
}

const keyOf = (one: OneToManyDefinition): string =>
  `${one.referencingTable}.${one.referencingColumn}>${one.referencedTable}`;

/** The lookup of a known table may lead to one more table now. */
function point(tables: Map<string, TableDefinition>, raw: RawLookup): void {
  const table = tables.get(raw.child);
  const column = table?.columns.get(raw.column);
  if (!table || !column || column.type === 'OwnerType' || column.targets?.includes(raw.parent)) return;
  const columns = new Map(table.columns);
  columns.set(raw.column, { ...column, targets: [...(column.targets ?? []), raw.parent].sort() });
  tables.set(raw.child, { ...table, columns });
}

function addLinks(schema: SchemaDefinition, links: readonly RawLink[]): SchemaDefinition {
  const tables = [...schema.tables];
  const manyToMany = [...schema.manyToMany];
  for (const raw of links) {
    const [one, two] = [raw.first, raw.second].map((name) =>
      tables.find((table) => table.logicalName === name),
    );
    if (!one || !two || manyToMany.some((link) => link.schemaName === raw.schemaName)) continue;
    const link = linkDefinition(raw, one.primaryId, two.primaryId);
    const code = nextCode({ ...schema, tables });
    manyToMany.push(link);
    tables.push(intersectTable(raw.intersect, code, link.column1, link.column2));
  }
  return { ...schema, tables, manyToMany };
}
