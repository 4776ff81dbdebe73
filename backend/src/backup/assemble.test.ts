import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  capturedAt,
  columnOf,
  idOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
  type VaultFixture,
} from '../../test/support/vault-fixture.ts';
import type { TableAtSnapshot } from '../vault/index.ts';
import { describeTable } from './assemble.ts';
import { noContents } from './contents.ts';
import type { TableResult } from './run-table.ts';

let fixture: VaultFixture;
beforeEach(async () => {
  fixture = await openVaultFixture();
});
afterEach(() => fixture.close());

const schema = schemaOf([columnOf('name', 'string')]);

/** A table of the vault after a first read of so many rows. */
async function firstRead(rows: number): Promise<TableResult> {
  const table = fixture.vault.table('thing');
  const schemaId = await fixture.vault.schemas.put(schema);
  const writer = await table.append({ snapshot: snapshotIdOf(1), epoch: 1, schema, schemaId });
  for (let i = 1; i <= rows; i += 1)
    await writer.put(idOf(i), { thingid: idOf(i), name: `${i}` }, capturedAt);
  await writer.commit({ token: 'token' });
  await writer.close();
  return {
    table: 'thing',
    folder: 'thing',
    schemaId,
    retired: [],
    status: 'read',
    mode: 'change-tracking',
    state: await table.state(),
    startSeq: 0,
    captured: { ...captured, put: rows, gone: 0, live: null },
    warnings: [],
    errors: [],
    canaries: [],
    contents: noContents,
    alerts: [],
    described: null,
  };
}

const captured = { put: 2, gone: 1, live: -1, deleted: 1, lastSavedBy: {}, bytes: 1, requests: 1 };
const after = (previous: TableAtSnapshot | null) => ({
  tables: new Map(previous === null ? [] : [['thing', previous]]),
});

describe('the table hash of a snapshot', () => {
  test('is there for a table that is read in a moment', async () => {
    const described = await describeTable(fixture.vault, await firstRead(3), after(null));
    expect(described).toMatchObject({ rowCount: 3, tableHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('is left out for a large one, which is counted all the same', async () => {
    const described = await describeTable(fixture.vault, await firstRead(10_001), after(null));
    expect(described).toMatchObject({ rowCount: 10_001, tableHash: null });
  });
});

describe('the count of rows', () => {
  test('is carried only from the state that the run began with', async () => {
    const first = await firstRead(3);
    const described = await describeTable(fixture.vault, first, after(null));
    if (described === null) throw new Error('a first read is described');
    // A count that no look at the vault would give: it shows which way was taken.
    const previous = { ...described, rowCount: 50, namedBy: snapshotIdOf(1) };
    const changed = { ...first, captured, contents: { ...noContents, moved: true } };
    const carried = { ...changed, startSeq: described.throughSeq };
    expect(await describeTable(fixture.vault, carried, after(previous))).toMatchObject({ rowCount: 49 });
    expect(await describeTable(fixture.vault, changed, after(previous))).toMatchObject({ rowCount: 3 });
  });
});

describe('what a daily sweep found', () => {
  test('stays named until a later one finds something again', async () => {
    const found = { at: '2026-11-23T14:00:00Z', put: 2, gone: 1 };
    const first = { ...(await firstRead(3)), missed: found };
    const described = await describeTable(fixture.vault, first, after(null));
    expect(described?.missed).toEqual(found);
    if (described === null) throw new Error('a first read is described');
    const previous = { ...described, namedBy: snapshotIdOf(1) };
    const { missed: _, ...quiet } = { ...first, captured, contents: { ...noContents, moved: true } };
    expect((await describeTable(fixture.vault, quiet, after(previous)))?.missed).toEqual(found);
    const failed = { ...quiet, status: 'failed' as const, errors: [{ code: 'x', message: 'y' }] };
    expect((await describeTable(fixture.vault, failed, after(previous)))?.missed).toEqual(found);
    const again = { ...quiet, missed: { ...found, put: 9 } };
    expect((await describeTable(fixture.vault, again, after(previous)))?.missed).toEqual({
      ...found,
      put: 9,
    });
  });
});
