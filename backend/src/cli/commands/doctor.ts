import { examine, type Check } from '../../jobs/doctor.ts';
import { chosenEnvironment, openPorts, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import type { CommandResult } from '../output.ts';

/** Can we sign in, read what we must, reach storage; what is missing and how to grant it. */
export async function doctor(context: CommandContext): Promise<CommandResult> {
  const configuration: Check = {
    name: 'configuration',
    ok: true,
    detail: context.configPath ?? 'from ROWBACK_ variables',
    hint: null,
  };
  const environment = chosenEnvironment(context);
  const checks = [
    configuration,
    ...(await examine(context.settings, environment, openPorts(context.machine))),
  ];
  const healthy = checks.every((check) => check.ok !== false);
  return {
    ok: healthy,
    code: healthy ? 'done' : 'unhealthy',
    exitCode: healthy ? exit.done : exit.failed,
    data: { environment: environment.name, checks },
    text: checks.map(lineOf).join('\n'),
    warnings: context.warnings,
  };
}

function lineOf({ name, ok, detail, hint }: Check): string {
  const mark = ok === null ? 'note' : ok ? 'ok' : 'FAIL';
  const line = `${mark.padEnd(5)}${name.padEnd(18)}${detail}`;
  return hint === null ? line : `${line}\n${' '.repeat(23)}${hint}`;
}
