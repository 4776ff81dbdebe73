import { writeFile } from 'node:fs/promises';
import { coverageCsv, coveragePage } from '../../coverage/index.ts';
import { coverageOf, type Coverage, type CoverageRequest } from '../../jobs/coverage.ts';
import { withEnvironment, withVault, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { instantFrom } from '../input.ts';
import { aligned, counted, type CommandResult } from '../output.ts';

export interface CoverageChoices {
  readonly snapshot?: string;
  readonly from?: string;
  readonly to?: string;
  readonly csv?: string;
  readonly html?: string;
  /** Environment id of a vault that is read without asking Dataverse. */
  readonly vault?: string;
}

/** What a snapshot protects, partly protects and does not, why, and the way to change it. */
export async function coverage(context: CommandContext, choices: CoverageChoices): Promise<CommandResult> {
  const request: CoverageRequest = {
    snapshot: choices.snapshot ?? null,
    from: choices.from === undefined ? null : instantFrom(choices.from),
    to: choices.to === undefined ? null : instantFrom(choices.to),
  };
  const made =
    choices.vault === undefined
      ? await withEnvironment(context, (environment) => coverageOf(environment, request))
      : await withVault(context, choices.vault, (opened) => coverageOf(opened, request));
  if (choices.csv !== undefined) await writeFile(choices.csv, coverageCsv(made.report));
  if (choices.html !== undefined) await writeFile(choices.html, coveragePage(made.report, made.period));
  return {
    ok: true,
    code: 'done',
    exitCode: exit.done,
    data: { ...made.report, period: made.period },
    text: textOf(made, choices),
    warnings: context.warnings,
  };
}

function textOf({ report }: Coverage, { csv, html }: CoverageChoices): string {
  const { counts, recoveryPoint, tables } = report;
  const partly = tables.filter(({ status }) => status === 'partly');
  const reasons = new Map<string, { why: string; hint: string; count: number }>();
  for (const { status, reasons: own } of tables) {
    const [reason] = status === 'not' ? own : [];
    if (reason === undefined) continue;
    const count = (reasons.get(reason.code)?.count ?? 0) + 1;
    reasons.set(reason.code, { why: reason.why, hint: reason.hint, count });
  }
  return [
    `${report.environment.name ?? report.environment.id} at ${report.snapshot}: ${counts.tables.protected} tables protected, ${counts.tables.partly} partly, ${counts.tables.not} not; ${counts.columns.protected} columns protected, ${counts.columns.partly} partly, ${counts.columns.not} not.`,
    `Recovery point reached: ${recoveryPoint.worst ?? 'none for some tables'}.`,
    ...recoveryPoint.behind.map((one) => `  behind: ${one.table}, ${one.recoveryPoint ?? 'none'}`),
    ...(partly.length === 0 ? [] : ['', 'Partly protected:']),
    aligned(
      ['TABLE', 'REASON', 'WHY', 'THE WAY TO CHANGE IT'],
      partly.flatMap(({ table, reasons: own }) => own.map(({ code, why, hint }) => [table, code, why, hint])),
    ),
    ...tables.flatMap(({ table, warnings }) => warnings.map(({ why, hint }) => `${table}: ${why}. ${hint}`)),
    '',
    'Not protected:',
    aligned(
      ['REASON', 'TABLES', 'WHY', 'THE WAY TO CHANGE IT'],
      [...reasons].map(([code, { why, hint, count }]) => [code, count, why, hint]),
    ),
    '',
    ...report.notes.map(({ why, hint }) => `Note: ${why}. ${hint}`),
    `Out of scope: ${report.outOfScope.map(({ what }) => what).join('; ')}.`,
    ...[csv, html].flatMap((file) => (file === undefined ? [] : [`Written: ${file}`])),
    `${counted(tables.length, 'table')} in all; --csv FILE lists every table and column, --html FILE makes a page to print.`,
  ].join('\n');
}
