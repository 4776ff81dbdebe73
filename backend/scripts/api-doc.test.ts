import { readFile } from 'node:fs/promises';
import { operations } from '../src/api/operations.ts';
import { apiDoc } from './api-doc.ts';

test('docs/api.md tells of the operations as they are', async () => {
  expect(await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8')).toBe(await apiDoc());
});

test('every operation has a section with its path', async () => {
  const text = await apiDoc();
  for (const { method, path } of Object.values(operations)) {
    expect(text).toContain(`\`${method.toUpperCase()} /v1${path}\``);
  }
});
