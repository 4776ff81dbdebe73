import type { ColumnDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { divide, sumOf, toScale } from '../../store/decimal.ts';
import { compareTexts, kindOf } from '../../store/values.ts';
import { formatValue } from '../format-value.ts';
import { printValue, styleOf } from '../print-value.ts';
import type { Printed } from './date-grouping.ts';
import { columnReader, type PlanTable, type Tuple } from './plan.ts';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';

/** Digits after the point of sums and averages, as recorded answers show them for money. */
const SCALES: Readonly<Record<string, number>> = {
  IntegerType: 0,
  BigIntType: 0,
  DecimalType: 10,
  MoneyType: 9,
};

/** What an aggregate makes of the rows of one group; undefined for null, which is left out. */
export interface AggregateOutput {
  readonly column: ColumnDefinition;
  readonly value: (tuples: readonly Tuple[]) => (Printed & { readonly text: string }) | undefined;
}

/** A result, and the column whose literals it is like; undefined for a plain number. */
interface Result {
  readonly text: string;
  readonly like: ColumnDefinition | undefined;
}

type Aggregate = (column: ColumnDefinition, texts: readonly string[], count: number) => Result | undefined;

/** @throws ServiceError 400 `0x8004111a` for an unknown function, `0x8004112F` for a column it does not fit */
export function aggregateOutput(
  context: RequestContext,
  table: PlanTable,
  column: ColumnDefinition,
  name: string,
  distinct: boolean,
): AggregateOutput {
  const aggregate = Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined;
  if (aggregate === undefined) {
    throw badRequest(`An error occurred while processing Aggregates in Query. '${name}'`, '0x8004111a');
  }
  if (!fits(name, column)) {
    throw badRequest(
      `Aggregate ${name} is not supported for attribute of type ${column.type}.`,
      '0x8004112F',
    );
  }
  const read = columnReader(table, column);
  return {
    column,
    value: (tuples) => {
      const texts = tuples.flatMap((tuple) => read(tuple) ?? []);
      const counted = distinct ? [...new Set(texts.map((text) => text.toLowerCase()))] : texts;
      const result = aggregate(column, counted, tuples.length);
      return result === undefined ? undefined : print(context, result, tuples[0]?.[table.slot]?.values ?? {});
    },
  };
}

function fits(name: string, { type, logicalName }: ColumnDefinition): boolean {
  if (name === 'count' || name === 'countcolumn') return true;
  if (type in SCALES || type === 'DoubleType') return logicalName !== 'versionnumber';
  return (name === 'min' || name === 'max') && type === 'DateTimeType';
}

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: (_column, _texts, count) => ({ text: String(count), like: undefined }),
  countcolumn: (_column, texts) => ({ text: String(texts.length), like: undefined }),
  min: (column, texts) => extreme(column, texts, -1),
  max: (column, texts) => extreme(column, texts, 1),
  sum: (column, texts, count) => (count === 0 ? undefined : { text: sum(column, texts), like: column }),
  avg: (column, texts) => (texts.length === 0 ? undefined : { text: average(column, texts), like: column }),
};

function extreme(column: ColumnDefinition, texts: readonly string[], sign: 1 | -1): Result | undefined {
  const kind = kindOf(column);
  const found = texts.reduce<string | undefined>(
    (best, text) => (best === undefined || compareTexts(kind, text, best) * sign > 0 ? text : best),
    undefined,
  );
  return found === undefined ? undefined : { text: found, like: column };
}

/** Exact but for columns of floating point. Rows that hold only nulls add up to zero. */
function sum(column: ColumnDefinition, texts: readonly string[]): string {
  const scale = SCALES[column.type];
  if (scale === undefined) return String(texts.reduce((total, text) => total + Number(text), 0));
  return toScale(sumOf(texts), scale);
}

/** Averages of whole numbers are whole, cut towards zero. */
function average(column: ColumnDefinition, texts: readonly string[]): string {
  const scale = SCALES[column.type];
  if (scale === undefined)
    return String(texts.reduce((total, text) => total + Number(text), 0) / texts.length);
  const total = sumOf(texts);
  return scale === 0
    ? String(BigInt(total) / BigInt(texts.length))
    : divide(total, String(texts.length), scale);
}

function print(
  context: RequestContext,
  { text, like }: Result,
  values: Readonly<Record<string, StoredValue>>,
): Printed & { text: string } {
  const wanted = context.preferences.annotation(FORMATTED);
  if (like === undefined) {
    return {
      text,
      literal: text,
      annotations: wanted ? { [FORMATTED]: Number(text).toLocaleString('en-US') } : {},
    };
  }
  const formatted = wanted ? formatValue(context.environment, like, text, values) : undefined;
  return {
    text,
    literal: printValue({ column: like }, text, styleOf(context)),
    annotations: formatted === undefined ? {} : { [FORMATTED]: formatted },
  };
}
