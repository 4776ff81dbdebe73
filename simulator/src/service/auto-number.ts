import { columnsWhere } from '../model/columns-where.ts';
import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { guidFromText } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Environment } from './environment.ts';

const FIRST_NUMBER = 1000;

const numberedColumns = columnsWhere((column) => (column.autoNumberFormat ?? '') !== '');

/** Counters of autonumber columns, by `table.column`: the number that comes next. Gaps are normal. */
export class AutoNumbers {
  readonly #next = new Map<string, number>();
  readonly #seeds = new Map<string, number>();

  snapshot(): ReadonlyMap<string, number> {
    return new Map(this.#next);
  }

  reset(snapshot: ReadonlyMap<string, number>): void {
    this.#next.clear();
    for (const [column, next] of snapshot) this.#next.set(column, next);
  }

  take(table: string, column: string): number {
    const number = this.#next.get(`${table}.${column}`) ?? FIRST_NUMBER;
    this.#next.set(`${table}.${column}`, number + 1);
    return number;
  }

  /** The counter has been at this number: rows of a seed were numbered by it once. */
  passed(table: string, column: string, number: number): void {
    const next = this.#next.get(`${table}.${column}`) ?? FIRST_NUMBER;
    this.set(table, column, Math.max(next, number + 1));
  }

  /** The number that comes next, without taking it. */
  next(table: string, column: string): number {
    return this.#next.get(`${table}.${column}`) ?? FIRST_NUMBER;
  }

  /** Where the counter begins anew. */
  seed(table: string, column: string, first: number): void {
    this.#seeds.set(`${table}.${column}`, first);
    this.set(table, column, first);
  }

  seedOf(table: string, column: string): number {
    return this.#seeds.get(`${table}.${column}`) ?? FIRST_NUMBER;
  }

  set(table: string, column: string, next: number): void {
    this.#next.set(`${table}.${column}`, next);
  }
}

/** Values for autonumber columns that were not given one; by default a given value is kept as it is. */
export function autoNumbers(
  environment: Environment,
  table: TableDefinition,
  given: Readonly<Record<string, StoredValue>>,
): Record<string, StoredValue> {
  const values: Record<string, StoredValue> = {};
  const keeps = environment.switches.explicitAutoNumber === 'kept';
  for (const column of numberedColumns(table)) {
    if (keeps && (given[column.logicalName] ?? null) !== null) continue;
    values[column.logicalName] = generate(environment, table, column, column.autoNumberFormat ?? '');
  }
  return values;
}

/** Moves the counters past the numbers that a row of a seed holds, so that new rows get fresh ones. */
export function passNumbers(
  environment: Environment,
  table: TableDefinition,
  values: Readonly<Record<string, StoredValue>>,
): void {
  for (const column of numberedColumns(table)) {
    const value = values[column.logicalName];
    if (typeof value !== 'string') continue;
    const number = numberPattern(column.autoNumberFormat ?? '').exec(value)?.[1];
    if (number !== undefined)
      environment.autoNumbers.passed(table.logicalName, column.logicalName, Number(number));
  }
}

/** The format as a pattern whose one group is the running number. */
function numberPattern(format: string): RegExp {
  const source = format
    .split(/(\{[^}]*\})/)
    .map((part) =>
      part.startsWith('{SEQNUM')
        ? '(\\d+)'
        : part.startsWith('{')
          ? '.+'
          : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`);
}

function generate(
  environment: Environment,
  table: TableDefinition,
  column: ColumnDefinition,
  format: string,
): string {
  return format.replace(
    /\{(SEQNUM|RANDSTRING|DATETIMEUTC):([^}]*)\}/g,
    (_all, kind: string, argument: string) => {
      if (kind === 'DATETIMEUTC') return dateText(environment.timestamp(), argument);
      const length = Number(argument);
      if (kind === 'RANDSTRING') {
        return guidFromText(environment.newId()).replaceAll('-', '').toUpperCase().slice(0, length);
      }
      return String(environment.autoNumbers.take(table.logicalName, column.logicalName)).padStart(
        length,
        '0',
      );
    },
  );
}

function dateText(timestamp: string, format: string): string {
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] =
    timestamp.match(/\d+/g) ?? [];
  const parts: Readonly<Record<string, string>> = {
    yyyy: year,
    MM: month,
    dd: day,
    HH: hour,
    mm: minute,
    ss: second,
  };
  return format.replace(/yyyy|MM|dd|HH|mm|ss/g, (token) => parts[token] ?? token);
}
