import fc from 'fast-check';
import { guidSortKey, parseGuid } from '../../model/guid.ts';
import { GeneratedIds } from './generated-ids.ts';

const count = 100_000;
const ids = fc.integer().map((seed) => new GeneratedIds(count, seed));
const index = fc.integer({ min: 0, max: count - 2 });

test('an id tells its index, and ids rise with it', () => {
  fc.assert(
    fc.property(ids, index, (made, at) => {
      const id = made.idAt(at);
      expect(parseGuid(id)).toBe(id);
      expect(made.indexOf(id)).toBe(at);
      expect(guidSortKey(id) < guidSortKey(made.idAt(at + 1))).toBe(true);
      expect(made.firstAfter(id)).toBe(at + 1);
    }),
  );
});

test('another guid has no index, and its place is between the ids around it', () => {
  fc.assert(
    fc.property(ids, fc.uuid(), fc.integer({ min: 0, max: count * 0x10000 }), (made, uuid, last) => {
      const id = uuid.slice(0, 24) + last.toString(16).padStart(12, '0');
      const place = made.firstAfter(id);
      expect(made.indexOf(id)).toBeUndefined();
      if (place > 0) expect(guidSortKey(made.idAt(place - 1)) < guidSortKey(id)).toBe(true);
      if (place < count) expect(guidSortKey(made.idAt(place)) > guidSortKey(id)).toBe(true);
    }),
  );
});
