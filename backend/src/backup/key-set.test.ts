import { KeySet } from './key-set.ts';

test('ids, and keys that are other texts, are kept apart', () => {
  const id = '01020304-0506-0708-090a-0b0c0d0e0f10';
  const set = new KeySet();
  for (const key of [id, `${id}|Köln`, `${id}|東京`, `${id}|東京`]) set.add(key);
  expect(set.size).toBe(3);
  expect([id, `${id}|Köln`, `${id}|東京`].every((key) => set.has(key))).toBe(true);
  expect([`${id}|`, `${id}|KÃ¶ln`, `${id}|大阪`, `02${id.slice(2)}`].some((key) => set.has(key))).toBe(false);
});
