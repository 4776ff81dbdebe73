import { tableOfFolder, type Alert } from '../../vault/index.ts';
import type { BackupPlan } from '../plan.ts';
import type { Before, RunStart } from '../run-begin.ts';
import type { TableResult } from '../run-table.ts';
import { alertsOfTablesGone } from './coverage.ts';
import { selectionOf } from './moves.ts';

interface Ended {
  readonly start: RunStart;
  readonly before: Before;
  readonly results: readonly TableResult[];
}

/** Alerts that no single table could raise: tables that fell out of the plan, and a rewind of the environment. */
export function alertsOfEnvironment(plan: BackupPlan, ended: Ended): Alert[] {
  return [...tablesLost(plan, ended), ...rewound(ended)];
}

/** Once, in the first run that leaves the table out: the snapshot's schema says from then on that it is. */
function tablesLost(plan: BackupPlan, { start, before }: Ended): Alert[] {
  const known = new Set(before.schema.excluded.map(({ table }) => table));
  const captured = new Set([...before.tables.keys()].map(tableOfFolder));
  const lost = plan.excluded.filter(({ table }) => captured.has(table) && !known.has(table));
  return alertsOfTablesGone(
    lost.map(({ table, why }) => ({ folder: table, table, why })),
    start.snapshot,
  );
}

/**
 * What a rewind took away: rows that are older now than the vault has them, and rows that are not there any more. Each
 * table's part names its rows, so that they can be put back as they were in the snapshot before.
 */
function rewound({ start, before, results }: Ended): Alert[] {
  if (start.newEpochBecause === null || before.snapshot === null) return [];
  const run = { before: before.snapshot.id };
  const parts = results.flatMap((result) => {
    const { folder, table, captured, state } = result;
    const moves = {
      folder,
      afterSeq: before.tables.get(folder)?.throughSeq ?? 0,
      throughSeq: state?.throughSeq ?? 0,
    };
    // A table that was never captured before lost nothing.
    if (moves.afterSeq === 0) return [];
    const measures = [
      { operation: 'put', rows: captured.put, what: 'are not as they were captured last' },
      { operation: 'gone', rows: captured.gone, what: 'are not there any more' },
    ] as const;
    return measures
      .filter(({ rows }) => rows > 0)
      .map(({ operation, rows, what }): Alert => ({
        id: `${start.snapshot}.environment-rewound.${folder}.${operation}`,
        code: 'environment-rewound',
        table,
        message: `${rows} rows of ${table} ${what} since the environment was restored or copied over.`,
        figures: { rows },
        lastSavedBy: {},
        expected: null,
        selection: selectionOf(moves, operation, rows, run),
      }));
  });
  const whole: Alert = {
    id: `${start.snapshot}.environment-rewound`,
    code: 'environment-rewound',
    table: null,
    message: `The environment was restored or copied over: ${start.newEpochBecause}. Every table was read in full and compared by content.`,
    figures: { tables: new Set(parts.map(({ table }) => table)).size },
    lastSavedBy: {},
    expected: null,
    selection: null,
  };
  return [whole, ...parts];
}
