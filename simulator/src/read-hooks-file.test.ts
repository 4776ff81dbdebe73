import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HooksFileError, readHooksFile } from './read-hooks-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'hooks-'));
afterAll(() => rmSync(folder, { recursive: true }));

let ids = 0;
function read(text: string) {
  const path = join(folder, 'hooks.json');
  writeFileSync(path, text);
  return readHooksFile(path, () => `id ${++ids}`);
}

test('a list of hooks, as the control endpoint takes them one by one', () => {
  const set = '{"table":"account","message":"Update","stage":"before","set":{"revenue":0.10}}';
  const hooks = read(`[{"table":"task","message":"Create","id":"A"},${set}]`);
  expect(hooks).toMatchObject([
    { id: 'a', table: 'task', message: 'Create', effect: { kind: 'count' } },
    { id: 'id 1', stage: 'before', effect: { kind: 'set' } },
  ]);
});

test.each([
  ['no JSON', '{', 'hooks.json cannot be read'],
  ['no list', '{}', 'hooks.json is no JSON list of hooks.'],
  [
    'a wrong hook',
    '[{"table":"a","message":"Create"},{"table":"a"}]',
    "hooks.json, hook 2: 'message' is one of",
  ],
])('%s is told to whoever wrote it', (_name, text, message) => {
  expect(() => read(text)).toThrow(HooksFileError);
  expect(() => read(text)).toThrow(message);
});
