import type { Alert, AlertSelection } from '../../vault/index.ts';
import { tableMatcher } from '../left-out.ts';
import { judge, type Abnormal, type Threshold } from './abnormal.ts';
import type { Past } from './past.ts';

/** What the policy says about alerts of rows. */
export interface AlertRules {
  readonly changed: Threshold;
  readonly deleted: Threshold;
  readonly allow: readonly AllowedChange[];
}

/** Where the policy says nothing: every third row changed, every tenth deleted, or more than the table's own past. */
export const usualAlertRules: AlertRules = {
  changed: { rows: null, percent: 33 },
  deleted: { rows: null, percent: 10 },
  allow: [],
};

/** A job that is known to change many rows. */
export interface AllowedChange {
  /** Ids of users; empty: whoever. Deletes name nobody, so only a rule without users allows them. */
  readonly by: readonly string[];
  /** Patterns of logical names. */
  readonly tables: readonly string[];
  readonly operations: readonly ('changed' | 'deleted')[];
  readonly why: string;
}

/** What one run captured of one table. */
export interface TableMoves {
  readonly table: string;
  readonly folder: string;
  /** Rows created or changed. */
  readonly put: number;
  /** Rows deleted; those moved to long-term retention or expired by themselves are none. */
  readonly deleted: number;
  /** Of the rows put: how many each user saved last. */
  readonly lastSavedBy: Readonly<Record<string, number>>;
  readonly rowsBefore: number;
  readonly afterSeq: number;
  readonly throughSeq: number;
}

export interface RunFacts {
  readonly snapshot: string;
  /** The snapshot before it. */
  readonly before: string;
  /** Since the run before. */
  readonly hours: number;
}

/** Users named in an alert: those with the most rows. */
const usersNamed = 5;

/** Alerts about how much moved in a table: against the policy's thresholds and the table's own past. */
export function alertsOfMoves(moves: TableMoves, past: Past, rules: AlertRules, run: RunFacts): Alert[] {
  const measures = [
    { operation: 'put', rows: moves.put, threshold: rules.changed },
    { operation: 'gone', rows: moves.deleted, threshold: rules.deleted },
  ] as const;
  return measures.flatMap(({ operation, rows, threshold }) => {
    const series = past.of(moves.folder, operation);
    const judged = (count: number) =>
      judge({ rows: count, hours: run.hours, tableRows: moves.rowsBefore }, series, threshold);
    const abnormal = judged(rows);
    if (abnormal === null) return [];
    const rule = allowing(rules.allow, moves, operation, (count) => judged(count) === null);
    return [alertOf(moves, operation, rows, abnormal, rule?.why ?? null, run)];
  });
}

/** The rule without whose users' rows there would be nothing unusual. */
function allowing(
  rules: readonly AllowedChange[],
  moves: TableMoves,
  operation: 'put' | 'gone',
  isUsual: (rows: number) => boolean,
): AllowedChange | null {
  const word = operation === 'put' ? 'changed' : 'deleted';
  const applies = rules.filter(
    (rule) =>
      rule.operations.includes(word) && rule.tables.some((pattern) => tableMatcher(pattern)(moves.table)),
  );
  const found = applies.find((rule) => {
    if (rule.by.length === 0) return true;
    if (operation === 'gone') return false;
    const known = rule.by.reduce((sum, user) => sum + (moves.lastSavedBy[user] ?? 0), 0);
    return known > 0 && isUsual(Math.max(0, moves.put - known));
  });
  return found ?? null;
}

function alertOf(
  moves: TableMoves,
  operation: 'put' | 'gone',
  rows: number,
  abnormal: Abnormal,
  expected: string | null,
  run: RunFacts,
): Alert {
  const code = operation === 'put' ? 'many-changed' : 'many-deleted';
  const verb = operation === 'put' ? 'created or changed' : 'deleted';
  const of = moves.rowsBefore === 0 ? '' : ` (it had ${moves.rowsBefore})`;
  return {
    id: `${run.snapshot}.${code}.${moves.folder}`,
    code,
    table: moves.table,
    message: `${rows} rows of ${moves.table}${of} were ${verb} between two backups; ${because(abnormal)}.`,
    figures: { rows, limit: abnormal.limit, tableRows: moves.rowsBefore },
    lastSavedBy: operation === 'put' ? mostOf(moves.lastSavedBy) : {},
    expected,
    selection: selectionOf(moves, operation, rows, run),
  };
}

/** What this run captured of the table, as a restore takes it. */
export function selectionOf(
  { folder, afterSeq, throughSeq }: Pick<TableMoves, 'folder' | 'afterSeq' | 'throughSeq'>,
  operation: 'put' | 'gone',
  rows: number,
  { before }: Pick<RunFacts, 'before'>,
): AlertSelection {
  return { kind: 'changed-between', table: folder, operation, afterSeq, throughSeq, before, rows };
}

function because({ because: why, limit }: Abnormal): string {
  switch (why) {
    case 'rows':
    case 'percent':
      return `the policy calls ${limit} too many`;
    case 'past':
      return `by this table's own past it is ${limit} at most`;
  }
}

function mostOf(counts: Readonly<Record<string, number>>): Record<string, number> {
  const most = Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .slice(0, usersNamed);
  return Object.fromEntries(most);
}
