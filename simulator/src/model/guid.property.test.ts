import fc from 'fast-check';
import { guidFromSortKey, guidSortKey, parseGuid, sequentialIds } from './guid.ts';

test('the sort key keeps the whole guid', () => {
  fc.assert(
    fc.property(fc.uuid(), (guid) => {
      expect(guidFromSortKey(guidSortKey(guid))).toBe(guid);
    }),
  );
});

test('the last group decides first, then the fourth, then the others from their last byte (SQL Server)', () => {
  const ordered = [
    '01000000-0000-0000-0000-000000000000',
    '00010000-0000-0000-0000-000000000000',
    '00000000-0100-0000-0000-000000000000',
    '00000000-0000-0100-0000-000000000000',
    '00000000-0000-0000-0001-000000000000',
    '00000000-0000-0000-0100-000000000000',
    '00000000-0000-0000-0000-000000000001',
    '00000000-0000-0000-0000-010000000000',
  ];
  expect([...ordered].reverse().sort((a, b) => (guidSortKey(a) < guidSortKey(b) ? -1 : 1))).toEqual(ordered);
});

test('server-made ids are guids, differ, and share their last group', () => {
  const next = sequentialIds(Date.UTC(2026, 0, 1));
  const ids = Array.from({ length: 1000 }, next);
  expect(ids.every((id) => parseGuid(id) === id)).toBe(true);
  expect(new Set(ids).size).toBe(1000);
  expect(new Set(ids.map((id) => id.slice(24))).size).toBe(1);
});
