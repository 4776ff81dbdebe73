import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { english } from '../RecordHistory/services/english';

const folder = path.resolve(__dirname, '../RecordHistory');
const languages = readdirSync(path.join(folder, 'strings'));

function texts(file: string): Map<string, string> {
  const xml = new DOMParser().parseFromString(
    readFileSync(path.join(folder, 'strings', file), 'utf8'),
    'text/xml',
  );
  expect(xml.querySelector('parsererror')).toBeNull();
  return new Map(
    [...xml.querySelectorAll('data')].map((data) => [
      data.getAttribute('name') ?? '',
      data.querySelector('value')?.textContent ?? '',
    ]),
  );
}

const holes = (text: string): string[] => [...text.matchAll(/\{\d\}/g)].map(([hole]) => hole).sort();

test('every language has the same keys with the same holes, and no empty text', () => {
  const [first, ...others] = languages.map(texts);
  for (const other of others) {
    expect([...other.keys()]).toEqual([...first!.keys()]);
    for (const [key, text] of other) {
      expect(text.trim()).not.toBe('');
      expect([key, holes(text)]).toEqual([key, holes(first!.get(key) ?? '')]);
    }
  }
});

test('the fallback is the English of the resources, without the texts of the manifest', () => {
  const shipped = [...texts('RecordHistory.1033.resx')].filter(([key]) => !/^(Control|Property)_/.test(key));
  expect(Object.fromEntries(shipped)).toEqual(english);
});

test('every language and every key of the manifest is there', () => {
  const manifest = readFileSync(path.join(folder, 'ControlManifest.Input.xml'), 'utf8');
  const keys = [...manifest.matchAll(/(?:display-name|description)-key="([^"]+)"/g)].map(([, key]) => key);
  const known = texts('RecordHistory.1033.resx');
  expect(keys.filter((key) => !known.has(key ?? ''))).toEqual([]);
  expect(languages.filter((file) => !manifest.includes(`strings/${file}`))).toEqual([]);
});

test('every text is used', () => {
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.endsWith('english.ts'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
  const unused = Object.keys(english).filter(
    (key) => !source.includes(`'${key.replace(/_(One|Many)$/, '')}'`) && !source.includes(`'${key}'`),
  );
  expect(unused).toEqual([]);
});
