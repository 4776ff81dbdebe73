import type { ColumnDefinition } from '../../model/definitions.ts';
import { guidFromText, seededRandom } from '../../model/guid.ts';
import type { StoredValue } from '../../model/seed.ts';
import type { Reference } from '../values.ts';
import { hashText } from './mix.ts';

/** What generated values may refer to, and the columns whose values are given rather than drawn. */
export interface ValueSources {
  /** Some ids of each table that lookups may point to. */
  readonly ids: (table: string) => readonly string[];
  readonly fixed: ReadonlyMap<string, StoredValue>;
}

/** Share of empty values in a column that need not hold one. */
const EMPTY_SHARE = 0.3;

const WORDS =
  'order offer north river amber delta Größe façade naïve straße 東京 Łódź señal "quoted" back\\slash emoji😀 plain steel copper review pending approved contact branch harbour winter summer quality sample measure signal'.split(
    ' ',
  );

type Random = () => number;

/** `count` values for a column, drawn from a seed: what a column of that type looks like when people filled it. */
export function drawChoices(
  table: string,
  column: ColumnDefinition,
  count: number,
  seed: number,
  sources: ValueSources,
): readonly StoredValue[] {
  const { logicalName } = column;
  const random = seededRandom(hashText(`${seed} ${table}.${logicalName}`));
  if (sources.fixed.has(logicalName)) {
    return Array.from({ length: count }, () => sources.fixed.get(logicalName) ?? null);
  }
  const required = column.requiredLevel === 'SystemRequired' || logicalName.endsWith('on');
  return Array.from({ length: count }, () =>
    !required && fraction(random) < EMPTY_SHARE ? null : draw(column, random, sources),
  );
}

/** Null for types that a row holds nothing of by itself: files, images, what the platform computes. */
function draw(column: ColumnDefinition, random: Random, sources: ValueSources): StoredValue {
  switch (column.type) {
    case 'StringType':
      return text(column, random);
    case 'MemoType':
      return cut(sentence(random, 4 + (random() % 12), random() % 8 === 0 ? '\n' : ' '), column);
    case 'IntegerType':
      return between(column, random);
    case 'BigIntType':
      return `${random() % 2 === 0 ? '-' : ''}${(BigInt(random() % 0x7fffffff) << 32n) + BigInt(random())}`;
    case 'DecimalType':
    case 'MoneyType':
      return decimal(random, column.precision ?? 2);
    case 'DoubleType':
      return Number(decimal(random, column.precision ?? 5));
    case 'BooleanType':
      return random() % 2 === 0;
    case 'DateTimeType':
      return moment(column, random);
    case 'PicklistType':
      return pick(random, column.options ?? [])?.value ?? null;
    case 'MultiSelectPicklistType':
      return (
        (column.options ?? []).flatMap(({ value }) => (random() % 2 === 0 ? [value] : [])).join() || null
      );
    case 'LookupType':
    case 'CustomerType':
    case 'OwnerType':
      return reference(column, random, sources);
    case 'UniqueidentifierType':
      return guidFromText(String(random()));
    default:
      return null;
  }
}

function text(column: ColumnDefinition, random: Random): string {
  const number = random() % 100_000;
  if (column.format === 'Email') return `person${number}@example.com`;
  if (column.format === 'Url') return `https://www.example.com/${number}`;
  if (column.format === 'Phone') return `+49 30 ${String(number).padStart(6, '0')}`;
  return cut(sentence(random, 1 + (random() % 4), ' '), column);
}

function sentence(random: Random, words: number, separator: string): string {
  return Array.from({ length: words }, () => pick(random, WORDS)).join(separator);
}

function cut(whole: string, column: ColumnDefinition): string {
  const most = column.maxLength ?? 100;
  return whole.length <= most ? whole : whole.slice(0, whole.lastIndexOf(' ', most));
}

function between(column: ColumnDefinition, random: Random): number {
  const low = Math.max(Number(column.minValue ?? -100_000), -100_000);
  const high = Math.min(Number(column.maxValue ?? 100_000), 100_000);
  return low + (random() % (high - low + 1));
}

function decimal(random: Random, precision: number): string {
  const whole = `${random() % 4 === 0 ? '-' : ''}${random() % 1_000_000}`;
  return precision === 0
    ? whole
    : `${whole}.${String(random()).padStart(10, '0').repeat(2).slice(-precision)}`;
}

/** `createdon` lies before all other instants. */
function moment(column: ColumnDefinition, random: Random): string {
  const year = column.logicalName === 'createdon' ? 2023 : 2024 + (random() % 2);
  const ms = Date.UTC(year, 0, 1) + (random() % (365 * 24 * 3600)) * 1000;
  const iso = new Date(ms).toISOString();
  return column.dateBehavior === 'DateOnly' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function reference(column: ColumnDefinition, random: Random, sources: ValueSources): Reference | null {
  const table = pick(random, column.targets ?? []);
  const id = table === undefined ? undefined : pick(random, sources.ids(table));
  return table === undefined || id === undefined ? null : { table, id };
}

function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list[random() % Math.max(1, list.length)];
}

function fraction(random: Random): number {
  return random() / 2 ** 32;
}
