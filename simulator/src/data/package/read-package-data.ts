import { PackageError } from './package-error.ts';
import { attributeReader, readXml } from './read-xml.ts';

export interface RawField {
  readonly name: string;
  readonly value: string;
  readonly lookupTable: string | undefined;
  readonly lookupName: string | undefined;
  /** A party list: its rows of `activityparty`. */
  readonly parties: RawRecord[];
}

export interface RawRecord {
  readonly id: string;
  readonly line: number;
  readonly fields: RawField[];
}

export interface RawLink {
  readonly relationship: string;
  readonly sourceTable: string;
  readonly sourceId: string;
  readonly targetTable: string;
  readonly targetId: string;
}

export interface PackageData {
  /** When the package was exported, as printed. */
  readonly timestamp: string | undefined;
  readonly tables: Map<string, RawRecord[]>;
  readonly links: RawLink[];
}

const FILE = 'data.xml';
const need = attributeReader(FILE, 'data that the Configuration Migration tool exported');

/** The records of `data.xml`, texts as they stand there. Throws PackageError. */
export function readPackageData(xml: string): PackageData {
  const tables = new Map<string, RawRecord[]>();
  const links: RawLink[] = [];
  let timestamp: string | undefined;
  let root: string | undefined;
  let table = '';
  let records: RawRecord[] = [];
  // A field may hold parties, which hold fields: the stack knows whose turn it is.
  const owners: RawRecord[] = [];
  let link: Omit<RawLink, 'targetId'> | undefined;
  readXml(xml, FILE, {
    open(name, attributes, line) {
      if (root === undefined) {
        root = name;
        timestamp = attributes['timestamp'];
        return;
      }
      switch (name) {
        case 'entity':
          table = need(attributes, 'name', name, line);
          records = tables.get(table) ?? [];
          tables.set(table, records);
          return;
        case 'record':
          owners.push({ id: need(attributes, 'id', name, line).toLowerCase(), line, fields: [] });
          records.push(owners[0]!); // just pushed onto an empty stack
          return;
        case 'activitypointerrecords': {
          const party: RawRecord = { id: need(attributes, 'id', name, line).toLowerCase(), line, fields: [] };
          owners.at(-1)?.fields.at(-1)?.parties.push(party);
          owners.push(party);
          return;
        }
        case 'field':
          owners.at(-1)?.fields.push(fieldOf(attributes, line));
          return;
        case 'm2mrelationship':
          link = {
            relationship: need(attributes, 'm2mrelationshipname', name, line),
            sourceTable: table,
            sourceId: need(attributes, 'sourceid', name, line).toLowerCase(),
            targetTable: need(attributes, 'targetentityname', name, line),
          };
          return;
      }
    },
    text(name, text) {
      if (name === 'targetid' && link) links.push({ ...link, targetId: text.trim().toLowerCase() });
    },
    close(name) {
      if (name === 'record' || name === 'activitypointerrecords') owners.pop();
    },
  });
  if (root !== 'entities') {
    throw new PackageError(
      'package-schema-invalid',
      `${FILE} does not hold package data: its root element is ${root ?? 'missing'}`,
      'It must be the data that the Configuration Migration tool exported.',
    );
  }
  return { timestamp, tables, links };
}

function fieldOf(attributes: Readonly<Record<string, string>>, line: number): RawField {
  return {
    name: need(attributes, 'name', 'field', line),
    value: attributes['value'] ?? '',
    lookupTable: attributes['lookupentity'] || undefined,
    lookupName: attributes['lookupentityname'] || undefined,
    parties: [],
  };
}
