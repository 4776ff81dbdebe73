import { compareVersions, recordHistory } from '../../jobs/records.ts';
import type { Comparison, RecordHistory, Shown } from '../../jobs/contract.ts';
import { operator, withEnvironment, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { rowOf } from '../input.ts';
import { aligned, counted, type CommandResult } from '../output.ts';

/** Every captured version of a row, with the columns that changed. */
export async function history(context: CommandContext, table: string, id: string): Promise<CommandResult> {
  const row = rowOf(table, id);
  const caller = operator(context.machine);
  const found = await withEnvironment(context, (environment) => recordHistory(environment, row, caller));
  return { ...done(context), data: found, text: historyText(found) };
}

/** Two versions, or a version and the live row. */
export async function compare(
  context: CommandContext,
  table: string,
  id: string,
  points: { readonly from: string; readonly to: string },
): Promise<CommandResult> {
  const request = { ...rowOf(table, id), ...points };
  const caller = operator(context.machine);
  const found = await withEnvironment(context, (environment) =>
    compareVersions(environment, request, caller),
  );
  return { ...done(context), data: found, text: comparisonText(found) };
}

function done(context: CommandContext): Pick<CommandResult, 'ok' | 'code' | 'exitCode' | 'warnings'> {
  return { ok: true, code: 'done', exitCode: exit.done, warnings: context.warnings };
}

function historyText(found: RecordHistory): string {
  const name = found.name === null ? found.id : `"${found.name}" (${found.id})`;
  const live = found.live === null ? 'It is not there now.' : 'It is there now.';
  return [
    `${found.tableLabel} ${name}: ${counted(found.versionCount, 'version')}. ${live}`,
    '',
    aligned(
      ['VERSION', 'CAPTURED', 'SNAPSHOT', 'WHAT', 'MODIFIED', 'BY', 'COLUMNS'],
      found.versions.map((version) => [
        version.version,
        version.capturedAt,
        version.snapshot,
        version.kind,
        version.modifiedOn,
        version.modifiedBy?.name ?? version.modifiedBy?.id ?? '',
        version.changedColumns.map((column) => column.name).join(', '),
      ]),
    ),
  ].join('\n');
}

function comparisonText(found: Comparison): string {
  const different = found.columns.filter(
    (column) => column.change !== 'same' && column.change !== 'not-captured',
  );
  const name = found.name === null ? found.id : `"${found.name}"`;
  const sides = `${sideText(found.from)} and ${sideText(found.to)}`;
  const head = `${found.tableLabel} ${name}, ${sides}: ${counted(different.length, 'column')} differ.`;
  if (different.length === 0) return head;
  const rows = different.map((column) => [
    column.name,
    shownText(column.from),
    shownText(column.to),
    column.why,
  ]);
  return [head, '', aligned(['COLUMN', 'FROM', 'TO', 'NOT RESTORABLE BECAUSE'], rows)].join('\n');
}

function sideText(side: Comparison['from']): string {
  if (side.kind === 'live') return 'the live row';
  return `${side.kind === 'deleted' ? 'the deletion' : 'the version'} of ${side.capturedAt ?? 'an unknown time'}`;
}

/** "Not in this backup" is never the same as empty. */
export function shownText(value: Shown): string {
  if (!value.captured) return 'not in this backup';
  return value.value === null ? '(empty)' : value.text;
}
