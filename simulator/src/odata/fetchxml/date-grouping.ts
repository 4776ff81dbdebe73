import type { ColumnDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import type { Kind } from '../../store/values.ts';
import { weekOfYear } from '../conditions/calendar.ts';
import { instantMs } from '../conditions/column-value.ts';
import { FiscalCalendar } from '../conditions/fiscal-calendar.ts';
import { columnReader, type PlanTable, type Tuple } from './plan.ts';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';

/** A literal of an aggregate row with its annotations by name. */
export interface Printed {
  readonly literal: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What an aggregate query groups by. */
export interface Group {
  readonly kind: Kind;
  /** Equal for tuples of one group; undefined for null. */
  readonly key: (tuple: Tuple) => string | undefined;
  /** Undefined for null, which is left out. */
  readonly value: (tuple: Tuple) => Printed | undefined;
}

type Part = (ms: number, calendar: FiscalCalendar) => number;

const PARTS = {
  day: (ms) => new Date(ms).getUTCDate(),
  week: (ms) => weekOfYear(ms),
  month: (ms) => new Date(ms).getUTCMonth() + 1,
  quarter: (ms) => Math.floor(new Date(ms).getUTCMonth() / 3) + 1,
  year: (ms) => new Date(ms).getUTCFullYear(),
  'fiscal-period': (ms, calendar) => calendar.yearOf(ms) * 100 + calendar.periodOf(ms),
  'fiscal-year': (ms, calendar) => calendar.yearOf(ms),
} as const satisfies Readonly<Record<string, Part>>;

export type DateGrouping = keyof typeof PARTS;

export function isDateGrouping(text: string): text is DateGrouping {
  return Object.hasOwn(PARTS, text);
}

/** Groups by a part of a date in UTC: all Mays together, whatever the year. Fiscal periods carry their year. */
export function dateGroup(
  context: RequestContext,
  table: PlanTable,
  column: ColumnDefinition,
  grouping: DateGrouping,
): Group {
  const read = columnReader(table, column);
  const calendar = new FiscalCalendar(context.environment);
  const part: Part = PARTS[grouping];
  const key = (tuple: Tuple) => {
    const text = read(tuple);
    const ms = text === undefined ? undefined : instantMs(text);
    return ms === undefined ? undefined : String(part(ms, calendar));
  };
  return {
    kind: 'number',
    key,
    value: (tuple) => {
      const literal = key(tuple);
      if (literal === undefined) return undefined;
      const wanted = context.preferences.annotation(FORMATTED);
      return { literal, annotations: wanted ? { [FORMATTED]: formatted(grouping, literal, calendar) } : {} };
    },
  };
}

const PERIOD_NAMES: Readonly<Record<number, string>> = {
  1: 'Year',
  2: 'Semester',
  4: 'Quarter',
  12: 'Month',
  13: 'P',
};

function formatted(grouping: DateGrouping, literal: string, calendar: FiscalCalendar): string {
  if (grouping === 'fiscal-year') return `FY${literal}`;
  if (grouping !== 'fiscal-period') return Number(literal).toLocaleString('en-US');
  const name = PERIOD_NAMES[calendar.periods] ?? 'Period';
  return `${name} ${Number(literal) % 100} FY${Math.floor(Number(literal) / 100)}`;
}
