import { type DeltaField, duckTypes } from './columns.ts';
import { instantWithMicros } from './instants.ts';
import { type ParquetEngine, allRows, quoteName, quoteText } from './parquet-engine.ts';
import type { RowSpool } from './row-spool.ts';

/** Delta's statistics of one file, for the few columns that may have them. */
export interface FileStatistics {
  readonly numRecords: number;
  readonly minValues: Readonly<Record<string, string | number>>;
  readonly maxValues: Readonly<Record<string, string | number>>;
  readonly nullCount: Readonly<Record<string, number>>;
}

/** Small enough that one row of a long table costs little to read, large enough for a small footer. */
const rowGroupRows = 20_480;

/** Sorted by key and sequence. The spooled cells carry the fields' names; what they lack is null. */
export async function writeParquet(
  engine: ParquetEngine,
  spool: RowSpool,
  fields: readonly DeltaField[],
  sortBy: readonly string[],
  target: string,
): Promise<void> {
  // Declared types keep DuckDB from guessing. Only these four are exact as JSON; the rest is quoted and cast.
  const direct = new Set(['string', 'integer', 'boolean', 'double']);
  const declared = fields.map(
    ({ name, type }) => `${quoteText(name)}: '${direct.has(type) ? duckTypes[type] : 'VARCHAR'}'`,
  );
  const selected = fields.map((field) => `${cast(field)} AS ${quoteName(field.name)}`);
  await engine.run(
    `COPY (SELECT ${selected.join(', ')} FROM read_json(${quoteText(spool.path)},
       format = 'newline_delimited', columns = {${declared.join(', ')}},
       maximum_object_size = ${Math.max(1_048_576, spool.longestLine * 2)})
     ORDER BY ${sortBy.map(quoteName).join(', ')})
     TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows})`,
  );
}

/**
 * From the spooled cell to the column. DuckDB reads a decimal of 38 digits from text a hundred times slower than one of
 * 18, so that is tried first. No digit is lost: both have the same digits after the point, and what has too many before
 * it is null after the try and read the long way.
 */
function cast({ name, type }: DeltaField): string {
  const cell = quoteName(name);
  const whole = `${cell}::${duckTypes[type]}`;
  const short = type.startsWith('decimal') ? duckTypes[type].replace('38', '18') : null;
  return short === null ? whole : `coalesce(TRY_CAST(${cell} AS ${short})::${duckTypes[type]}, ${whole})`;
}

/** Statistics of exactly these columns: the log is readable by more people than the values. */
export async function readStatistics(
  engine: ParquetEngine,
  path: string,
  fields: readonly DeltaField[],
): Promise<FileStatistics> {
  const parts = fields.flatMap(({ name, type }) => {
    const column = type === 'timestamp' ? `epoch_us(${quoteName(name)})` : quoteName(name);
    return [`min(${column})`, `max(${column})`, `count(*) - count(${column})`];
  });
  const rows = await allRows(
    engine,
    `SELECT count(*), ${parts.join(', ')} FROM read_parquet(${quoteText(path)})`,
  );
  const cells = rows[0] ?? [];
  const minValues: Record<string, string | number> = {};
  const maxValues: Record<string, string | number> = {};
  const nullCount: Record<string, number> = {};
  fields.forEach((field, i) => {
    put(minValues, field, cells[1 + i * 3]);
    put(maxValues, field, cells[2 + i * 3]);
    nullCount[field.name] = Number(cells[3 + i * 3]);
  });
  return { numRecords: Number(cells[0]), minValues, maxValues, nullCount };
}

/** Leaves out what JSON numbers could not carry exactly: a missing bound only costs speed. */
function put(bounds: Record<string, string | number>, { name, type }: DeltaField, cell: unknown): void {
  if (typeof cell === 'bigint' && type === 'timestamp') bounds[name] = instantWithMicros(cell);
  else if (typeof cell === 'bigint' && Number.isSafeInteger(Number(cell))) bounds[name] = Number(cell);
  else if (typeof cell === 'string' || typeof cell === 'number') bounds[name] = cell;
}
