import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { unzipSync } from 'fflate';

/** One value as a Configuration Migration package prints it. */
export interface PackageField {
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly lookupTable: string | null;
  /** Party lists: the rows inside. */
  readonly parties: readonly ReadonlyMap<string, { text: string; lookupTable: string | null }>[];
}

export interface PackageRecord {
  readonly id: string;
  readonly fields: readonly PackageField[];
}

export interface PackageTable {
  readonly name: string;
  readonly records: readonly PackageRecord[];
  readonly links: readonly {
    readonly relationship: string;
    readonly source: string;
    readonly target: string;
  }[];
}

type Node = Readonly<Record<string, unknown>>;

/**
 * Reads a package by itself: neither the simulator's loader nor the product has a hand in it, so that it can tell
 * whether a value got lost on the way.
 */
export async function readPackage(path: string): Promise<PackageTable[]> {
  const [schema, data] = await Promise.all([readPart(path, 'data_schema.xml'), readPart(path, 'data.xml')]);
  const types = typesOf(parser().parse(schema) as Node);
  const root = child(parser().parse(data) as Node, 'entities');
  return children(root, 'entity').map((entity) => {
    const name = attribute(entity, 'name');
    return {
      name,
      records: children(child(entity, 'records'), 'record').map((record) => readRecord(record, name, types)),
      links: children(child(entity, 'm2mrelationships'), 'm2mrelationship').flatMap((relation) =>
        children(child(relation, 'targetids'), 'targetid').map((target) => ({
          relationship: attribute(relation, 'm2mrelationshipname'),
          source: attribute(relation, 'sourceid').toLowerCase(),
          target: textOf(target).toLowerCase(),
        })),
      ),
    };
  });
}

const listed = new Set([
  'entity',
  'record',
  'field',
  'm2mrelationship',
  'targetid',
  'activitypointerrecords',
]);

function parser(): XMLParser {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    htmlEntities: true,
    processEntities: { enabled: true, maxTotalExpansions: 100_000_000, maxExpandedLength: 1_000_000_000 },
    isArray: (name) => listed.has(name),
  });
}

async function readPart(path: string, name: string): Promise<string> {
  const folder = (await stat(path)).isDirectory();
  return spaced(folder ? await readFile(join(path, name), 'utf8') : await readZipped(path, name));
}

/** By XML's rules a line break or tab that stands unescaped in an attribute reads as a space; the parser keeps it. */
const spaced = (text: string): string => text.replace(/^\uFEFF/, '').replace(/\r\n|[\t\n\r]/g, ' ');

async function readZipped(path: string, name: string): Promise<string> {
  const part = unzipSync(await readFile(path), { filter: (file) => file.name === name })[name];
  if (!part) throw new Error(`${path} has no ${name}`);
  return new TextDecoder().decode(part);
}

function typesOf(schema: Node): Map<string, string> {
  const types = new Map<string, string>();
  for (const entity of children(child(schema, 'entities'), 'entity'))
    for (const field of children(child(entity, 'fields'), 'field'))
      types.set(`${attribute(entity, 'name')}.${attribute(field, 'name')}`, attribute(field, 'type'));
  return types;
}

function readRecord(record: Node, table: string, types: ReadonlyMap<string, string>): PackageRecord {
  return {
    id: attribute(record, 'id').toLowerCase(),
    fields: children(record, 'field').map((field) => ({
      name: attribute(field, 'name'),
      type: types.get(`${table}.${attribute(field, 'name')}`) ?? 'unknown',
      text: attribute(field, 'value'),
      lookupTable: optional(field, 'lookupentity'),
      parties: children(field, 'activitypointerrecords').map(
        (party) =>
          new Map(
            children(party, 'field').map((each) => [
              attribute(each, 'name'),
              { text: attribute(each, 'value'), lookupTable: optional(each, 'lookupentity') },
            ]),
          ),
      ),
    })),
  };
}

/** The parser gives text for empty elements, objects for others, arrays for those in `listed`. */
function child(node: Node, name: string): Node {
  const value = node[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

function children(node: Node, name: string): Node[] {
  const value = node[name];
  if (!Array.isArray(value)) return [];
  return value.map((each: unknown) =>
    typeof each === 'object' && each !== null ? (each as Node) : { '#text': each },
  );
}

const attribute = (node: Node, name: string): string => optional(node, name) ?? '';
function optional(node: Node, name: string): string | null {
  const value = node[`@${name}`];
  return typeof value === 'string' ? value : null;
}
const textOf = (node: Node): string => (typeof node['#text'] === 'string' ? node['#text'] : '');
