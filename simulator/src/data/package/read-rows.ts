import type { ColumnDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { SeedLink, SeedRow, StoredValue } from '../../model/seed.ts';
import { convertValue, type ConversionCounts } from './convert-value.ts';
import { PackageError } from './package-error.ts';
import type { PackageData, RawRecord } from './read-package-data.ts';

type Files = NonNullable<SeedRow['files']>;

export interface PackageRows {
  readonly rows: readonly SeedRow[];
  readonly links: readonly SeedLink[];
  /** Names of rows that lookups point to, by `<table> <id>`. */
  readonly lookupNames: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** The package's records as seed rows; parties become rows of `activityparty`. Throws PackageError. */
export function readRows(data: PackageData, schema: SchemaDefinition): PackageRows {
  const reader = new RowReader(schema);
  for (const [name, records] of data.tables) reader.readTable(name, records);
  return {
    rows: reader.rows,
    links: readLinks(data, schema),
    lookupNames: reader.lookupNames,
    notes: reader.notes(),
  };
}

class RowReader {
  readonly rows: SeedRow[] = [];
  readonly lookupNames = new Map<string, string>();
  readonly #tables: ReadonlyMap<string, TableDefinition>;
  readonly #counts: ConversionCounts = { usDates: 0, cutFractions: 0 };
  readonly #seen = new Set<string>();
  #parties = 0;
  #pointers = 0;

  constructor(schema: SchemaDefinition) {
    this.#tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  }

  readTable(name: string, records: readonly RawRecord[]): void {
    // Every activity is a row of its own table as well; the environment forms the common view itself.
    if (name === 'activitypointer') this.#pointers += records.length;
    else for (const record of records) this.#readRecord(name, record);
  }

  notes(): string[] {
    const { usDates, cutFractions } = this.#counts;
    return [
      ...(usDates > 0 ? [`${usDates} dates are US text without a zone; they were taken as UTC.`] : []),
      ...(cutFractions > 0
        ? [`${cutFractions} instants had fractions of a second; columns hold whole seconds.`]
        : []),
      ...(this.#parties > 0
        ? [`${this.#parties} party rows of activities became rows of activityparty.`]
        : []),
      ...(this.#pointers > 0
        ? [`${this.#pointers} rows of activitypointer were left to their own activity tables.`]
        : []),
    ];
  }

  #readRecord(name: string, record: RawRecord): void {
    const table = this.#tables.get(name);
    if (!table) {
      throw new PackageError(
        'package-schema-invalid',
        `data.xml line ${record.line}: table ${name} is not in data_schema.xml`,
        'The two files must come from the same export.',
      );
    }
    // The tool may list a row twice when two tables of the schema reach it; the first one counts.
    const key = `${name} ${record.id}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const values: Record<string, StoredValue> = {};
    const files: Record<string, Files[string]> = {};
    for (const field of record.fields) {
      for (const party of field.parties) this.#readParty(party);
      if (field.value === '') continue;
      const column = this.#columnOf(table, field.name, record.line);
      if (column.type === 'ImageType') files[field.name] = imageOf(field.name, field.value);
      else {
        values[field.name] = convertValue(
          column,
          field,
          `data.xml line ${record.line}: ${name} ${record.id}`,
          this.#counts,
        );
        this.#noteName(values[field.name], field.lookupName);
      }
    }
    values[table.primaryId] ??= record.id;
    this.rows.push({
      table: name,
      id: record.id,
      values,
      ...(Object.keys(files).length > 0 ? { files } : {}),
    });
  }

  #readParty(party: RawRecord): void {
    this.#parties++;
    this.#readRecord('activityparty', party);
  }

  #columnOf(table: TableDefinition, name: string, line: number): ColumnDefinition {
    const column = table.columns.get(name);
    if (column) return column;
    throw new PackageError(
      'package-schema-invalid',
      `data.xml line ${line}: field ${table.logicalName}.${name} is not in data_schema.xml`,
      'The two files must come from the same export.',
    );
  }

  #noteName(value: StoredValue | undefined, name: string | undefined): void {
    if (name === undefined || typeof value !== 'object' || value === null) return;
    this.lookupNames.set(`${value.table} ${value.id}`, name);
  }
}

const SIGNATURES: readonly (readonly [hex: string, mimeType: string, ending: string])[] = [
  ['89504e47', 'image/png', 'png'],
  ['ffd8ff', 'image/jpeg', 'jpg'],
  ['47494638', 'image/gif', 'gif'],
  ['424d', 'image/bmp', 'bmp'],
];

function imageOf(column: string, base64: string): Files[string] {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const [, mimeType, ending] = SIGNATURES.find(([hex]) => start.startsWith(hex)) ?? ['', 'image/png', 'png'];
  return { name: `${column}.${ending}`, mimeType, bytes };
}

/** Pairs, each once, turned so that the first id belongs to the relationship's first table. */
function readLinks(data: PackageData, schema: SchemaDefinition): SeedLink[] {
  const links = new Map<string, SeedLink>();
  for (const raw of data.links) {
    const definition = schema.manyToMany.find(
      (link) => link.intersectTable === raw.relationship || link.schemaName === raw.relationship,
    );
    if (!definition) throw new Error(`The many-to-many ${raw.relationship} was not added to the schema`);
    const turned = definition.table1 !== raw.sourceTable;
    const [id1, id2] = turned ? [raw.targetId, raw.sourceId] : [raw.sourceId, raw.targetId];
    links.set(`${definition.schemaName} ${id1} ${id2}`, { relationship: definition.schemaName, id1, id2 });
  }
  return [...links.values()];
}
