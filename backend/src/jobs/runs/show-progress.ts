import type { BackupJob } from '../contract.ts';
import type { Environment } from '../environment.ts';
import { readProgress } from './progress.ts';
import { RunDocuments } from './run-documents.ts';
import type { RunRecord } from './run-record.ts';
import { totalOf } from './steps.ts';

type Progress = BackupJob['progress'];

/** How far a run is, of which other processes may do the tables. */
export async function showProgress(
  { control, environmentId, clock }: Environment,
  record: RunRecord,
): Promise<Progress> {
  const documents = new RunDocuments(control, environmentId, record.id);
  const [progress, tables] = await Promise.all([readProgress(documents), documents.tables()]);
  const planned = tables ?? [];
  const expected = await documents.expectedRows();
  const shown = planned.map((table) => {
    const known = progress.tables.get(table);
    return {
      table,
      state: known?.state ?? ('waiting' as const),
      rows: known?.rows ?? 0,
      rowsExpected: expected[table] ?? null,
      bytes: known?.bytes ?? 0,
      requests: known?.requests ?? 0,
    };
  });
  const elapsedMs = clock.now().getTime() - Date.parse(record.requestedAt);
  return {
    ...totalOf(progress, planned),
    waitedSeconds: Math.round(progress.throttledMs / 1000),
    secondsLeft: secondsLeft(shown, elapsedMs),
    tables: shown,
  };
}

/**
 * Where a table is read from its beginning, rows tell how far it is; a table that is read for its changes has few, and
 * counts as one step. Null while nothing has been done that time could be told from.
 */
export function secondsLeft(tables: readonly TableShare[], elapsedMs: number): number | null {
  const parts = tables.map((table) => {
    if (table.state === 'done' || table.state === 'failed') return 1;
    const expected = table.rowsExpected ?? 0;
    return expected === 0 ? 0 : Math.min(0.99, table.rows / expected);
  });
  // A large table takes longer than a small one; each has a cost of its own.
  const weight = (at: number) => 2000 + (tables[at]?.rowsExpected ?? 0);
  const all = parts.reduce((sum, _, at) => sum + weight(at), 0);
  const done = parts.reduce((sum, part, at) => sum + part * weight(at), 0);
  if (all === 0 || done / all < 0.01) return null;
  return Math.round((elapsedMs * (all - done)) / done / 1000);
}

interface TableShare {
  readonly state: 'waiting' | 'reading' | 'done' | 'failed';
  readonly rows: number;
  readonly rowsExpected: number | null;
}
