import { readFile } from 'node:fs/promises';
import { controlTypes } from './control-types.ts';

const file = new URL('../../pcf-control/RecordHistory/services/contract.ts', import.meta.url);

test("the form control's types are those of the contract", async () => {
  expect(await readFile(file, 'utf8')).toBe(controlTypes());
});

test('a field that has a default may be left out of a request, and every choice of a request is kept', () => {
  const text = controlTypes();
  expect(text).toContain('overwrite?: boolean;');
  for (const kind of ['history', 'compare', 'plan', 'restore', 'undo'])
    expect(text).toContain(`kind: '${kind}';`);
});
