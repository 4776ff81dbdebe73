import { backUpNow, isWhole } from '../../jobs/backups.ts';
import { summaryOf } from '../../jobs/snapshots.ts';
import { withEnvironment, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { aligned, bytesText, counted, type CommandResult } from '../output.ts';
import { watchBackup } from '../progress.ts';

type Result = Awaited<ReturnType<typeof backUpNow>>;

/** Backs up what changed since the last run; everything the first time. */
export async function backup(
  context: CommandContext,
  options: { readonly tables?: readonly string[] | undefined },
): Promise<CommandResult> {
  return withEnvironment(context, async (environment) => {
    const watch = watchBackup(context.output);
    const result = await backUpNow(environment, {
      trigger: 'manual',
      tables: options.tables,
      signal: context.machine.signal,
      onProgress: watch.onProgress,
    }).finally(() => watch.stop());
    const summary = result.snapshot === null ? null : await summaryOf(environment.vault, result.snapshot);
    const whole = isWhole(result);
    return {
      ok: whole,
      code: whole ? (summary === null ? 'nothing-moved' : 'done') : 'partly',
      exitCode: whole ? exit.done : exit.partly,
      data: {
        snapshot: summary === null ? null : { ...summary, requests: result.progress.requests },
        startedAt: result.startedAt,
        endedAt: result.endedAt,
        progress: result.progress,
        tables: result.tables,
        alerts: result.alerts,
      },
      text: textOf(result),
      warnings: [...context.warnings, ...result.warnings, ...alertLines(result)],
    };
  });
}

function alertLines({ alerts }: Result): string[] {
  return alerts
    .filter(({ expected }) => expected === null)
    .map(({ message, code }) => `${message} (${code})`);
}

function textOf(result: Result): string {
  const { snapshot, progress, tables } = result;
  const put = tables.reduce((sum, table) => sum + table.put, 0);
  const gone = tables.reduce((sum, table) => sum + table.gone, 0);
  const cost = `${counted(progress.requests, 'request')}, ${bytesText(progress.bytes)} written`;
  const head =
    snapshot === null
      ? `Nothing changed since the last backup (${counted(tables.length, 'table')}, ${cost}).`
      : `Snapshot ${snapshot.id}: ${counted(put, 'changed row')}, ${gone} deleted, ${counted(tables.length, 'table')}, ${cost}.`;
  const troubled = tables.filter((table) => table.errors.length > 0 || table.status !== 'complete');
  if (troubled.length === 0) return head;
  const rows = troubled.map((table) => [
    table.table,
    table.status,
    table.errors[0]?.code ?? '',
    table.errors[0]?.message ?? table.warnings.at(-1) ?? '',
  ]);
  return [
    head,
    '',
    `Not whole: ${counted(troubled.length, 'table')}.`,
    aligned(['TABLE', 'STATUS', 'CODE', 'WHY'], rows),
  ].join('\n');
}
