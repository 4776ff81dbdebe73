import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'lossless-json';
import { builtInSchema, loadPackage } from '../src/data/index.ts';
import { startServer } from '../src/http/index.ts';
import { sequentialIds } from '../src/model/guid.ts';
import { createEnvironment } from '../src/service/index.ts';
import {
  attribute,
  list,
  packageFolder,
  packageTest,
  parsePackage,
  type Node,
} from './support/published-packages.ts';

/**
 * What a client reads from an environment that was loaded from a published package, against the text of the package:
 * every value of every record, and every pair. `published-packages.test.ts` holds the loader alone against it.
 */
type Row = Readonly<Record<string, unknown>>;
type Read = (path: string) => Promise<Row[]>;
interface Column {
  readonly type: string;
  readonly dateOnly: boolean;
}

const TARGET = '@Microsoft.Dynamics.CRM.lookuplogicalname';
const START = Date.UTC(2026, 6, 1, 12);

packageTest('every value and pair of %s is served as it was written', async (name) => {
  const environment = createEnvironment({
    ...loadPackage(packageFolder(name), builtInSchema()),
    identity: { clientSecret: 'secret of the tests' },
    now: () => START,
    newId: sequentialIds(START),
  });
  const server = await startServer(environment, { port: 0, open: true });
  try {
    const document = parsePackage(readFileSync(join(packageFolder(name), 'data.xml'), 'utf8'));
    const read = reader(`${server.url}/api/data/v9.2/`);
    const parties = byId(await read('activityparties'), 'activitypartyid');
    const wrong: string[] = [];
    let values = 0;
    for (const entity of list(document['entities'], 'entity')) {
      const found = await compareTable(read, entity, parties);
      values += found.values;
      wrong.push(...found.wrong, ...(await comparePairs(read, entity)));
    }
    expect(values).toBeGreaterThan(1000);
    expect(wrong.slice(0, 20)).toEqual([]);
  } finally {
    await server.close();
  }
});

/** Reads a collection to its end; numbers keep their text. */
function reader(root: string): Read {
  return async (path) => {
    const rows: Row[] = [];
    for (let next: string | undefined = root + path; next !== undefined;) {
      const headers = { Authorization: 'Bearer any', Prefer: 'odata.include-annotations="*"' };
      const response = await fetch(next, { headers });
      const answer = parse(await response.text()) as Row; // a collection is an object
      expect([path, response.status]).toEqual([path, 200]);
      rows.push(...(answer['value'] as Row[])); // of rows
      next = answer['@odata.nextLink'] as string | undefined; // a text where there is more
    }
    return rows;
  };
}

const byId = (rows: readonly Row[], key: string) => new Map(rows.map((row) => [String(row[key]), row]));

async function compareTable(
  read: Read,
  entity: Node,
  parties: ReadonlyMap<string, Row>,
): Promise<{ values: number; wrong: string[] }> {
  const table = attribute(entity, 'name');
  const { set, key, columns } = await definitionOf(read, table);
  const rows = byId(await read(set), key);
  const wrong: string[] = [];
  let values = 0;
  for (const record of list(entity['records'], 'record')) {
    const row = rows.get(attribute(record, 'id'));
    for (const field of list(record, 'field')) {
      values++;
      const column = columns.get(attribute(field, 'name'));
      const shown = row && column && shownAs(row, attribute(field, 'name'), column, field);
      if (shown !== true)
        wrong.push(`${table} ${attribute(record, 'id')} ${attribute(field, 'name')}: ${String(shown)}`);
      for (const party of list(field, 'activitypointerrecords'))
        if (!parties.has(attribute(party, 'id'))) wrong.push(`party ${attribute(party, 'id')}`);
    }
  }
  return { values, wrong };
}

async function definitionOf(read: Read, table: string) {
  const path = `EntityDefinitions?$filter=LogicalName eq '${table}'`;
  const [definition] = await read(`${path}&$select=EntitySetName,PrimaryIdAttribute`);
  const columns = await read(`EntityDefinitions(LogicalName='${table}')/Attributes`);
  return {
    set: String(definition?.['EntitySetName']),
    key: String(definition?.['PrimaryIdAttribute']),
    columns: new Map<string, Column>(
      columns.map((one) => [
        String(one['LogicalName']),
        {
          type: (one['AttributeTypeName'] as { Value: string }).Value, // part of every column
          dateOnly: (one['DateTimeBehavior'] as { Value?: string } | undefined)?.Value === 'DateOnly', // dates have it
        },
      ]),
    ),
  };
}

/** True, or what is shown in place of the written value. Deliberately simple, without the loader's code. */
function shownAs(row: Row, name: string, { type, dateOnly }: Column, field: Node): true | string {
  const written = attribute(field, 'value');
  const lookup = /^(Lookup|Customer|Owner)Type$/.test(type);
  if (type === 'PartyListType') return true;
  const value = row[lookup ? `_${name}_value` : name];
  if (written === '') return (value ?? null) === null || String(value);
  const text = String(value);
  if (type === 'ImageType') return typeof value === 'string' && value.length > 0 ? true : text;
  if (lookup) {
    const target = String(row[`_${name}_value${TARGET}`]);
    const wanted = [written, attribute(field, 'lookupentity')];
    return (text === wanted[0] && target === wanted[1]) || `${text} ${target}, not ${wanted.join(' ')}`;
  }
  if (type === 'BooleanType') return text === written.toLowerCase() || text;
  if (type === 'MultiSelectPicklistType')
    return text === written.replace('[-1,', '').replace(',-1]', '') || text;
  if (/^(Decimal|Money|Double|Integer|BigInt|Picklist|State|Status)Type$/.test(type))
    return Number(text) === Number(written) || `${text}, not ${written}`;
  if (type !== 'DateTimeType') return text === written || `${text}, not ${written}`;
  const iso = new Date(written.includes('M') ? `${written} UTC` : written).toISOString();
  return text === (dateOnly ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`) || `${text}, not ${written}`;
}

async function comparePairs(read: Read, entity: Node): Promise<string[]> {
  const links = list(entity['m2mrelationships'], 'm2mrelationship');
  const names = [...new Set(links.map((link) => attribute(link, 'm2mrelationshipname')))];
  const sets = new Map<string, ReadonlySet<string>>();
  for (const name of names) sets.set(name, await pairsOf(read, name));
  return links.flatMap((link) =>
    list(link['targetids'], 'targetid')
      .map((target) => [attribute(link, 'sourceid'), JSON.stringify(target).slice(1, -1)].sort().join(' '))
      .filter((pair) => sets.get(attribute(link, 'm2mrelationshipname'))?.has(pair) !== true)
      .map((pair) => `${attribute(link, 'm2mrelationshipname')} ${pair}`),
  );
}

async function pairsOf(read: Read, name: string): Promise<ReadonlySet<string>> {
  const definitions = await read(
    'RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata?' +
      '$select=SchemaName,IntersectEntityName,Entity1IntersectAttribute,Entity2IntersectAttribute',
  );
  const link = definitions.find((one) => [one['SchemaName'], one['IntersectEntityName']].includes(name));
  const { set } = await definitionOf(read, String(link?.['IntersectEntityName']));
  const ends = [link?.['Entity1IntersectAttribute'], link?.['Entity2IntersectAttribute']].map(String);
  return new Set(
    (await read(set)).map((row) =>
      ends
        .map((end) => String(row[end]))
        .sort()
        .join(' '),
    ),
  );
}
