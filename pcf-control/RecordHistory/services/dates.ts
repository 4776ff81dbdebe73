import type { Text } from './text';

/** Dates as this user wants them: their time zone, patterns and names come from the host's user settings. */
export type Dates = {
  /** "14:05" */
  time(instant: string): string;
  /** "Today", "Yesterday", "Friday, November 20"; with the year when it is another one. */
  day(instant: string): string;
  /** "at 11:35 today", "on Friday, November 20 at 16:10": fits into a sentence. */
  moment(instant: string): string;
  /** "4 minutes ago" */
  ago(instant: string): string;
};

type Settings = Pick<ComponentFramework.UserSettings, 'dateFormattingInfo' | 'getTimeZoneOffsetMinutes'>;

export function createDates(settings: Settings, now: () => number, text: Text): Dates {
  const info = settings.dateFormattingInfo;
  const local = (at: number): Date => new Date(at + settings.getTimeZoneOffsetMinutes(new Date(at)) * 60_000);
  const daysBefore = (instant: string): number =>
    Math.floor(local(now()).getTime() / 86_400_000) -
    Math.floor(local(Date.parse(instant)).getTime() / 86_400_000);
  const time = (instant: string) => formatPattern(local(Date.parse(instant)), info.shortTimePattern, info);
  const longDay = (instant: string): string => {
    const date = local(Date.parse(instant));
    if (date.getUTCFullYear() !== local(now()).getUTCFullYear())
      return formatPattern(date, info.longDatePattern, info);
    return text.say(
      'Day',
      info.dayNames[date.getUTCDay()] ?? '',
      formatPattern(date, info.monthDayPattern, info),
    );
  };
  return {
    time,
    day: (instant) => {
      const days = daysBefore(instant);
      if (days === 0) return text.say('Today');
      return days === 1 ? text.say('Yesterday') : longDay(instant);
    },
    moment: (instant) => {
      const days = daysBefore(instant);
      if (days === 0) return text.say('Moment_Today', time(instant));
      if (days === 1) return text.say('Moment_Yesterday', time(instant));
      return text.say('Moment_Day', time(instant), longDay(instant));
    },
    ago: (instant) => {
      const minutes = Math.max(0, Math.round((now() - Date.parse(instant)) / 60_000));
      if (minutes < 1) return text.say('Ago_Now');
      if (minutes < 60) return text.count('Ago_Minutes', minutes);
      if (minutes < 48 * 60) return text.count('Ago_Hours', Math.round(minutes / 60));
      return text.count('Ago_Days', Math.round(minutes / 1440));
    },
  };
}

type Info = ComponentFramework.UserSettingApi.DateFormattingInfo;

const two = (value: number) => String(value).padStart(2, '0');

/** A .NET date pattern over the UTC fields of `date`; quoted parts stay as they are. */
function formatPattern(date: Date, pattern: string, info: Info): string {
  const parts: Record<string, () => string> = {
    yyyy: () => String(date.getUTCFullYear()),
    yy: () => two(date.getUTCFullYear() % 100),
    MMMM: () => info.monthNames[date.getUTCMonth()] ?? '',
    MMM: () => info.abbreviatedMonthNames[date.getUTCMonth()] ?? '',
    MM: () => two(date.getUTCMonth() + 1),
    M: () => String(date.getUTCMonth() + 1),
    dddd: () => info.dayNames[date.getUTCDay()] ?? '',
    ddd: () => info.abbreviatedDayNames[date.getUTCDay()] ?? '',
    dd: () => two(date.getUTCDate()),
    d: () => String(date.getUTCDate()),
    HH: () => two(date.getUTCHours()),
    H: () => String(date.getUTCHours()),
    hh: () => two(date.getUTCHours() % 12 || 12),
    h: () => String(date.getUTCHours() % 12 || 12),
    mm: () => two(date.getUTCMinutes()),
    ss: () => two(date.getUTCSeconds()),
    tt: () => (date.getUTCHours() < 12 ? info.amDesignator : info.pmDesignator),
    ':': () => info.timeSeparator,
    '/': () => info.dateSeparator,
  };
  return pattern
    .replace(
      /'([^']*)'|y{2,4}|M{1,4}|d{1,4}|H{1,2}|h{1,2}|mm|ss|tt|[:/]/g,
      (part, quoted?: string) => quoted ?? parts[part]?.() ?? part,
    )
    .trim();
}
