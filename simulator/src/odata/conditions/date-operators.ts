import { badRequest } from '../../service/errors.ts';
import {
  addMonths,
  DAY_MS,
  HOUR_MS,
  startOfDay,
  startOfMonth,
  startOfWeek,
  startOfYear,
  type Range,
} from './calendar.ts';
import { instantMs } from './column-value.ts';
import {
  positive,
  unsupportedOperator,
  type Operator,
  type Operators,
  type Target,
  type ValueTest,
} from './condition.ts';

/** Is the instant (or the day) in the range? Null never is. */
export function within(target: Target, operator: string, [from, to]: Range): ValueTest {
  if (target.column.type !== 'DateTimeType') throw unsupportedOperator(operator, target);
  return (text) => {
    const ms = text === undefined ? undefined : instantMs(text);
    return ms !== undefined && ms >= from && ms < to;
  };
}

/** A range around the present instant that needs nothing but it. */
function fixed(name: string, range: (now: number) => Range): Operators {
  return {
    [name]: {
      takes: 0,
      compile: (target) => within(target, name, range(target.context.environment.now())),
    },
  };
}

/** A range that reaches some units back or forward. Hours and minutes say nothing about a day without a time. */
function reaching(name: string, range: (now: number, count: number) => Range): Operators {
  const timed = /hours|minutes/.test(name);
  return {
    [name]: {
      takes: 1,
      compile: (target, [value]) => {
        if (timed && target.column.dateBehavior === 'DateOnly') throw unsupportedOperator(name, target);
        return within(target, name, range(target.context.environment.now(), positive(value)));
      },
    },
  };
}

/** The day of the value, whatever its time. */
function onDay(name: string, range: (day: number) => Range, wanted = true): Operators {
  const operator: Operator = {
    takes: 1,
    compile: (target, [value = '']) => {
      const ms = instantMs(value);
      if (ms === undefined) {
        throw badRequest(`The attribute value provided is invalid. '${value}' is no date.`, '0x80041139');
      }
      const test = within(target, name, range(startOfDay(ms)));
      return (text) => test(text) === wanted;
    },
  };
  return { [name]: operator };
}

const days = (count: number) => count * DAY_MS;
const week = (ms: number, offset: number): Range => [
  startOfWeek(ms) + days(7 * offset),
  startOfWeek(ms) + days(7 * offset + 7),
];
const month = (ms: number, offset: number): Range => [
  addMonths(startOfMonth(ms), offset),
  addMonths(startOfMonth(ms), offset + 1),
];
const year = (ms: number, offset: number): Range => [
  addMonths(startOfYear(ms), 12 * offset),
  addMonths(startOfYear(ms), 12 * offset + 12),
];
const day = (ms: number, offset: number): Range => [
  startOfDay(ms) + days(offset),
  startOfDay(ms) + days(offset + 1),
];
const wholeHour = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;

/**
 * "Last" ranges begin with a whole unit and end now, "next" ranges begin now and end with a whole day (hour): of
 * today only the part on that side of now belongs to them.
 */
export const DATE_OPERATORS: Operators = {
  ...fixed('yesterday', (now) => day(now, -1)),
  ...fixed('today', (now) => day(now, 0)),
  ...fixed('tomorrow', (now) => day(now, 1)),
  ...fixed('last-seven-days', (now) => [startOfDay(now) - days(7), now]),
  ...fixed('next-seven-days', (now) => [now, startOfDay(now) + days(8)]),
  ...fixed('last-week', (now) => week(now, -1)),
  ...fixed('this-week', (now) => week(now, 0)),
  ...fixed('next-week', (now) => week(now, 1)),
  ...fixed('last-month', (now) => month(now, -1)),
  ...fixed('this-month', (now) => month(now, 0)),
  ...fixed('next-month', (now) => month(now, 1)),
  ...fixed('last-year', (now) => year(now, -1)),
  ...fixed('this-year', (now) => year(now, 0)),
  ...fixed('next-year', (now) => year(now, 1)),
  ...reaching('last-x-hours', (now, count) => [wholeHour(now) - count * HOUR_MS, now]),
  ...reaching('next-x-hours', (now, count) => [now, wholeHour(now) + (count + 1) * HOUR_MS]),
  ...reaching('last-x-days', (now, count) => [startOfDay(now) - days(count), now]),
  ...reaching('next-x-days', (now, count) => [now, startOfDay(now) + days(count + 1)]),
  ...reaching('last-x-weeks', (now, count) => [startOfDay(now) - days(7 * count), now]),
  ...reaching('next-x-weeks', (now, count) => [now, startOfDay(now) + days(7 * count + 1)]),
  ...reaching('last-x-months', (now, count) => [addMonths(startOfDay(now), -count), now]),
  ...reaching('next-x-months', (now, count) => [now, addMonths(startOfDay(now) + days(1), count)]),
  ...reaching('last-x-years', (now, count) => [addMonths(startOfDay(now), -12 * count), now]),
  ...reaching('next-x-years', (now, count) => [now, addMonths(startOfDay(now) + days(1), 12 * count)]),
  ...reaching('olderthan-x-minutes', (now, count) => [-Infinity, now - count * 60_000]),
  ...reaching('olderthan-x-hours', (now, count) => [-Infinity, now - count * HOUR_MS]),
  ...reaching('olderthan-x-days', (now, count) => [-Infinity, startOfDay(now) - days(count)]),
  ...reaching('olderthan-x-weeks', (now, count) => [-Infinity, startOfDay(now) - days(7 * count)]),
  ...reaching('olderthan-x-months', (now, count) => [-Infinity, addMonths(startOfDay(now), -count)]),
  ...reaching('olderthan-x-years', (now, count) => [-Infinity, addMonths(startOfDay(now), -12 * count)]),
  ...onDay('on', (ms) => day(ms, 0)),
  ...onDay('not-on', (ms) => day(ms, 0), false),
  ...onDay('on-or-after', (ms) => [ms, Infinity]),
  ...onDay('on-or-before', (ms) => [-Infinity, ms + days(1)]),
};
