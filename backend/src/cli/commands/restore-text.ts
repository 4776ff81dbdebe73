import type { Restore, RestorePlan } from '../../jobs/contract.ts';
import { aligned, counted } from '../output.ts';
import { shownText } from './records.ts';

/** What a restore will write, row by row and column by column, and what it leaves alone. */
export function planText(plan: RestorePlan): string {
  const { counts } = plan;
  const rows = plan.rows.flatMap((row) => {
    const head = [row.table, row.name ?? row.id, row.action, '', '', row.why ?? ''];
    const columns = row.columns
      .filter(
        (column) =>
          column.decision === 'restore' || column.decision === 'kept' || column.decision === 'cannot',
      )
      .map((column) => [
        '',
        `  ${column.name}`,
        column.decision,
        shownText(column.now),
        shownText(column.wanted),
        column.why ?? '',
      ]);
    const files = row.files.map((file) => [
      '',
      `  ${file.column}`,
      'restore',
      '',
      file.name ?? 'content',
      '',
    ]);
    return [head, ...columns, ...files];
  });
  return [
    `Plan ${plan.id}: ${counted(counts.rows, 'row')}, ${counted(counts.columnsToRestore, 'column')} to restore, ${counts.columnsKept} kept, ${counted(counts.filesToRestore, 'file')}.`,
    '',
    aligned(['TABLE', 'WHAT', 'ACTION', 'NOW', 'WANTED', 'WHY'], rows),
    ...plan.problems.map(
      (one) =>
        `Problem (${one.code}): ${one.message} ${one.waysOut[0] === undefined ? '' : `The run will: ${one.waysOut[0]}.`}`,
    ),
    ...plan.sideEffects.map((effect) => `Side effect: ${effect}`),
  ].join('\n');
}

/** What became of each row. */
export function resultText({ plan, result, status }: Restore): string {
  if (result === null) return `Restore ${plan.id} is ${status}.`;
  const { restored, kept, skipped, failed } = result.counts;
  const rows = result.rows.map((row) => [
    row.table,
    row.name ?? row.id,
    row.kind,
    row.code ?? '',
    row.why ?? '',
  ]);
  return [
    `Restore ${result.id}: ${restored} restored, ${kept} kept, ${skipped} skipped, ${failed} failed.`,
    '',
    aligned(['TABLE', 'ROW', 'OUTCOME', 'CODE', 'WHY'], rows),
    ...(result.undoOffered ? ['', `rowback undo ${result.id} takes it back.`] : []),
  ].join('\n');
}
