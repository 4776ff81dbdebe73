import { settings } from '../../test-support/fake-host';
import { createDates } from './dates';
import { createText } from './text';

const text = createText(() => null);
const now = Date.parse('2026-11-23T12:22:00Z');

function dates(offsetMinutes: number, patterns: object = {}) {
  const info = {
    ...settings,
    ...patterns,
  } as unknown as ComponentFramework.UserSettingApi.DateFormattingInfo;
  return createDates(
    { dateFormattingInfo: info, getTimeZoneOffsetMinutes: () => offsetMinutes },
    () => now,
    text,
  );
}

test("a day is today in the user's time zone, not in UTC", () => {
  expect(dates(0).day('2026-11-22T23:30:00Z')).toBe('Yesterday');
  expect(dates(60).day('2026-11-22T23:30:00Z')).toBe('Today');
  expect(dates(-13 * 60).day('2026-11-22T12:10:00Z')).toBe('Yesterday');
});

test('an older day has its name, and its year when it is another one', () => {
  expect(dates(0).day('2026-11-20T09:00:00Z')).toBe('Friday, November 20');
  expect(dates(0).day('2025-12-31T09:00:00Z')).toBe('Wednesday, December 31, 2025');
});

test("a time follows the user's own pattern", () => {
  expect(dates(0).time('2026-11-23T00:05:00Z')).toBe('00:05');
  expect(dates(0, { shortTimePattern: 'h:mm tt' }).time('2026-11-23T00:05:00Z')).toBe('12:05 AM');
  expect(dates(0, { shortTimePattern: "H'h'mm" }).time('2026-11-23T14:05:00Z')).toBe('14h05');
  expect(dates(0, { timeSeparator: '.' }).time('2026-11-23T14:05:00Z')).toBe('14.05');
});

test('a moment fits into a sentence', () => {
  expect(dates(0).moment('2026-11-23T11:35:00Z')).toBe('at 11:35 today');
  expect(dates(0).moment('2026-11-22T11:35:00Z')).toBe('at 11:35 yesterday');
  expect(dates(0).moment('2026-11-20T16:10:00Z')).toBe('on Friday, November 20 at 16:10');
});

test.each([
  ['2026-11-23T12:22:00Z', 'just now'],
  ['2026-11-23T12:23:00Z', 'just now'],
  ['2026-11-23T12:21:00Z', '1 minute ago'],
  ['2026-11-23T12:18:00Z', '4 minutes ago'],
  ['2026-11-23T10:22:00Z', '2 hours ago'],
  ['2026-11-20T12:22:00Z', '3 days ago'],
])('%s is %s', (instant, words) => {
  expect(dates(0).ago(instant)).toBe(words);
});
