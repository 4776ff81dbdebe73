import type {
  ColumnDefinition,
  Details,
  ManyToManyDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../model/definitions.ts';
import { readMetadataFile } from './facts.ts';

/** `metadata/details.json`: what recorded definitions say beyond the facts, for the tables that were recorded whole. */
interface DetailsFile {
  readonly tables: Readonly<Record<string, Details>>;
  /** Flags that many columns share: the first whole, the others as differences from it. */
  readonly profiles: readonly Details[];
  readonly columns: Readonly<
    Record<string, Readonly<Record<string, readonly [profile: number, own?: Details]>>>
  >;
  readonly optionSets: Readonly<Record<string, Readonly<Record<string, Details>>>>;
  /** By schema name, of both kinds. */
  readonly relationships: Readonly<Record<string, Details>>;
}

/** Adds to each definition what was recorded of it; those that were not recorded stay as they are. */
export function withRecordedDetails(schema: SchemaDefinition): SchemaDefinition {
  const file = readMetadataFile('details.json') as DetailsFile; // part of this package; see built-in-schema.test.ts
  return {
    ...schema,
    tables: schema.tables.map((table) => detailedTable(file, table)),
    oneToMany: schema.oneToMany.map((one) => detailedRelationship(file, one)),
    manyToMany: schema.manyToMany.map((one) => detailedRelationship(file, one)),
  };
}

function detailedTable(file: DetailsFile, table: TableDefinition): TableDefinition {
  const details = file.tables[table.logicalName];
  if (details === undefined) return table;
  const columns = [...table.columns.values()].map((column) => detailedColumn(file, table, column));
  return {
    ...table,
    details,
    columns: new Map(columns.map((column) => [column.logicalName, column])),
  };
}

function detailedColumn(
  file: DetailsFile,
  table: TableDefinition,
  column: ColumnDefinition,
): ColumnDefinition {
  const entry = file.columns[table.logicalName]?.[column.logicalName];
  if (entry === undefined) return column;
  const [profile, own] = entry;
  const set = file.optionSets[table.logicalName]?.[column.logicalName];
  return {
    ...column,
    details: { ...file.profiles[0], ...file.profiles[profile], ...own },
    ...(set === undefined ? {} : { optionSetDetails: set }),
  };
}

function detailedRelationship<Relationship extends OneToManyDefinition | ManyToManyDefinition>(
  file: DetailsFile,
  relationship: Relationship,
): Relationship {
  const details = file.relationships[relationship.schemaName];
  if (details === undefined) return relationship;
  const { MetadataId: metadataId } = details;
  return { ...relationship, details, ...(typeof metadataId === 'string' ? { metadataId } : {}) };
}
