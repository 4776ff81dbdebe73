import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type VaultFixture,
  capturedAt,
  columnOf,
  idOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
} from '../../test/support/vault-fixture.ts';
import type { Values } from '../base/value.ts';
import {
  type FileEntry,
  type Snapshot,
  type TableInSnapshot,
  type TableSchema,
  exportContainer,
  keyOf,
} from './index.ts';

// delta-rs comes with Python; where there is none (`npm test` needs only Node), continuous integration runs this.
const python = process.env['ROWBACK_PYTHON'];
const describeWithPython = python === undefined ? describe.skip : describe;
const script = join(import.meta.dirname, '../../scripts/verify_vault.py');

const schema = schemaOf([
  columnOf('a_body', 'body'),
  columnOf('a_boolean', 'boolean'),
  columnOf('a_date', 'date'),
  columnOf('a_decimal', 'decimal', { scale: 2 }),
  columnOf('a_double', 'double'),
  columnOf('a_file', 'file'),
  columnOf('a_long', 'long'),
  columnOf('a_lookup', 'lookup'),
  columnOf('a_multi_select', 'multiSelect'),
  columnOf('a_rate', 'rate', { scale: 12 }),
  columnOf('a_string', 'string'),
  columnOf('a_timestamp', 'timestamp'),
  columnOf('a_volatile', 'string', { volatile: true }),
  columnOf('a_wall_time', 'wallTime'),
  columnOf('an_image', 'image', { contentStamp: 'an_image_timestamp' }),
  columnOf('an_image_timestamp', 'long'),
  columnOf('an_int', 'int'),
  columnOf('versionnumber', 'long'),
]);

function fullRow(n: number): Values {
  return {
    thingid: idOf(n),
    a_boolean: n % 2 === 0,
    a_date: '0001-01-01',
    a_decimal: '-9999999999999999999999999999.9999999999',
    a_double: [5e-324, 1e21, 1.5e-7, -0, 0.1 + 0.2, 1e16, 123456.5][n % 7] ?? 0,
    a_file: `file-${n}`,
    a_long: '-9223372036854775808',
    a_lookup: { table: 'account', id: idOf(n + 1) },
    a_multi_select: '10,9,-3',
    a_rate: '1.000000000001',
    a_string: `Ünï\u0000\u2028\n😀 ${n}`,
    a_timestamp: '9999-12-31T23:59:59.999999Z',
    a_volatile: 'moves',
    a_wall_time: '0001-01-01T00:00:00Z',
    an_image: `image-${n}`,
    an_image_timestamp: '638000000000000000',
    an_int: -100,
    versionnumber: String(1000 + n),
  };
}

const emptyRow = (n: number): Values => ({
  ...Object.fromEntries(schema.columns.filter(({ type }) => type !== 'body').map(({ name }) => [name, null])),
  thingid: idOf(n),
});

let fixture: VaultFixture;
beforeAll(async () => {
  fixture = await openVaultFixture();
});
afterAll(() => fixture.close());

async function writeSnapshot(
  n: number,
  previous: Snapshot | null,
  tables: readonly string[],
): Promise<Snapshot> {
  const { vault } = fixture;
  const fileSeq = (await vault.table('rowback_file').state())?.throughSeq ?? 0;
  const states: Record<string, TableInSnapshot> = {};
  for (const name of tables) {
    const state = await vault.table(name).state();
    if (state === null) throw new Error(`${name} was not committed`);
    states[name] = {
      status: 'complete',
      throughSeq: state.throughSeq,
      deltaVersion: state.version,
      mode: 'change-tracking',
      rowCount: await vault.table(name).countRows(state.throughSeq),
      captured: { put: 0, gone: 0, bytes: 0, requests: 0 },
      tableHash: await vault.hashes.at(name, state.throughSeq, fileSeq),
      files: { stored: 0, pending: 0, lost: 0 },
      warnings: [],
      errors: [],
    };
  }
  const snapshot: Snapshot = {
    format: 1,
    id: snapshotIdOf(n),
    environmentId: 'env-1',
    organizationId: 'org-1',
    startedAt: `2026-11-23T14:00:0${n}Z`,
    endedAt: `2026-11-23T14:00:0${n}Z`,
    trigger: 'manual',
    policy: 'default',
    epoch: 0,
    schema: await vault.schemas.putDocument({ tables }),
    previous: previous?.id ?? null,
    checkedAt: [],
    allTables: previous === null,
    tables: states,
  };
  await vault.snapshots.write(snapshot);
  return snapshot;
}

async function append(
  table: string,
  n: number,
  of: TableSchema,
  rows: readonly Values[],
  gone: readonly string[],
) {
  const { vault } = fixture;
  const schemaId = await vault.schemas.put(of);
  const writer = await vault
    .table(table)
    .append({ snapshot: snapshotIdOf(n), epoch: 0, schema: of, schemaId });
  for (const row of rows) await writer.put(keyOf(of, row), row, capturedAt);
  for (const key of gone) await writer.gone(key, 'deleted', capturedAt);
  await writer.commit({ token: `token ${n}` });
  await writer.close();
}

