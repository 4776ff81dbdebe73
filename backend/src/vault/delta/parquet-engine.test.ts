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
