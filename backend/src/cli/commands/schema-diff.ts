import { compareSchemas } from '../../jobs/coverage.ts';
import { withEnvironment, withVault, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { aligned, counted, type CommandResult } from '../output.ts';

/** How the metadata moved between two snapshots. */
export async function schemaDiff(
  context: CommandContext,
  before: string,
  after: string,
  options: { readonly vault?: string },
): Promise<CommandResult> {
  const changes =
    options.vault === undefined
      ? await withEnvironment(context, ({ vault }) => compareSchemas(vault, before, after))
      : await withVault(context, options.vault, ({ vault }) => compareSchemas(vault, before, after));
  const rows = changes.map(({ kind, change, name, facts }) => [
    kind,
    name,
    change,
    facts.map((one) => `${one.fact}: ${one.before} → ${one.after}`).join('; '),
  ]);
  const text = [
    `${counted(changes.length, 'change')} between ${before} and ${after}.`,
    aligned(['KIND', 'NAME', 'CHANGE', 'WHAT'], rows),
  ];
  return {
    ok: true,
    code: 'done',
    exitCode: exit.done,
    data: { changes },
    text: text.join('\n'),
    warnings: context.warnings,
  };
}
