import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Clock } from '../base/clock.ts';
import type { Policy } from '../jobs/settings.ts';
import { loadSettings } from './config.ts';
import { keepReloading, type ReloadLog } from './reload.ts';

const first = `storage: UseDevelopmentStorage=true
policy:
  every: 5m
environments:
  - name: demo
    url: http://127.0.0.1:8080
    tenantId: t
    clientId: c
    clientSecret: hush
  - name: other
    url: http://127.0.0.1:8081
    managedIdentity: true
    policy: { files: false }
`;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rowback-reload-'));
  path = join(folder, 'rowback.yaml');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Line = Parameters<ReloadLog>[0];

/** Each text in turn is the file at one look; what was logged and used at that look. */
async function looks(
  ...texts: readonly (string | null)[]
): Promise<{ said: Line[]; used: Record<string, Policy>[] }> {
  writeFileSync(path, first);
  const load = () => loadSettings({ path, variables: {}, folder }).settings;
  const settings = load();
  const end = new AbortController();
  const left = [...texts];
  const said: Line[] = [];
  const used: Record<string, Policy>[] = [];
  const clock: Clock = {
    now: () => new Date(),
    sleep: () => {
      const text = left.shift();
      if (text === undefined) end.abort();
      else if (text === null) rmSync(path);
      else writeFileSync(path, text);
      return Promise.resolve();
    },
  };
  const use = (policies: ReadonlyMap<string, Policy>) => used.push(Object.fromEntries(policies));
  await keepReloading(settings, { path, load, use, clock, log: (line) => said.push(line) }, end.signal);
  return { said, used };
}

test('a file that stays as it is, is not read again', async () => {
  expect(await looks(first, first)).toEqual({ said: [], used: [] });
});

test('a changed policy is used, of the environments that have it', async () => {
  const { said, used } = await looks(first.replace('every: 5m', 'every: 1h'), first);
  expect(used.map((one) => Object.entries(one).map(([name, { everyMs }]) => [name, everyMs]))).toEqual([
    [
      ['demo', 3_600_000],
      ['other', 3_600_000],
    ],
    [
      ['demo', 300_000],
      ['other', 300_000],
    ],
  ]);
  expect(said[0]).toMatchObject({ event: 'configuration-loaded', message: expect.stringContaining('demo') });
});

test('of a bad file nothing is used, the place is said, and the next good one is', async () => {
  const bad = first.replace('every: 5m', 'every: 1h').replace('files: false', 'files: perhaps');
  const { said, used } = await looks(bad, 'storage: [', null, first.replace('every: 5m', 'every: 2h'));
  expect(said.map(({ event, code }) => [event, code])).toEqual([
    ['configuration-refused', 'configuration-invalid'],
    ['configuration-refused', 'configuration-invalid'],
    ['configuration-refused', 'configuration-missing'],
    ['configuration-loaded', null],
  ]);
  expect(said[0]?.message).toMatch(/rowback\.yaml:13: environments\.1\.policy\.files: .*\n.*stays in use/s);
  expect(used.map(({ demo }) => demo?.everyMs)).toEqual([7_200_000]);
});

test('what takes a restart is named, without secrets, and the policy beside it is used', async () => {
  const text = first
    .replace('UseDevelopmentStorage=true', 'another')
    .replace('hush', 'louder')
    .replace('  every: 5m', '  every: 1h\n  share: 0.25');
  const { said, used } = await looks(text);
  const [line] = said;
  expect(line?.message).toContain(
    'A restart is needed for storage, environments.demo, environments.demo.policy.share, environments.other.policy.share.',
  );
  expect(line?.message).not.toMatch(/hush|louder|another/);
  expect(used[0]?.['demo']).toMatchObject({ everyMs: 3_600_000, share: 0.5 });
});
