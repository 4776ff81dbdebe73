import type { Environment } from '../../service/environment.ts';
import { plainText } from '../../store/values.ts';
import { addMonths, DAY_MS, type Range } from './calendar.ts';
import { instantMs } from './column-value.ts';

/** How many periods a year has, by `organization.fiscalperiodtype`. */
const PERIODS: Readonly<Record<string, number>> = { 2000: 1, 2001: 2, 2002: 4, 2003: 12, 2004: 13 };
const QUARTERLY = '2002';
const FOUR_WEEKS = 13;
/** `organization.fiscalyeardisplaycode`: the year is named after the calendar year in which it ends. */
const NAMED_BY_END = '2';

/** The fiscal years of an organisation and their parts: quarters from January 1st unless its settings differ. */
export class FiscalCalendar {
  readonly periods: number;
  readonly #month: number;
  readonly #day: number;
  readonly #lead: number;

  constructor(environment: Environment) {
    const setting = (name: string) => plainText(environment.setting(name));
    const start = instantMs(setting('fiscalcalendarstart'));
    const date = new Date(start ?? 0);
    this.#month = date.getUTCMonth();
    this.#day = date.getUTCDate();
    this.periods = PERIODS[setting('fiscalperiodtype')] ?? PERIODS[QUARTERLY] ?? 4;
    const whole = this.#month === 0 && this.#day === 1;
    this.#lead = setting('fiscalyeardisplaycode') === NAMED_BY_END && !whole ? 1 : 0;
  }

  /** The name of the fiscal year in which the instant lies. */
  yearOf(ms: number): number {
    const year = new Date(ms).getUTCFullYear() + this.#lead;
    if (ms < this.#startOf(year)) return year - 1;
    return ms < this.#startOf(year + 1) ? year : year + 1;
  }

  /** From 1. */
  periodOf(ms: number): number {
    const year = this.yearOf(ms);
    for (let period = this.periods; period > 1; period--) {
      if (ms >= this.#startOfPeriod(year, period)) return period;
    }
    return 1;
  }

  years(from: number, count: number): Range {
    return [this.#startOf(from), this.#startOf(from + count)];
  }

  /** Periods that follow each other, `offset` away from the first of the year. */
  periodsFrom(year: number, offset: number, count: number): Range {
    return [this.#nth(year, offset), this.#nth(year, offset + count)];
  }

  #nth(year: number, offset: number): number {
    const years = Math.floor(offset / this.periods);
    return this.#startOfPeriod(year + years, offset - years * this.periods + 1);
  }

  #startOf(year: number): number {
    return Date.UTC(year - this.#lead, this.#month, this.#day);
  }

  #startOfPeriod(year: number, period: number): number {
    const start = this.#startOf(year);
    if (this.periods === FOUR_WEEKS) return start + (period - 1) * 28 * DAY_MS;
    return addMonths(start, ((period - 1) * 12) / this.periods);
  }
}
