import { PackageError } from './package-error.ts';
import { attributeReader, readXml } from './read-xml.ts';

export interface PackageField {
  readonly name: string;
  readonly displayName: string;
  /** `string`, `number`, `entityreference` …, as the tool names them. */
  readonly type: string;
  readonly targets: readonly string[];
  readonly custom: boolean;
}

export interface PackageRelationship {
  readonly name: string;
  readonly target: string;
}

export interface PackageTable {
  readonly name: string;
  readonly displayName: string;
  readonly objectTypeCode: number;
  readonly primaryId: string;
  readonly primaryName: string;
  readonly fields: readonly PackageField[];
  readonly manyToMany: readonly PackageRelationship[];
}

const FILE = 'data_schema.xml';
const need = attributeReader(FILE, 'schema that the Configuration Migration tool wrote beside the data');

/** The tables of `data_schema.xml`. Throws PackageError. */
export function readPackageSchema(xml: string): PackageTable[] {
  const tables: (PackageTable & { fields: PackageField[]; manyToMany: PackageRelationship[] })[] = [];
  let root: string | undefined;
  readXml(xml, FILE, {
    open(name, attributes, line) {
      root ??= name;
      const table = tables.at(-1);
      if (name === 'entity') tables.push({ ...tableOf(attributes, line), fields: [], manyToMany: [] });
      else if (name === 'field' && table) table.fields.push(fieldOf(attributes, line));
      else if (name === 'relationship' && table && attributes['manyToMany'] === 'true') {
        table.manyToMany.push({
          name: attributes['name'] ?? '',
          target: attributes['m2mTargetEntity'] ?? '',
        });
      }
    },
  });
  if (root !== 'entities' || tables.length === 0) {
    throw new PackageError(
      'package-schema-invalid',
      `${FILE} lists no tables: its root element is ${root ?? 'missing'}`,
      'It must be the schema that the Configuration Migration tool wrote beside the data.',
    );
  }
  return tables;
}

function tableOf(
  attributes: Readonly<Record<string, string>>,
  line: number,
): Omit<PackageTable, 'fields' | 'manyToMany'> {
  const name = need(attributes, 'name', 'entity', line);
  return {
    name,
    displayName: attributes['displayname'] ?? name,
    objectTypeCode: Number(attributes['etc'] ?? 0),
    primaryId: need(attributes, 'primaryidfield', 'entity', line),
    primaryName: attributes['primarynamefield'] ?? '',
  };
}

function fieldOf(attributes: Readonly<Record<string, string>>, line: number): PackageField {
  const name = need(attributes, 'name', 'field', line);
  return {
    name,
    displayName: attributes['displayname'] ?? name,
    type: need(attributes, 'type', 'field', line),
    targets: (attributes['lookupType'] ?? '').split('|').filter((target) => target !== ''),
    custom: attributes['customfield'] === 'true',
  };
}
