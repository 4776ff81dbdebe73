import type { BackupJob } from '../../jobs/contract.ts';
import type { Environment } from '../../jobs/environment.ts';
import { listJobs, type Jobs } from '../../jobs/runs/list-jobs.ts';
import { writePause } from '../../jobs/runs/pause.ts';
import { jobOf } from '../../jobs/runs/queued-backups.ts';
import { cancelRun } from '../../jobs/runs/start-run.ts';
import { operatorName, withOpened, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { aligned, bytesText, counted, type CommandResult } from '../output.ts';

export interface JobsOptions {
  readonly cancel?: boolean;
  readonly pause?: boolean;
  readonly resume?: boolean;
}

/** What is under way in the queue, what ended lately, and what was set aside. */
export async function jobs(context: CommandContext, options: JobsOptions): Promise<CommandResult> {
  return withOpened(context, async (environment, storage) => {
    await change(environment, options, operatorName(context.machine));
    const found = await listJobs(environment, await storage.queue());
    return {
      ok: true,
      code: 'done',
      exitCode: exit.done,
      data: { ...found },
      text: textOf(found),
      warnings: context.warnings,
    };
  });
}

async function change(environment: Environment, options: JobsOptions, by: string): Promise<void> {
  const { control, environmentId, clock } = environment;
  if (options.cancel === true) await jobOf(environment, await cancelRun(environment));
  if (options.pause === true)
    await writePause(control, environmentId, { since: clock.now().toISOString(), by });
  if (options.resume === true) await writePause(control, environmentId, null);
}

function textOf({ running, ended, paused, waiting, setAside }: Jobs): string {
  const lines = [
    running === null ? 'No backup is under way in the queue.' : runningText(running),
    ...(paused === null ? [] : [`Paused by ${paused.by} since ${paused.since}: none starts by itself.`]),
    `${counted(waiting, 'message')} in the queue.`,
  ];
  if (ended.length > 0) {
    const rows = ended.map((job) => [job.id, job.status, job.startedAt, job.endedAt, job.error?.code ?? '']);
    lines.push('', aligned(['BACKUP', 'STATUS', 'STARTED', 'ENDED', 'CODE'], rows));
  }
  if (setAside.length > 0) {
    const rows = setAside.map(({ at, what, code, why }) => [at, what, code, why]);
    lines.push('', 'Set aside:', aligned(['AT', 'STEP', 'CODE', 'WHY'], rows));
  }
  return lines.join('\n');
}

function runningText({ id, progress }: BackupJob): string {
  const { tablesDone, tablesTotal, rows, bytes, requests, secondsLeft, waitedSeconds } = progress;
  const left = secondsLeft === null ? '' : `, about ${secondsLeft} s left`;
  const waited = (waitedSeconds ?? 0) === 0 ? '' : `, held back ${waitedSeconds} s by the service's limits`;
  const head = `Backup ${id}: ${tablesDone} of ${tablesTotal} tables, ${rows} rows, ${bytesText(bytes)}, ${counted(requests, 'request')}${left}${waited}.`;
  const reading = progress.tables.filter((table) => table.state === 'reading');
  if (reading.length === 0) return head;
  const lines = reading.map(({ table, rows: read, rowsExpected, bytes: written }) => [
    table,
    read,
    rowsExpected ?? '?',
    bytesText(written),
  ]);
  return `${head}\n\n${aligned(['READING', 'ROWS', 'OF ABOUT', 'WRITTEN'], lines)}\n`;
}
