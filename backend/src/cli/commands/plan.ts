import { planOf, unmatchedWarnings } from '../../jobs/backups.ts';
import { withEnvironment, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { aligned, counted, type CommandResult } from '../output.ts';

type Plan = Awaited<ReturnType<typeof planOf>>;

/** What a backup would do, table by table, and what it leaves out, why. Writes nothing. */
export async function plan(context: CommandContext): Promise<CommandResult> {
  const planned = await withEnvironment(context, planOf);
  return {
    ok: true,
    code: 'done',
    exitCode: exit.done,
    data: dataOf(planned),
    text: textOf(planned),
    warnings: [...context.warnings, ...unmatchedWarnings(planned)],
  };
}

function dataOf(planned: Plan): Record<string, unknown> {
  const { environment, policy, runsPerDay, requestsPerDay, excluded } = planned;
  return {
    environment: { id: environment.environmentId, name: environment.friendlyName, url: environment.url },
    policy,
    runsPerDay,
    requestsPerDay,
    tables: planned.tables.map(
      ({ table, label, mode, why, schema, leftOut, approximateRows, requestsPerRun }) => ({
        table,
        label,
        mode,
        why,
        columns: schema.columns.length,
        leftOut,
        approximateRows,
        requestsPerRun,
      }),
    ),
    excluded,
  };
}

function textOf(planned: Plan): string {
  const { tables, excluded, environment } = planned;
  const often = planned.runsPerDay === null ? 'one run' : `${planned.runsPerDay} runs a day`;
  return [
    `${environment.friendlyName}: ${counted(tables.length, 'table')}, about ${counted(planned.requestsPerDay, 'request')} for ${often}.`,
    '',
    aligned(
      ['TABLE', 'MODE', 'ROWS', 'COLUMNS', 'WHY'],
      tables.map((table) => [
        table.table,
        table.mode,
        table.approximateRows ?? '?',
        table.schema.columns.length,
        table.why,
      ]),
    ),
    ...securedText(planned),
    '',
    `Left out: ${counted(excluded.length, 'table')}.`,
    aligned(
      ['TABLE', 'REASON', 'WHY'],
      excluded.map((table) => [table.table, table.code, table.why]),
    ),
  ].join('\n');
}

/** Columns that hold data and are not captured: an administrator can change that. */
function securedText({ tables }: Plan): string[] {
  const secured = tables.flatMap((table) =>
    table.leftOut
      .filter((column) => column.code === 'secured' || column.code === 'policy')
      .map((column) => [`${table.table}.${column.column}`, column.why]),
  );
  return secured.length === 0 ? [] : ['', 'Columns left out:', aligned(['COLUMN', 'WHY'], secured)];
}
