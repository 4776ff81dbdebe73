import { expect, test } from '@jest/globals';
import { quietUntil } from './quiet-hours.ts';

const zurich = { timeZone: 'Europe/Zurich' };
const at = (instant: string, hours: Parameters<typeof quietUntil>[0]) =>
  quietUntil(hours, new Date(instant))?.toISOString() ?? null;

test('hours of a day, in their time zone, in winter and in summer', () => {
  const day = [{ from: '08:00', to: '18:00', ...zurich }];
  expect(at('2026-01-15T06:59:59Z', day)).toBeNull();
  expect(at('2026-01-15T07:00:00Z', day)).toBe('2026-01-15T17:00:00.000Z');
  expect(at('2026-01-15T16:59:59Z', day)).toBe('2026-01-15T17:00:00.000Z');
  expect(at('2026-01-15T17:00:00Z', day)).toBeNull();
  expect(at('2026-07-15T06:00:00Z', day)).toBe('2026-07-15T16:00:00.000Z');
});

test('hours that go past midnight belong to the day on which they begin', () => {
  const night = [{ from: '22:00', to: '06:00', days: ['fri'] as const, ...zurich }];
  expect(at('2026-01-16T21:30:00Z', night)).toBe('2026-01-17T05:00:00.000Z'); // Friday
  expect(at('2026-01-17T04:59:00Z', night)).toBe('2026-01-17T05:00:00.000Z');
  expect(at('2026-01-17T21:30:00Z', night)).toBeNull(); // Saturday
});

test('hours that a change of the clock makes longer or shorter end when the clock says so', () => {
  const night = [{ from: '01:30', to: '04:00', ...zurich }];
  expect(at('2026-03-29T00:45:00Z', night)).toBe('2026-03-29T02:00:00.000Z');
  expect(at('2026-10-25T02:30:00Z', night)).toBe('2026-10-25T03:00:00.000Z');
});

test('of several the one that ends last counts', () => {
  const two = [
    { from: '08:00', to: '12:00', ...zurich },
    { from: '11:00', to: '13:00', ...zurich },
  ];
  expect(at('2026-01-15T10:30:00Z', two)).toBe('2026-01-15T12:00:00.000Z');
});
