import {
  type VaultFixture,
  capturedAt,
  collect,
  columnOf,
  idOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
} from '../../test/support/vault-fixture.ts';
import { type BlobStore, type Vault, VaultError, isVaultError, openMemoryBlobStore } from './index.ts';

/** When the call dies: before it reaches the store, or after it did its work and only the answer is lost. */
type Moment = 'before' | 'after';

/** What follows: every later call fails too, as for a process that died, or only this one failed. */
type Extent = 'dies at' | 'meets a fault at';

function failingStore(
  store: BlobStore,
  nth: number,
  moment: Moment,
  extent: Extent,
): { store: BlobStore; failed: () => boolean } {
  let calls = 0;
  let failed = false;
  const crash = (): VaultError =>
    new VaultError('storage-unreachable', 'the process died here', { hint: '' });
  async function step<T>(work: () => Promise<T>): Promise<T> {
    calls += 1;
    const fails = calls === nth;
    if (failed && extent === 'dies at') throw crash();
    failed ||= fails;
    if (fails && moment === 'before') throw crash();
    const result = await work();
    if (fails) throw crash();
    return result;
  }
  const failing: BlobStore = {
    putIfAbsent: (name, body) => step(() => store.putIfAbsent(name, body)),
    read: (name, range) => step(() => store.read(name, range)),
    readToFile: (name, path) => step(() => store.readToFile(name, path)),
    head: (name) => step(() => store.head(name)),
    async *list(prefix, startFrom) {
      yield* await step(() => collect(store.list(prefix, startFrom)));
    },
  };
  return { store: failing, failed: () => failed };
}

const schema = schemaOf([columnOf('round', 'int')]);
const rounds = 4;

/** A feed of four rounds; the token is the round that comes next. Goes on wherever the vault says. */
async function capture(vault: Vault, snapshot: number): Promise<void> {
  const table = vault.table('thing');
  const state = await table.state();
  const schemaId = await vault.schemas.put(schema);
  const writer = await table.append({
    snapshot: snapshotIdOf(snapshot),
    epoch: 0,
    schema,
    schemaId,
    after: state?.version ?? -1,
  });
  try {
    for (let round = Number(state?.token ?? 0); round < rounds; round += 1) {
      await writer.put(idOf(0), { thingid: idOf(0), round }, capturedAt);
      await writer.put(idOf(round + 1), { thingid: idOf(round + 1), round }, capturedAt);
      if (round > 0) await writer.gone(idOf(round), 'deleted', capturedAt);
      await writer.commit({ token: String(round + 1) });
    }
  } finally {
    await writer.close();
  }
}

/** Every commit's token says exactly how many rounds are in the vault: no gap, no token ahead of its data. */
async function expectConsistent(vault: Vault): Promise<void> {
  const table = vault.table('thing');
  const state = await table.state();
  const done = Number(state?.token ?? 0);
  const history = await table.history(idOf(0));
  expect(history.map((version) => version.op === 'put' && version.values['round'])).toEqual(
    Array.from({ length: done }, (_, round) => round),
  );
  const keys = await collect(table.keysAt(state?.throughSeq ?? 0));
  expect(keys.sort()).toEqual(done === 0 ? [] : [idOf(0), idOf(done)]);
}

describe.each<[Extent, Moment]>([
  ['dies at', 'before'],
  ['dies at', 'after'],
  ['meets a fault at', 'before'],
  ['meets a fault at', 'after'],
])('a process that %s any call of the store, %s it did its work', (extent, moment) => {
  let fixture: VaultFixture;
  beforeAll(async () => {
    fixture = await openVaultFixture();
  });
  afterAll(() => fixture.close());

  it('leaves no gap and no token ahead of its data, and the next run ends the work', async () => {
    let nth = 1;
    for (; ; nth += 1) {
      const store = openMemoryBlobStore();
      const failing = failingStore(store, nth, moment, extent);
      const first = await fixture.reopen(failing.store);
      const outcome = await capture(first, 1).catch((error: unknown) => error);
      await first.close();
      const second = await fixture.reopen(store);
      await expectConsistent(second);
      await capture(second, 2);
      await expectConsistent(second);
      expect((await second.table('thing').state())?.token).toBe(String(rounds));
      await second.close();
      if (!failing.failed()) break;
      expect(isVaultError(outcome, 'storage-unreachable')).toBe(true);
    }
    // Fewer calls than commits would mean that the faults were not reached.
    expect(nth).toBeGreaterThan(2 * rounds);
  });
});

describe('an answer lost on the way', () => {
  let fixture: VaultFixture;
  beforeAll(async () => {
    fixture = await openVaultFixture();
  });
  afterAll(() => fixture.close());

  it('does not make our own commit or snapshot look like another writer’s', async () => {
    const store = openMemoryBlobStore();
    // What the SDK's retry does when the first answer never came: it meets the blob it wrote itself.
    const retrying: BlobStore = {
      ...store,
      async putIfAbsent(name, body) {
        await store.putIfAbsent(name, body);
        return store.putIfAbsent(name, body);
      },
    };
    const vault = await fixture.reopen(retrying);
    await capture(vault, 1);
    await expectConsistent(vault);
    expect((await vault.table('thing').state())?.token).toBe(String(rounds));
  });
});
