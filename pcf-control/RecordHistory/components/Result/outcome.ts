import type { Restore, RowOutcome } from '../../services/contract';
import type { TextKey } from '../../services/english';
import type { Text } from '../../services/text';

export type OutcomeKind = RowOutcome['kind'];
export type OutcomeLine = { key: string; label: string; kind: OutcomeKind; why: string | null };

export const outcomeText = {
  restored: 'Outcome_Restored',
  kept: 'Outcome_Kept',
  skipped: 'Outcome_Skipped',
  failed: 'Outcome_Failed',
} as const satisfies Record<OutcomeKind, TextKey>;

/**
 * The record's own columns one by one; every other row, and a row without columns, as one line. A column that could not
 * be ticked is no outcome: the comparison said so before.
 */
export function outcomeLines({ plan, result }: Restore): OutcomeLine[] {
  const { table, id } = plan.selection;
  return (result?.rows ?? []).flatMap((row) => {
    const planned = plan.rows.find((one) => one.table === row.table && one.id === row.id);
    const isOwn = row.table === table && row.id === id;
    if (!isOwn || row.columns.length === 0 || planned?.action === 'create')
      return [rowLine(row, planned?.tableLabel)];
    return row.columns.flatMap((column) => {
      const known = planned?.columns.find(({ name }) => name === column.name);
      if (known?.decision === 'cannot' && column.kind === 'skipped') return [];
      return {
        key: `${row.id} ${column.name}`,
        label: known?.label ?? column.name,
        kind: column.kind,
        why: column.why ?? (column.kind === 'failed' ? row.why : null),
      };
    });
  });
}

function rowLine(row: RowOutcome, tableLabel: string | undefined): OutcomeLine {
  const label = [tableLabel ?? row.table, row.name ?? row.id].join(': ');
  const why = row.why === null ? row.hint : [row.why, row.hint].filter((part) => part !== null).join(' ');
  return { key: `${row.table} ${row.id}`, label, kind: row.kind, why };
}

/** "1 kept, 1 failed" */
export function countsText(text: Text, lines: readonly OutcomeLine[]): string {
  const count = (wanted: OutcomeKind) => lines.filter(({ kind }) => kind === wanted).length;
  const parts = [
    { key: 'Result_Kept' as const, count: count('kept') },
    { key: 'Result_Skipped' as const, count: count('skipped') },
    { key: 'Result_Failed' as const, count: count('failed') },
  ];
  return parts
    .filter((part) => part.count > 0)
    .map((part) => text.count(part.key, part.count))
    .join(', ');
}
