import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allRows, openParquetEngine, quoteText, type ParquetEngine } from './parquet-engine.ts';

let scratch: string;
let engine: ParquetEngine;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'rowback-engine-'));
  engine = await openParquetEngine({ scratch });
});
afterAll(async () => {
  engine.close();
  await rm(scratch, { recursive: true, force: true });
});

test('a file made anew under its old name is read as it is now, however soon', async () => {
  const path = join(scratch, 'same.parquet');
  for (let round = 0; round < 150; round += 1) {
    const rows = 1000 + (round % 3);
    const text = `repeat(chr(65 + ${round} % 26), (x % 7)::INT) || x::VARCHAR`;
    await engine.run(
      `COPY (SELECT ${round} AS n, ${text} AS t FROM range(${rows}) r(x))
       TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const read = `SELECT min(n), max(n), count(*), count(DISTINCT t) FROM read_parquet(${quoteText(path)})`;
    expect((await allRows(engine, read)).flat().map(Number)).toEqual([round, round, rows, rows]);
    await rm(path);
  }
});

test('wide tables that are written at the same time do not need the memory of all', async () => {
  const small = await openParquetEngine({ scratch, memoryMb: 100 });
  const columns = Array.from({ length: 150 }, (_, index) => `'value ${index} ' || x AS c${index}`).join(', ');
  const write = (table: number): Promise<void> =>
    small.run(
      `COPY (SELECT x AS key, ${columns} FROM range(8000) r(x) ORDER BY key DESC)
       TO ${quoteText(join(scratch, `wide-${table}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`,
    );
  await Promise.all([0, 1, 2, 3].map(write));
  small.close();
});
