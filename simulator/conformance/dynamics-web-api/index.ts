import { deepEqual } from 'node:assert/strict';
import type { Bench } from '../bench.ts';
import { checkBatches } from './batch.ts';
import { clientBench, METHODS } from './client.ts';
import { checkFiles } from './files.ts';
import { checkLinks } from './links.ts';
import { checkMetadataReads } from './metadata-reads.ts';
import { checkMetadataWrites } from './metadata-writes.ts';
import { checkOperations } from './operations.ts';
import { checkQueries } from './queries.ts';
import { checkRows } from './rows.ts';
import { checkSearch } from './search.ts';
import { checkTracking } from './tracking.ts';

/** The npm package dynamics-web-api: every public method, each result read back without it. */
export async function checkDynamicsWebApi(bench: Bench): Promise<void> {
  const client = clientBench(bench);
  for (const [title, run] of [
    ['rows', checkRows],
    ['queries', checkQueries],
    ['change tracking', checkTracking],
    ['links', checkLinks],
    ['functions and actions', checkOperations],
    ['files', checkFiles],
    ['batches', checkBatches],
    ['metadata, read', checkMetadataReads],
    ['metadata, written', checkMetadataWrites],
    ['search', checkSearch],
  ] as const) {
    bench.checks.heading(`dynamics-web-api: ${title}`);
    await run(client);
  }
  bench.checks.heading('dynamics-web-api: coverage');
  await bench.checks.check('every public method of the client was called', () =>
    deepEqual(
      METHODS.filter((name) => !client.called.has(name)),
      [],
    ),
  );
}
