import type { Alert, AlertCode, TableAtSnapshot } from '../../vault/index.ts';

/** What the last run had of a table, and what this one has. */
export interface TableThen {
  readonly folder: string;
  readonly table: string;
  readonly before: TableAtSnapshot | null;
  readonly now: {
    readonly status: 'complete' | 'stale' | 'incomplete' | 'failed';
    readonly errors: readonly { readonly code: string; readonly message: string }[];
    readonly lost: number;
    /** Rows that the daily sweep found and the list of changes had not shown; left out: none. */
    readonly missed?: { readonly put: number; readonly gone: number };
  };
  /** Columns captured by the last run that hold data and are not captured any more, with the reason's code. */
  readonly columnsLost: readonly { readonly column: string; readonly code: string }[];
}

/**
 * Alerts about protection that a table had and has no longer. They come once, when it is lost: what goes on being lost
 * is in the coverage report.
 */
export function alertsOfCoverage(table: TableThen, snapshot: string): Alert[] {
  const alerts: Alert[] = [];
  const say = (code: AlertCode, message: string, figures: Alert['figures']) =>
    alerts.push(plain(snapshot, code, table, message, figures));
  const { before, now } = table;
  const [error] = now.errors;
  if (before?.status === 'complete' && (now.status === 'stale' || now.status === 'failed')) {
    const code = error?.code === 'deletes-not-proved' ? 'deletes-not-proved' : 'table-lost';
    const why = error === undefined ? '' : `: ${error.message}`;
    say(code, `${table.table} could not be captured; its state stays that of ${before.namedBy}${why}`, {});
  }
  if (table.columnsLost.length > 0) {
    const names = table.columnsLost.map(({ column, code }) => `${column} (${code})`).join(', ');
    say('columns-lost', `Columns of ${table.table} are not captured any more: ${names}.`, {
      columns: table.columnsLost.length,
    });
  }
  if (now.missed !== undefined) {
    const { put, gone } = now.missed;
    const message = `The service's list of changes had not shown ${put} created or changed and ${gone} deleted rows of ${table.table}; the daily comparison found and captured them.`;
    say('feed-fault', message, { put, gone });
  }
  if (now.lost > 0) {
    const message = `${now.lost} contents of ${table.table} were replaced or removed before they could be read, or cannot be had at all.`;
    say('contents-lost', message, { contents: now.lost });
  }
  return alerts;
}

/** Tables that the last run captured and that this run's plan leaves out. */
export function alertsOfTablesGone(
  tables: readonly { readonly folder: string; readonly table: string; readonly why: string }[],
  snapshot: string,
): Alert[] {
  return tables.map((gone) =>
    plain(snapshot, 'table-lost', gone, `${gone.table} is not backed up any more: ${gone.why}.`, {}),
  );
}

function plain(
  snapshot: string,
  code: AlertCode,
  { folder, table }: { readonly folder: string; readonly table: string },
  message: string,
  figures: Alert['figures'],
): Alert {
  const id = `${snapshot}.${code}.${folder}`;
  return { id, code, table, message, figures, lastSavedBy: {}, expected: null, selection: null };
}
