import type { Range } from './calendar.ts';
import { positive, type Operators, type Target } from './condition.ts';
import { within } from './date-operators.ts';
import { FiscalCalendar } from './fiscal-calendar.ts';

/** What a range is made from: the calendar, and the present year and period in it. */
interface Fiscal {
  readonly calendar: FiscalCalendar;
  readonly year: number;
  /** Periods since the beginning of the year. */
  readonly offset: number;
}

function present({ context }: Target): Fiscal {
  const calendar = new FiscalCalendar(context.environment);
  const now = context.environment.now();
  return { calendar, year: calendar.yearOf(now), offset: calendar.periodOf(now) - 1 };
}

function ranging(
  name: string,
  takes: 0 | 1 | 2,
  range: (fiscal: Fiscal, first: number, second: number) => Range,
): Operators {
  return {
    [name]: {
      takes,
      compile: (target, values) => {
        const [first = 0, second = 0] = values.map(positive);
        return within(target, name, range(present(target), first, second));
      },
    },
  };
}

/** "Last" and "next" leave out the present year or period. */
export const FISCAL_OPERATORS: Operators = {
  ...ranging('this-fiscal-year', 0, ({ calendar, year }) => calendar.years(year, 1)),
  ...ranging('last-fiscal-year', 0, ({ calendar, year }) => calendar.years(year - 1, 1)),
  ...ranging('next-fiscal-year', 0, ({ calendar, year }) => calendar.years(year + 1, 1)),
  ...ranging('last-x-fiscal-years', 1, ({ calendar, year }, count) => calendar.years(year - count, count)),
  ...ranging('next-x-fiscal-years', 1, ({ calendar, year }, count) => calendar.years(year + 1, count)),
  ...ranging('in-fiscal-year', 1, ({ calendar }, year) => calendar.years(year, 1)),
  ...ranging('this-fiscal-period', 0, ({ calendar, year, offset }) => calendar.periodsFrom(year, offset, 1)),
  ...ranging('last-fiscal-period', 0, ({ calendar, year, offset }) =>
    calendar.periodsFrom(year, offset - 1, 1),
  ),
  ...ranging('next-fiscal-period', 0, ({ calendar, year, offset }) =>
    calendar.periodsFrom(year, offset + 1, 1),
  ),
  ...ranging('last-x-fiscal-periods', 1, ({ calendar, year, offset }, count) =>
    calendar.periodsFrom(year, offset - count, count),
  ),
  ...ranging('next-x-fiscal-periods', 1, ({ calendar, year, offset }, count) =>
    calendar.periodsFrom(year, offset + 1, count),
  ),
  ...ranging('in-fiscal-period-and-year', 2, ({ calendar }, period, year) =>
    calendar.periodsFrom(year, period - 1, 1),
  ),
  ...ranging('in-or-before-fiscal-period-and-year', 2, ({ calendar }, period, year) => [
    -Infinity,
    calendar.periodsFrom(year, period - 1, 1)[1],
  ]),
  ...ranging('in-or-after-fiscal-period-and-year', 2, ({ calendar }, period, year) => [
    calendar.periodsFrom(year, period - 1, 1)[0],
    Infinity,
  ]),
  'in-fiscal-period': {
    takes: 1,
    compile: (target, [value]) => {
      const period = positive(value);
      const calendar = new FiscalCalendar(target.context.environment);
      const isDate = within(target, 'in-fiscal-period', [-Infinity, Infinity]);
      return (text) => isDate(text) && calendar.periodOf(Date.parse(text ?? '')) === period;
    },
  },
};