async function storeLines(n: number): Promise<void> {
  const { vault } = fixture;
  const content = await vault.files.storeContent(new TextEncoder().encode('content'));
  const line = (key: string, column: string, contentId: string, state: FileEntry['state']): FileEntry => ({
    ...{ table: 'thing', key, column, contentId, state, name: 'é.txt', mimeType: null },
    sha256: state === 'stored' ? content.sha256 : null,
    bytes: state === 'stored' ? content.bytes : null,
    reason: state === 'stored' ? null : 'virus',
  });
  await vault.files.append(
    [
      line(idOf(1), 'a_file', 'file-1', 'stored'),
      line(idOf(1), 'an_image', 'image-1/638000000000000000', 'stored'),
      line(idOf(1), 'a_body', '1001', 'stored'),
      line(idOf(2), 'a_file', 'file-2', 'blocked'),
    ],
    { snapshot: snapshotIdOf(n), epoch: 0, capturedAt },
  );
}

async function fillVault(): Promise<void> {
  const elastic: TableSchema = {
    ...schemaOf([columnOf('partitionid', 'string')], { table: 'elastic', key: ['thingid', 'partitionid'] }),
  };
  const rows = Array.from({ length: 10 }, (_, n) => fullRow(n));
  await append('thing', 1, schema, [...rows, emptyRow(50)], []);
  await append(
    'elastic',
    1,
    elastic,
    ['a', 'b'].map((partitionid) => ({ thingid: idOf(1), partitionid })),
    [],
  );
  const first = await writeSnapshot(1, null, ['thing', 'elastic']);
  await storeLines(2);
  const narrow = schemaOf([columnOf('a_string', 'int', { deltaName: 'a_string__2' })]);
  await append('thing', 2, narrow, [{ thingid: idOf(3), a_string: 7 }], [idOf(4)]);
  const second = await writeSnapshot(2, first, ['thing', 'rowback_file']);
  await append('elastic', 3, elastic, [], [`${idOf(1)}|a`]);
  await writeSnapshot(3, second, ['elastic']);
}

function verify(folder: string, ...options: string[]): { status: number | null; output: string } {
  const done = spawnSync(python ?? '', [script, folder, ...options], { encoding: 'utf8' });
  return { status: done.status, output: done.stdout + done.stderr };
}

describeWithPython('delta-rs and a second implementation of the hash', () => {
  let folder: string;
  beforeAll(async () => {
    await fillVault();
    folder = join(fixture.scratch, 'kept');
    await exportContainer(fixture.store, folder);
  });

  it('agree with the newest snapshot and with all of them', () => {
    expect(verify(folder).output).toMatch(/\n3 passed, 0 failed\n$/);
    const all = verify(folder, '--all-snapshots');
    expect(all.output).toMatch(/\n5 passed, 0 failed\n$/);
    expect(all.status).toBe(0);
  });

  it('answer the statement of docs/vault.md', async () => {
    const docs = await readFile(join(import.meta.dirname, '../../../docs/vault.md'), 'utf8');
    const statement = /```sql\n([^`]*)```/.exec(docs)?.[1] ?? '';
    const sql = statement
      .replaceAll('accountid', 'thingid')
      .replace('FROM account', 'FROM thing')
      .replace('20261123T140205Z-1f0c', snapshotIdOf(2));
    const program = `import sys
from deltalake import DeltaTable, QueryBuilder
builder = QueryBuilder().register("thing", DeltaTable(sys.argv[1]))
print(sum(batch.num_rows for batch in builder.execute(sys.argv[2])))`;
    const table = join(folder, 'env-1/tables/thing');
    const done = spawnSync(python ?? '', ['-c', program, table, sql], { encoding: 'utf8' });
    expect(done.stderr).toBe('');
    expect(done.stdout.trim()).toBe('10');
  });

  it('find a content that was changed', async () => {
    const sha256 = createHash('sha256').update('content').digest('hex');
    const path = join(folder, 'env-1/files', sha256.slice(0, 2), sha256);
    await writeFile(path, 'Content');
    const { status, output } = verify(folder);
    await writeFile(path, 'content');
    expect(output).toMatch(/FAIL .* rowback_file .*has another hash than its name/);
    expect(status).toBe(1);
  });

  it('find a commit that is missing', async () => {
    const log = join(folder, 'env-1/tables/thing/_delta_log');
    const [, last] = (await readdir(log)).sort();
    const path = join(log, last ?? '');
    const commit = await readFile(path);
    await rm(path);
    const { status, output } = verify(folder);
    await writeFile(path, commit);
    expect(output).toMatch(/FAIL .* thing /);
    expect(status).toBe(1);
  });
});
