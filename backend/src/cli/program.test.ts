import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import { interrupted } from '../backup/index.ts';
import { exitCodeOf } from './exit.ts';
import { aligned, bytesText } from './output.ts';
import { runCommandLine } from './program.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rowback-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(args: readonly string[], variables: Record<string, string> = {}) {
  const said = { out: '', err: '' };
  const code = await runCommandLine(args, {
    clock: { now: () => new Date(0), sleep: () => Promise.resolve() },
    random: { uuid: () => '00000000-0000-4000-8000-000000000000', fraction: () => 0 },
    fetch: () => Promise.reject(new TypeError('no network in this test')),
    variables,
    folder,
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    isTerminal: false,
    ask: () => Promise.resolve(''),
    signal: new AbortController().signal,
  });
  return { code, ...said };
}

describe('wrong use ends with 2', () => {
  test.each([
    [['frobnicate'], 'unknown command'],
    [['history', 'account'], 'missing required argument'],
    [['snapshots', '--limit', 'many'], 'a whole number above 0'],
    [['backup'], 'configuration-missing'],
  ])('%j', async (args, text) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(text);
  });

  test('an id that is none, before anything is opened', async () => {
    writeFileSync(join(folder, 'rowback.yaml'), 'storage: UseDevelopmentStorage=true\n');
    const { code, err } = await run(['history', 'account', 'nope']);
    expect(code).toBe(2);
    expect(err).toContain('(input-invalid)');
  });

  test('with --json as one object on standard output and nothing else', async () => {
    const { code, out, err } = await run(['history', 'account', 'nope', '--json']);
    expect([code, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'rowback/history/1',
      ok: false,
      code: 'input-invalid',
      warnings: [],
      data: { error: { code: 'input-invalid' } },
    });
  });
});

test('--help explains every command and is no error', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  for (const name of [
    'plan',
    'backup',
    'snapshots',
    'history',
    'compare',
    'restore',
    'undo',
    'serve',
    'doctor',
  ]) {
    expect(out).toContain(name);
  }
});

test.each([
  [new InputError('x', 'x', { hint: '' }), 2],
  [new RefusedError('x', 'x', { hint: '' }), 4],
  [new RowbackError('snapshot-missing', 'x', { hint: '' }), 2],
  [new RowbackError('storage-unreachable', 'x', { hint: '' }), 1],
  [interrupted(), 130],
  [new TypeError('x'), 1],
])('%s ends with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test('a table for people is aligned, numbers to the right, long cells cut', () => {
  const text = aligned(
    ['NAME', 'ROWS'],
    [
      ['a', 5],
      ['longer', 1200],
      ['x'.repeat(80), 7],
    ],
  );
  const lines = text.split('\n');
  expect(lines[1]).toMatch(/^a +5$/);
  expect(lines[2]).toMatch(/^longer +1200$/);
  expect(lines[3]).toContain('…');
});

test('bytes are written with a unit', () => {
  expect([0, 999, 1500, 2_700_000].map(bytesText)).toEqual(['0 B', '999 B', '1.5 kB', '2.7 MB']);
});
