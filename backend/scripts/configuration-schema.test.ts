import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { configuration } from '../src/cli/config-schema.ts';
import { configurationSchema } from './configuration-schema.ts';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
const shipped = JSON.parse(await read('../rowback.schema.json')) as Parameters<typeof z.fromJSONSchema>[0];
const asEditorsSee = z.fromJSONSchema(shipped);

test('the schema that is shipped is that of the rules', async () => {
  expect(await read('../rowback.schema.json')).toBe(await configurationSchema());
});

/** The YAML of docs/cli.md, plain and with what stands there in comments as well. */
const [plain = ''] = (await read('../../docs/cli.md'))
  .split('```yaml\n')
  .slice(1)
  .map((part) => part.split('```')[0]);

test.each([
  ['the documented example', plain],
  [
    'a webhook and a known job',
    plain.replace('# allow:', 'allow:').replace('# webhooks:', 'webhooks:').replace('user id', nobody()),
  ],
  [
    'tables by kind, quiet hours',
    'policy:\n  tables: { include: ["*", "kind:log"] }\n  quiet: [{ from: "08:00", to: "18:00", days: [mon], timeZone: Europe/Zurich }]',
  ],
])('%s is taken by both', (_name, text) => {
  const content: unknown = parse(text);
  expect(asEditorsSee.safeParse(content).error?.issues ?? []).toEqual([]);
  expect(configuration.safeParse(content).error?.issues ?? []).toEqual([]);
});

test.each([
  'containr: x',
  'container: X',
  'policy: { every: often }',
  'policy: { share: 0 }',
  'policy: { share: most }',
  'policy: { files: sometimes }',
  'policy: { tables: { include: [] } }',
  'policy: { tables: { include: ["kind:strange"] } }',
  'policy: { quiet: [{ from: "8", to: "18:00", timeZone: UTC }] }',
  'policy: { quiet: [{ from: "08:00", to: "18:00" }] }',
  'policy: { alerts: { late: 1 } }',
  'environments: [{ name: "two words", url: "https://contoso.crm4.dynamics.com" }]',
  'api: { port: 70000 }',
])('%s is refused by both', (text) => {
  const content: unknown = parse(text);
  expect(asEditorsSee.safeParse(content).success).toBe(false);
  expect(configuration.safeParse(content).success).toBe(false);
});

function nobody(): string {
  return '00000000-0000-0000-0000-000000000000';
}
