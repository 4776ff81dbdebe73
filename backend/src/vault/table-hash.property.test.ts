import { createHash } from 'node:crypto';
import fc from 'fast-check';
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
import { type FileEntry, type TableSchema, HashSum, contentIdOf, contentText, rowHash } from './index.ts';

let fixture: VaultFixture;
beforeAll(async () => {
  fixture = await openVaultFixture();
});
afterAll(() => fixture.close());

const first = schemaOf([
  columnOf('body', 'body'),
  columnOf('doc', 'file'),
  columnOf('name', 'string'),
  columnOf('total', 'decimal', { scale: 2, volatile: true }),
  columnOf('versionnumber', 'long'),
]);
const second = schemaOf([...first.columns.filter(({ name }) => name !== 'thingid'), columnOf('size', 'int')]);

/** One thing that happens: a row written, a row gone, or a line about a content. */
const event = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    n: fc.integer({ min: 0, max: 2 }),
    name: fc.constantFrom('a', 'b', null),
    doc: fc.constantFrom('doc-1', 'doc-2'),
    version: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({ kind: fc.constant('gone' as const), n: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    kind: fc.constant('content' as const),
    n: fc.integer({ min: 0, max: 2 }),
    contentId: fc.constantFrom('doc-1', 'doc-2', '1', '2'),
    state: fc.constantFrom('stored' as const, 'lost' as const, 'blocked' as const),
  }),
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

interface Model {
  readonly rows: Map<number, { schema: TableSchema; values: Record<string, string | number | null> }>;
  readonly lines: Map<string, Pick<FileEntry, 'state' | 'sha256'>>;
}

describe('the table hash', () => {
  let run = 0;
  it('carried on over commits equals the one of a full scan, and the one of a model', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(event, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          run += 1;
          const name = `t${run}`;
          const model: Model = { rows: new Map(), lines: new Map() };
          let before = { hash: new HashSum().toString(), throughSeq: 0, fileSeq: fileSeqNow };
          for (const [round, events] of rounds.entries()) {
            const next = await apply(name, round, events, model);
            const carried = await fixture.vault.hashes.advance(name, before, next);
            expect(carried).toBe(await fixture.vault.hashes.at(name, next.throughSeq, next.fileSeq));
            expect(carried).toBe(modelHash(model));
            const rows = await collect(fixture.vault.table(name).scan(next.throughSeq));
            expect(new Map(rows.map(({ key, values }) => [key, values['name']]))).toEqual(
              new Map([...model.rows].map(([n, { values }]) => [idOf(n), values['name']])),
            );
            before = { hash: carried, ...next };
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  let fileSeqNow = 0;

  async function apply(name: string, round: number, events: readonly Event[], model: Model) {
    const schema = round % 2 === 0 ? first : second;
    const snapshot = snapshotIdOf(round + 1);
    const schemaId = await fixture.vault.schemas.put(schema);
    const writer = await fixture.vault.table(name).append({ snapshot, epoch: 0, schema, schemaId });
    const entries: FileEntry[] = [];
    for (const happened of events) {
      if (happened.kind === 'put') {
        const values = {
          thingid: idOf(happened.n),
          name: happened.name,
          doc: happened.doc,
          total: String(round),
          versionnumber: String(happened.version),
          ...(schema === second ? { size: 1 } : {}),
        };
        await writer.put(idOf(happened.n), values, capturedAt);
        model.rows.set(happened.n, { schema, values });
      } else if (happened.kind === 'gone') {
        await writer.gone(idOf(happened.n), 'deleted', capturedAt);
        model.rows.delete(happened.n);
      } else {
        const line = lineOf(name, happened);
        entries.push(line);
        model.lines.set(`${happened.n} ${line.column} ${line.contentId}`, line);
      }
    }
    const { throughSeq } = await writer.commit();
    // rowback_file is one table for all runs of this test; its snapshots must not fall.
    const appended = await fixture.vault.files.append(entries, {
      snapshot: snapshotIdOf(60),
      epoch: 0,
      capturedAt,
    });
    fileSeqNow = appended?.throughSeq ?? fileSeqNow;
    return { throughSeq, fileSeq: fileSeqNow };
  }

  function lineOf(table: string, { n, contentId, state }: Extract<Event, { kind: 'content' }>): FileEntry {
    const stored = state === 'stored';
    return {
      table,
      key: idOf(n),
      column: contentId.startsWith('doc') ? 'doc' : 'body',
      contentId,
      state,
      sha256: stored ? createHash('sha256').update(contentId).digest('hex') : null,
      bytes: stored ? 7 : null,
      name: 'x',
      mimeType: null,
      reason: stored ? null : 'because',
    };
  }

  function modelHash({ rows, lines }: Model): string {
    const sum = new HashSum();
    for (const [n, { schema, values }] of rows) {
      const hash = rowHash(schema, values, (column) => {
        const contentId = contentIdOf(column, values);
        return contentText(column, contentId, lines.get(`${n} ${column.name} ${contentId}`));
      });
      sum.add(hash);
    }
    return sum.toString();
  }
});
