import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/** Where published packages lie; they are not part of the repository. */
const folder = process.env['ROWBACK_PACKAGES'] ?? join(import.meta.dirname, '../../../..', 'shared', 'data');
const published = ['edu-higher-ed-2019', 'edu-higher-ed-sample-2022', 'edu-higher-ed-portal-2022'].filter(
  (name) => existsSync(join(folder, name, 'data.xml')),
);

export const packageFolder = (name: string) => join(folder, name);

/** A test of each published package, skipped by name where there is none. */
export const packageTest =
  published.length > 0 ? test.each(published) : test.skip.each(['no published package here']);

export interface Node {
  readonly [name: string]: string | Node | readonly Node[] | undefined;
}

const MANY = new Set([
  ...['entity', 'record', 'field', 'relationship', 'm2mrelationship', 'targetid'],
  'activitypointerrecords',
]);

/** `data.xml` or `data_schema.xml`, by another library than the loader's. */
export function parsePackage(xml: string): Node {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: { enabled: true, maxTotalExpansions: 1e7, maxExpandedLength: 1e9 },
    htmlEntities: true,
    isArray: (tag) => MANY.has(tag),
  });
  // A tab that stands in an attribute is a blank to XML; this library keeps it.
  return node(parser.parse(xml.replaceAll('\t', ' ')));
}

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {}; // the parser returns plain objects
}

export function attribute(parent: Node, name: string): string {
  const value = parent[name];
  return typeof value === 'string' ? value : '';
}

export function list(parent: unknown, name: string): readonly Node[] {
  return (node(parent)[name] ?? []) as readonly Node[]; // isArray above makes these lists
}
