/**
 * Distils recorded metadata into the facts that the pretend environment's standard tables are built from:
 * `simulator/metadata/standard.json` (the tables of `catalog.json`) and `standard-full.json` (what the tables of
 * `catalog-full.json` add to them). Usage: node simulator/scripts/distil-metadata.mjs <folder of recorded metadata>
 *
 * Which source wins: a full table definition, then the published model (labels, options, lengths), then the
 * service's CSDL (which columns, lookups and navigation properties exist), then rules that hold on the recorded
 * tables. Columns and tables of other publishers are left out. The output is deterministic.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { columnsOf } from './distil-columns.mjs';
import { readCdm } from './distil-cdm.mjs';
import { readCsdl } from './distil-csdl.mjs';
import { readDefinition, readWebApiRelationships } from './distil-definitions.mjs';
import { relationshipsOf } from './distil-relationships.mjs';

const CSDL_FILE = 'csdl/dynamics365-v9.1-2020-06.metadata.xml';

function main(folder) {
  const here = fileURLToPath(new URL('../metadata/', import.meta.url));
  const csdl = readCsdl(readFileSync(join(folder, CSDL_FILE), 'utf8'));
  const definitions = new Map(
    readdirSync(join(folder, 'entitymetadata'))
      .sort()
      .map((file) => readDefinition(readFileSync(join(folder, 'entitymetadata', file), 'utf8')))
      .map((definition) => [definition.name, definition]),
  );
  const cdm = readCdm(
    readdirSync(join(folder, 'cdm'))
      .sort()
      .map((file) => readFileSync(join(folder, 'cdm', file), 'utf8')),
  );
  const recorded = readWebApiRelationships(
    readFileSync(join(folder, 'webapi/entitydefinition-account.json'), 'utf8'),
  );
  const sources = { csdl, definitions, cdm, recorded };
  const lean = readCatalog(here, 'catalog.json');
  const more = readCatalog(here, 'catalog-full.json');
  const standard = factsOf({ ...sources, catalog: lean });
  const full = factsOf({ ...sources, catalog: { tables: { ...lean.tables, ...more.tables } } });
  write(join(here, 'standard.json'), standard);
  write(join(here, 'standard-full.json'), additions(standard, full));
}

const readCatalog = (folder, name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

function factsOf(sources) {
  const tables = {};
  for (const name of Object.keys(sources.catalog.tables).sort()) tables[name] = tableOf(name, sources);
  const facts = { tables, oneToMany: relationshipsOf(sources, tables) };
  closeLonelyLookups(facts);
  return facts;
}

/** New tables whole, of the others the columns that come or change, and the relationships that come. */
function additions(before, after) {
  const tables = {};
  for (const [name, table] of Object.entries(after.tables)) {
    const known = before.tables[name]?.columns;
    const columns = Object.entries(table.columns).filter(
      ([column, fact]) => JSON.stringify(fact) !== JSON.stringify(known?.[column]),
    );
    if (known === undefined) tables[name] = table;
    else if (columns.length > 0) tables[name] = { columns: Object.fromEntries(columns) };
  }
  const known = new Set(before.oneToMany.map((one) => JSON.stringify(one)));
  return { tables, oneToMany: after.oneToMany.filter((one) => !known.has(JSON.stringify(one))) };
}

function write(file, facts) {
  writeFileSync(file, print(facts));
  console.log(
    `${file}: ${Object.keys(facts.tables).length} tables, ` +
      `${Object.values(facts.tables).reduce((sum, table) => sum + Object.keys(table.columns).length, 0)} columns, ` +
      `${facts.oneToMany.length} relationships`,
  );
}

function tableOf(name, sources) {
  const entity = sources.csdl.entities.get(name);
  if (!entity) throw new Error(`The CSDL has no entity type ${name}`);
  const definition = sources.definitions.get(name);
  return {
    set: sources.csdl.sets.get(name) ?? null,
    key: ownKey(name) ?? entity.key,
    ...(definition
      ? {
          id: definition.id,
          privileges: definition.privileges,
          ...(definition.keys.length ? { keys: definition.keys } : {}),
        }
      : {}),
    columns: columnsOf(name, sources),
  };
}

/** What inherits from the abstract owner has its key there, by another name. */
const ownKey = (name) => ({ systemuser: 'systemuserid', team: 'teamid' })[name];

/** A lookup that no navigation property leads to is read as `_x_value` and never written. */
function closeLonelyLookups({ tables, oneToMany }) {
  const bound = new Set(oneToMany.map((relationship) => `${relationship.child}.${relationship.column}`));
  for (const [name, table] of Object.entries(tables)) {
    for (const [column, fact] of Object.entries(table.columns)) {
      if (fact.targets && !bound.has(`${name}.${column}`)) fact.write = '';
    }
  }
}

/** One line a column and a relationship, so that a change of the facts reads well as a difference. */
function print(facts) {
  const lines = ['{', '"tables": {'];
  const names = Object.keys(facts.tables);
  names.forEach((name, at) => {
    const { columns, ...head } = facts.tables[name];
    const members = Object.keys(head).length > 0 ? `${JSON.stringify(head).slice(0, -1)}, ` : '{';
    lines.push(`${JSON.stringify(name)}: ${members}"columns": {`);
    lines.push(
      Object.keys(columns)
        .sort()
        .map((column) => ` ${JSON.stringify(column)}: ${JSON.stringify(columns[column])}`)
        .join(',\n'),
    );
    lines.push(at === names.length - 1 ? '}}' : '}},');
  });
  lines.push('},', '"oneToMany": [');
  lines.push(facts.oneToMany.map((relationship) => ' ' + JSON.stringify(relationship)).join(',\n'));
  lines.push(']', '}');
  return lines.join('\n') + '\n';
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node simulator/scripts/distil-metadata.mjs <folder of recorded metadata>');
  process.exitCode = 2;
} else main(folder);
