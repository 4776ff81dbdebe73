import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type VaultFixture,
  capturedAt,
  collect,
  columnOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
} from '../../test/support/vault-fixture.ts';
import { exportContainer } from './index.ts';

let fixture: VaultFixture;
let blocks: string[];
beforeAll(async () => {
  fixture = await openVaultFixture();
  const text = await readFile(join(import.meta.dirname, '../../../docs/vault.md'), 'utf8');
  blocks = [...text.matchAll(/```(?:sql|text)\n([^`]*)```/g)].map((match) => match[1] ?? '');
});
afterAll(() => fixture.close());

const schema = schemaOf(
  [
    columnOf('accountid', 'guid'),
    columnOf('modifiedon', 'timestamp'),
    columnOf('name', 'string'),
    columnOf('numberofemployees', 'int'),
    columnOf('primarycontactid', 'lookup'),
    columnOf('revenue', 'decimal', { scale: 2 }),
  ],
  { table: 'account', key: ['accountid'], primaryId: 'accountid' },
);
const accountSchema = { ...schema, columns: schema.columns.filter(({ name }) => name !== 'thingid') };
const account = {
  accountid: '6b29fc40-ca47-1067-b31d-00dd010662da',
  modifiedon: '2026-11-23T14:02:05Z',
  name: 'Müller & Söhne',
  numberofemployees: null,
  primarycontactid: { table: 'contact', id: '11bf5b37-e0b8-42e0-8dcf-dc8c4aefc000' },
  revenue: '1500.50',
};

describe('docs/vault.md', () => {
  it('shows a hash that is right and a statement that gives the state at a snapshot', async () => {
    const [statement = '', text = '', hash = ''] = blocks;
    const { vault, engine, scratch, store } = fixture;
    const schemaId = await vault.schemas.put(accountSchema);
    const table = vault.table('account');
    const [id1, id2, id3] = [
      account.accountid,
      `${account.accountid.slice(0, -1)}b`,
      `${account.accountid.slice(0, -1)}c`,
    ];
    const capture = async (snapshot: string, names: Record<string, string>, gone: string[]) => {
      const writer = await table.append({ snapshot, epoch: 0, schema: accountSchema, schemaId });
      for (const [id, name] of Object.entries(names)) {
        await writer.put(id, { ...account, accountid: id, name }, capturedAt);
      }
      for (const id of gone) await writer.gone(id, 'deleted', capturedAt);
      return (await writer.commit()).throughSeq;
    };
    const first = await capture(snapshotIdOf(1), { [id1]: account.name }, []);
    expect(await vault.hashes.at('account', first, 0)).toBe(hash.trim());
    expect(text).toContain('name=16:Müller & Söhne\n');
    await capture(snapshotIdOf(2), { [id2]: 'two', [id3]: 'three' }, []);
    const asked = await capture(snapshotIdOf(3), { [id2]: 'two again' }, [id1]);
    await capture(snapshotIdOf(4), { [id1]: 'back' }, [id3]);

    const folder = join(scratch, 'kept');
    await exportContainer(store, folder);
    const view = `CREATE TEMP VIEW account AS
      SELECT * FROM read_parquet('${folder}/env-1/tables/account/*.parquet', union_by_name = true)`;
    const sql = statement.replace('20261123T140205Z-1f0c', snapshotIdOf(3));
    expect(sql).not.toBe(statement);
    const found = await collect(
      engine.rows(`SELECT accountid, name FROM (${sql}) ORDER BY accountid`, [view]),
    );
    expect(found).toEqual([
      [id2, 'two again'],
      [id3, 'three'],
    ]);
    const ours = await collect(table.scan(asked));
    expect(ours.map(({ key, values }) => [key, values['name']]).sort()).toEqual(found);
  });
});
