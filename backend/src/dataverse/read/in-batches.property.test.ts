import fc from 'fast-check';
import { oneByOne } from './in-batches.ts';

const batches = fc.array(fc.array(fc.integer(), { maxLength: 4 }), { maxLength: 5 });

async function* given(lists: readonly (readonly number[])[], seen: string[] = []) {
  try {
    for (const list of lists) yield await Promise.resolve(list);
  } finally {
    seen.push('closed');
  }
}

test('items come in order, however many are asked for before the first one is there', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.integer({ min: 1, max: 6 }), async (lists, atOnce) => {
      const items = oneByOne(given(lists));
      const found: number[] = [];
      for (let done = false; !done;) {
        const answers = await Promise.all(Array.from({ length: atOnce }, () => items.next()));
        for (const answer of answers) if (!answer.done) found.push(answer.value);
        done = answers.some((answer) => answer.done);
      }
      expect(found).toEqual(lists.flat());
    }),
  );
});

test('whoever stops early closes the batches and gets nothing more', async () => {
  const seen: string[] = [];
  const items = oneByOne(given([[1, 2, 3]], seen));
  for await (const item of items) if (item === 2) break;
  expect(seen).toEqual(['closed']);
  expect(await items.next()).toEqual({ done: true, value: undefined });
});

test('a failure between batches comes after the items before it', async () => {
  async function* failing() {
    yield await Promise.resolve([1, 2]);
    throw new Error('broke off');
  }
  const items = oneByOne(failing());
  expect([(await items.next()).value, (await items.next()).value]).toEqual([1, 2]);
  await expect(items.next()).rejects.toThrow('broke off');
});
