import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Values } from '../src/base/value.ts';
import { backUpNow, planOf } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { columnsToRead } from '../src/backup/columns.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

let world: World;
let opened: OpenedWorld;
let environment: Environment;

beforeAll(async () => {
  world = await startWorld();
  opened = await world.open();
  environment = opened.environment;
}, 120_000);
afterAll(async () => {
  await opened?.close();
  await world?.stop();
});

const backUp = () => backUpNow(environment, { trigger: 'manual' });

/** Every row of every planned table as the service has it now, and as the vault's newest snapshot has it. */
async function expectVaultEqualsService(): Promise<{ rows: number; values: number }> {
  const plan = await planOf(environment);
  const snapshot = await environment.vault.snapshots.resolve({ kind: 'latest' });
  let [rows, values] = [0, 0];
  for (const { table, details, schema } of plan.tables) {
    const live = new Map<string, Values>();
    for await (const event of environment.client.readAll(details, columnsToRead(schema))) {
      if (event.kind === 'row') live.set(event.id, event.values);
    }
    const at = await environment.vault.snapshots.tableAt(snapshot, table);
    const kept = new Map<string, Values>();
    for await (const row of environment.vault.table(table).scan(at?.throughSeq ?? 0))
      kept.set(row.key, row.values);
    expect([...kept.keys()].sort()).toEqual([...live.keys()].sort());
    for (const [id, row] of live) {
      expect({ table, id, values: withoutZeros(kept.get(id)) }).toEqual({
        table,
        id,
        values: withoutZeros(row),
      });
      values += Object.keys(row).length;
    }
    expect(at?.rowCount ?? 0).toBe(live.size);
    rows += live.size;
  }
  return { rows, values };
}

/** Scales are printed as the metadata says; the service may print fewer or more zeros. */
function withoutZeros(values: Values | undefined): Record<string, unknown> {
  const trim = (value: unknown) =>
    typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, '') : value;
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, trim(value)]));
}

describe('a backup of the demo environment', () => {
  test('the first one captures every table, row and value', async () => {
    const result = await backUp();
    const notComplete = result.tables.filter(
      (table) => table.status !== 'complete' || table.errors.length > 0,
    );
    expect(notComplete).toEqual([]);
    expect(result.snapshot?.allTables).toBe(true);
    const compared = await expectVaultEqualsService();
    expect(compared.rows).toBeGreaterThan(100);
  }, 300_000);
});
