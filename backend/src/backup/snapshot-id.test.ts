import { expect, test } from '@jest/globals';
import { nextSnapshotId } from './snapshot-id.ts';

const random = { uuid: () => '00ff0000-0000-4000-8000-000000000000', fraction: () => 0 };

test('an id carries the service’s instant', () => {
  expect(nextSnapshotId('2026-11-23T14:02:05Z', null, random)).toBe('20261123T140205Z-00ff');
});

test('a second run in the same second sorts behind the first', () => {
  expect(nextSnapshotId('2026-11-23T14:02:05Z', '20261123T140205Z-zz0z', random)).toBe(
    '20261123T140205Z-zz10',
  );
});

test('a service clock that went back never takes the id back', () => {
  expect(nextSnapshotId('2026-11-23T14:02:01Z', '20261123T140205Z-0001', random)).toBe(
    '20261123T140205Z-0002',
  );
});

test('a suffix that is used up goes on in the next second', () => {
  expect(nextSnapshotId('2026-12-31T23:59:59Z', '20261231T235959Z-zzzz', random)).toBe(
    '20270101T000000Z-0000',
  );
});
