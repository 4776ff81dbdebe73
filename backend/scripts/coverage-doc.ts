import { format } from 'prettier';
import { noDataGroups } from '../src/backup/left-out.ts';
import type { BackupPlan, ExcludedTable, TablePlan } from '../src/backup/index.ts';
import { outOfScope, tableReason } from '../src/coverage/reasons.ts';
import { plannedColumns, whyNotWritable } from '../src/restore/index.ts';
import { whyUnsupported } from '../src/restore/unsupported.ts';
import { plannerPremium } from './planner-premium.ts';
import { planOfStandardTables } from './standard-environment.ts';

/** What becomes of each standard table, for people: `docs/coverage.md`, written by the rules that the product runs. */

const introduction = `# Coverage of the standard tables

<!-- Written by backend/scripts/coverage-doc.ts from the product's own rules: run \`npm run coverage-doc -w backend\`. -->

What a backup reads and a restore writes of the tables that Dynamics 365 and the platform bring along, with a policy
that includes everything (\`include: ['*']\`) and an identity that may read it. This page is written by the same code that
plans a backup and a restore, over the published metadata that \`simulator/metadata\` holds; an environment's own metadata
always has the last word. What one environment's newest snapshot holds, table by table and column by column, says
\`rowback coverage\`, and the operation [Get the coverage](api.md#get-the-coverage).

Tables of your own are read like those below: by change tracking where it is on, else by version scan. Elastic tables are read
by version scan and not restored; virtual tables are not read, since Dataverse stores none of their rows.`;

const legend = `**Backup**: \`change-tracking\` reads what changed since the last run; \`version-scan\`
reads keys and row versions of all rows, and the rows that moved; \`append\` reads
what was added; \`full\` reads all rows each time and compares.
**Columns**: captured with each version. **Left out**: columns not captured, by reason. **Restore**: of the columns that a
restore decides about, how many it writes to a record that is there (update) and to one that was deleted (create); the
rest is the platform's own: it computes or sets those values itself. \`linked again\`: the pair is associated anew.`;

const columnTexts = `| reason | why a column is left out |
| --- | --- |
| not-readable | the Web API does not give it: names and types of lookups, which follow from the lookup |
| not-a-value | holds no value: parties of an activity are rows of \`activityparty\`, which is read |
| part-of-image | comes with the image |
| repeats | holds the content that is captured as the body |
| secured | column security hides it from the backup identity |
| policy | the policy leaves out files |`;

export async function coverageDoc(): Promise<string> {
  const plan = planOfStandardTables();
  const of = (kind: TablePlan['details']['kind']) =>
    plan.tables.filter(({ details }) => details.kind === kind);
  const text = [
    introduction,
    '## Tables that are read',
    legend,
    '### Tables\n',
    readTables(of('standard')),
    '### Activities\n',
    'Who an activity was sent to or who attended are rows of `activityparty`; they come back with a deleted activity.',
    readTables(of('activity')),
    '### Many-to-many relationships\n',
    readTables(of('intersect')),
    '### Planner Premium\n',
    planner(plan),
    '## Columns that are left out',
    columnTexts,
    '## Tables that are left out',
    excludedTables(plan.excluded),
    '## Left out by name',
    'Also tables that are not in the list above, wherever an environment has them; `*` stands for any characters. A policy that names one of them exactly takes it in all the same.',
    groups(),
    '## Out of scope',
    'No backup of rows brings these back:',
    table(
      ['what', 'why', 'instead'],
      outOfScope.map(({ what, why, hint }) => [what, why, hint]),
    ),
  ].join('\n\n');
  return format(text, { parser: 'markdown', printWidth: 110 });
}

function readTables(tables: readonly TablePlan[]): string {
  const rows = tables.map((one) => [
    `\`${one.table}\``,
    one.label,
    one.mode,
    String(one.schema.columns.length),
    tally(one.leftOut.map(({ code }) => code)),
    restoreOf(one),
  ]);
  return table(['table', 'label', 'backup', 'columns', 'left out', 'restore'], rows);
}

function restoreOf({ table: name, schema, details }: TablePlan): string {
  const unsupported = whyUnsupported({ table: name, kind: schema.kind });
  if (unsupported !== null) return `unsupported: ${unsupported}`;
  if (schema.kind === 'intersect') return schema.link === undefined ? 'read only' : 'linked again';
  const planned = plannedColumns(schema);
  const writes = (action: 'create' | 'update') =>
    planned.filter(
      (column) =>
        whyNotWritable({
          details,
          column,
          action,
          writableSecured: null,
          ownershipAcrossBusinessUnits: false,
        }) === null,
    ).length;
  const [update, create] = [writes('update'), writes('create')];
  if (update === 0 && create === 0) return 'read only';
  return `update ${update}, create ${create} of ${planned.length}`;
}

function planner({ tables }: BackupPlan): string {
  const rows = plannerPremium.map(([name, label]) => {
    if (tables.some((one) => one.table === name)) throw new Error(`${name} is among the standard tables now`);
    if (noDataGroups.some(({ matches }) => matches(name))) throw new Error(`${name} is left out by name`);
    const unsupported = whyUnsupported({ table: name, kind: 'standard' });
    return [
      `\`${name}\``,
      label,
      'read',
      unsupported === null ? 'as its columns allow' : `unsupported: ${unsupported}`,
    ];
  });
  return [
    'Read by change tracking where the environment has it on, else by version scan. The column metadata of these tables is not published, so it is not counted here.',
    table(['table', 'label', 'backup', 'restore'], rows),
  ].join('\n\n');
}

function excludedTables(excluded: readonly ExcludedTable[]): string {
  return table(
    ['table', 'label', 'reason', 'why', 'the way to change it'],
    excluded.map((one) => {
      const { code, why, hint } = tableReason(one);
      return [`\`${one.table}\``, one.label, code, why, hint];
    }),
  );
}

function groups(): string {
  return noDataGroups
    .map(({ code, why, names }) => `**${code}**: ${why}.\n\n${names.map((name) => `\`${name}\``).join(', ')}`)
    .join('\n\n');
}

function tally(codes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
