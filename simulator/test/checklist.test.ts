import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Titles of the simulator's own tests, in this folder and beside the code. */
function titles(): string[] {
  const folder = new URL('../', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const tests = files.filter((name) => /^(src|test)\/.*\.test\.ts$/.test(name.replaceAll('\\', '/')));
  return tests.flatMap((name) =>
    [...read(`../${name}`).matchAll(/\b(?:test|it)(?:\.each\([\s\S]*?\]\))?\(\s*(['"`])(.*?)\1,/g)].map(
      (match) => match[2] ?? '',
    ),
  );
}

test('every fact of the list in docs/testing.md has a test that names it', () => {
  const facts = [...read('../../docs/testing.md').matchAll(/^\| ([RW]\d+) +\|/gm)].map((match) => match[1]);
  expect(facts).toHaveLength(30);
  const named = titles().join('\n');
  expect(facts.filter((tag) => !named.includes(`[${tag}]`))).toEqual([]);
});
