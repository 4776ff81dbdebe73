import { readFile } from 'node:fs/promises';
import { coverageDoc } from './coverage-doc.ts';

let written: string;
beforeAll(async () => {
  written = await coverageDoc();
});

test('docs/coverage.md tells of the standard tables as backup and restore treat them', async () => {
  expect(await readFile(new URL('../../docs/coverage.md', import.meta.url), 'utf8')).toBe(written);
});

test.each([
  ['account', /change-tracking .* update \d+, create \d+ of \d+/],
  ['phonecall', /change-tracking .* update \d+, create \d+ of \d+/],
  ['accountleads', /linked again/],
  ['msdyn_project', /as its columns allow/],
  ['msdyn_projecttask', /unsupported/],
  ['workflow', /definition/],
  ['activitypointer', /activity-base/],
])('%s is told of', (name, as) => {
  expect(written.split('\n').find((line) => line.startsWith(`| \`${name}\` `))).toMatch(as);
});

test.each(['flows', 'Apps', 'Power Pages', 'Solution packages', 'Power BI'])(
  '%s are said to be out of scope',
  (what) => {
    expect(written.slice(written.indexOf('## Out of scope'))).toContain(what);
  },
);
