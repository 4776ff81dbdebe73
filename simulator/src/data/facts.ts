import { existsSync, readFileSync } from 'node:fs';
import type { Cascade, ColumnType, DeleteCascade, TableDefinition, Verb } from '../model/definitions.ts';

/** A column as `metadata/standard.json` holds it; what is absent has the usual value. */
export interface ColumnFact {
  readonly type: ColumnType;
  readonly schema: string;
  readonly label?: string;
  readonly id?: string;
  readonly number?: number;
  /** 'c' may be written at create, 'u' at update; absent means both. */
  readonly write?: '' | 'c' | 'u' | 'cu';
  readonly read?: false;
  readonly odata?: false;
  readonly of?: string;
  readonly required?: 'SystemRequired' | 'ApplicationRequired' | 'Recommended';
  readonly secured?: true;
  readonly source?: 1 | 2 | 3;
  readonly length?: number;
  readonly precision?: number;
  readonly min?: string;
  readonly max?: string;
  readonly format?: string;
  readonly behavior?: 'UserLocal' | 'DateOnly' | 'TimeZoneIndependent';
  readonly calculationOf?: string;
  readonly targets?: readonly string[];
  readonly options?: readonly OptionFact[];
  readonly optionSet?: string;
  readonly default?: number | boolean;
  readonly autoNumber?: string;
  readonly primaryImage?: boolean;
  readonly fullImage?: boolean;
  readonly sizeKb?: number;
}

export type OptionFact = readonly [
  value: number,
  label: string,
  extra?: { readonly state?: number; readonly status?: number; readonly invariant?: string },
];

export interface TableFact {
  readonly set: string | null;
  readonly key: string;
  readonly id?: string;
  readonly privileges?: readonly (readonly [verb: Verb, name: string, id: string])[];
  readonly keys?: readonly { name: string; schema: string; id: string; columns: readonly string[] }[];
  readonly columns: Readonly<Record<string, ColumnFact>>;
}

export interface RelationshipFact {
  readonly schema: string;
  readonly id?: string;
  readonly parent: string;
  readonly child: string;
  readonly column: string;
  readonly collection: string;
  readonly navigation: string;
  readonly hierarchical?: boolean;
  readonly cascade: {
    readonly assign?: Cascade;
    readonly delete?: DeleteCascade;
    readonly merge?: Cascade;
    readonly reparent?: Cascade;
    readonly share?: Cascade;
    readonly unshare?: Cascade;
  };
}

/** What `metadata/catalog.json` says of a table beside its columns. */
export interface CatalogTable {
  readonly code: number;
  readonly schema: string;
  readonly label: string;
  readonly plural: string;
  readonly name: string | null;
  readonly owner: TableDefinition['ownership'];
  readonly image?: string;
  readonly notes?: 1;
  readonly activity?: 1;
  readonly intersect?: 1;
  /** Change tracking; on where absent. */
  readonly tracked?: 0 | 1;
  /** Last part of the privilege names, where tables share privileges. */
  readonly prv?: string;
  /** `0 Active = 1 Active; 1 Inactive = 2 Inactive`; the first status of a state is its default. */
  readonly states?: string;
}

export interface CatalogLink {
  readonly schema: string;
  readonly intersect: string;
  readonly table1: string;
  readonly column1: string;
  readonly table2: string;
  readonly column2: string;
}

export interface Facts {
  readonly catalog: {
    readonly tables: Readonly<Record<string, CatalogTable>>;
    readonly manyToMany: readonly CatalogLink[];
  };
  readonly standard: {
    readonly tables: Readonly<Record<string, TableFact>>;
    readonly oneToMany: readonly RelationshipFact[];
  };
}

/**
 * Which standard tables there are: `lean` those that most environments work with, `full` everything that customers
 * have rows in.
 */
export type Extent = 'lean' | 'full';

/** What the tables of `metadata/catalog-full.json` add: new tables whole, of the others single columns. */
interface Additions {
  readonly tables: Readonly<Record<string, TableFact | Pick<TableFact, 'columns'>>>;
  readonly oneToMany: readonly RelationshipFact[];
}

/** The facts that come with the simulator, generated and kept in `simulator/metadata`. */
export function readFacts(extent: Extent = 'lean'): Facts {
  // The files are part of this package and checked by built-in-schema.test.ts.
  const catalog = readMetadataFile('catalog.json') as Facts['catalog'];
  const standard = readMetadataFile('standard.json') as Facts['standard'];
  if (extent === 'lean') return { catalog, standard };
  const more = readMetadataFile('catalog-full.json') as Facts['catalog'];
  const additions = readMetadataFile('standard-full.json') as Additions;
  return {
    catalog: {
      tables: { ...catalog.tables, ...more.tables },
      manyToMany: [...catalog.manyToMany, ...more.manyToMany],
    },
    standard: {
      tables: withAdditions(standard.tables, additions.tables),
      oneToMany: [...standard.oneToMany, ...additions.oneToMany],
    },
  };
}

function withAdditions(
  tables: Facts['standard']['tables'],
  additions: Additions['tables'],
): Facts['standard']['tables'] {
  const result: Record<string, TableFact> = { ...tables };
  for (const [name, added] of Object.entries(additions)) {
    const known = tables[name];
    if (known) result[name] = { ...known, columns: { ...known.columns, ...added.columns } };
    else if ('key' in added) result[name] = added;
    else throw new Error(`standard-full.json adds columns to ${name}, which standard.json does not have`);
  }
  return result;
}

export function readMetadataFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, (folder ??= metadataFolder())), 'utf8'));
}

let folder: URL | undefined;

/** `metadata/` lies beside `src/`; compiled code runs one folder deeper. */
function metadataFolder(): URL {
  const places = ['../../metadata/', '../../../metadata/'].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(new URL('standard.json', place)));
  if (!found)
    throw new Error(`The simulator's metadata folder is missing: ${places.map(String).join(' or ')}`);
  return found;
}
