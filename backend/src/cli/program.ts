import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { backup } from './commands/backup.ts';
import { coverage, type CoverageChoices } from './commands/coverage.ts';
import { doctor } from './commands/doctor.ts';
import { jobs, type JobsOptions } from './commands/jobs.ts';
import { plan } from './commands/plan.ts';
import { compare, history } from './commands/records.ts';
import { restore, undo, type RestoreChoices } from './commands/restores.ts';
import { verify } from './commands/verify.ts';
import { schemaDiff } from './commands/schema-diff.ts';
import { serve, serveRoles, type ServeOptions, type ServeRole } from './commands/serve.ts';
import { snapshots } from './commands/snapshots.ts';
import { openContext, type CommandContext, type GlobalOptions, type Machine } from './context.ts';
import { exit, exitCodeOf, shownError } from './exit.ts';
import { envelope, printResult, type CommandResult, type Output } from './output.ts';

/** Runs one command line and gives the exit code. `args` are those after the program's name. */
export async function runCommandLine(args: readonly string[], machine: Machine): Promise<number> {
  let code: number = exit.done;
  const program = describe(machine, (exitCode) => (code = exitCode));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // --help and --version end here too; everything else has been explained on the error stream already.
    const json = args.includes('--json');
    if (error.exitCode === 0) return exit.done;
    if (json) printFailure(outputOf(machine, true), args[0] ?? 'rowback', usage(error));
    else machine.err('(usage)\n');
    return exit.wrongUse;
  }
}

function usage(error: CommanderError): { code: string; message: string; hint: string } {
  return {
    code: 'usage',
    message: error.message.replace(/^error: /, ''),
    hint: '`rowback --help` lists the commands and options.',
  };
}

type Work = (context: CommandContext) => Promise<CommandResult | null>;

function describe(machine: Machine, end: (exitCode: number) => void): Command {
  const program = new Command('rowback')
    .description('Backup and restore for Microsoft Dataverse into your own Azure Blob storage.')
    .option('-e, --environment <url or name>', 'the environment to work on (ROWBACK_ENVIRONMENT)')
    .option('-c, --config <file>', 'configuration (ROWBACK_CONFIG; else rowback.yaml here or above)')
    .option('--json', 'print one JSON object on standard output')
    .exitOverride()
    .configureOutput({ writeOut: machine.out, writeErr: machine.err })
    .showSuggestionAfterError();
  // A command takes the general options before and after its name.
  const run = (name: string, command: Command, work: Work) =>
    runCommand(machine, name, command.optsWithGlobals<GlobalOptions>(), work).then(end);
  addBackupCommands(program, run);
  addCoverageCommands(program, run);
  addSchemaCommands(program, run);
  addRecordCommands(program, run);
  addOperationCommands(program, run);
  return program;
}

type Run = (name: string, command: Command, work: Work) => Promise<void>;

function addBackupCommands(program: Command, run: Run): void {
  program
    .command('plan')
    .description('show what a backup reads, and what it leaves out, why')
    .action((_options: object, command: Command) => run('plan', command, plan));
  program
    .command('backup')
    .description('back up what changed since the last run')
    .option('--tables <names>', 'only these tables, comma-separated', list)
    .action((options: { tables?: string[] }, command: Command) =>
      run('backup', command, (context) => backup(context, options)),
    );
  program
    .command('snapshots [id]')
    .description('list snapshots, or show one with its tables')
    .option('--limit <count>', 'how many to list', count, 20)
    .action((id: string | undefined, options: { limit: number }, command: Command) =>
      run('snapshots', command, (context) => snapshots(context, id, options)),
    );
}

function addCoverageCommands(program: Command, run: Run): void {
  program
    .command('coverage')
    .description('show what a snapshot protects, what it does not, why, and the way to change it')
    .option('--snapshot <id>', 'this snapshot; else the newest')
    .option('--from <date>', 'report a period: from this date or instant on')
    .option('--to <date>', 'report a period: up to this date or instant')
    .option('--csv <file>', 'write every table and column')
    .option('--html <file>', 'write a page to print')
    .option('--vault <id>', "the environment's id: read its vault and do not ask Dataverse")
    .action((options: CoverageChoices, command: Command) =>
      run('coverage', command, (context) => coverage(context, options)),
    );
}

function addSchemaCommands(program: Command, run: Run): void {
  program
    .command('schema')
    .description('look at the metadata that snapshots keep')
    .command('diff <before> <after>')
    .description('show how tables, columns and choices moved between two snapshots')
    .option('--vault <id>', "the environment's id: read its vault and do not ask Dataverse")
    .action((before: string, after: string, options: { vault?: string }, command: Command) =>
      run('schema-diff', command, (context) => schemaDiff(context, before, after, options)),
    );
}

function addRecordCommands(program: Command, run: Run): void {
  program
    .command('history <table> <id>')
    .description('list the captured versions of a record')
    .action((table: string, id: string, _options: object, command: Command) =>
      run('history', command, (context) => history(context, table, id)),
    );
  program
    .command('compare <table> <id>')
    .description('compare two versions of a record, or one with the live row')
    .option('--from <point>', 'snapshot id, instant, version or latest')
    .option('--at <point>', 'the same as --from')
    .option('--to <point>', 'the other side: a point, or live', 'live')
    .action(
      (table: string, id: string, options: { from?: string; at?: string; to: string }, command: Command) =>
        run('compare', command, (context) =>
          compare(context, table, id, { from: options.from ?? options.at ?? 'latest', to: options.to }),
        ),
    );
  program
    .command('restore [table] [id]')
    .description('put a record back as it was')
    .option('--at <point>', 'snapshot id, instant or latest')
    .option('--version <number>', 'one version of the history')
    .option('--columns <names>', 'only these columns, comma-separated', list)
    .option('--overwrite', 'also put back what somebody changed since')
    .option('--dry-run', 'show the plan and write nothing')
    .option('--plan <id>', 'run a plan that was made before')
    .option('-y, --yes', 'do not ask')
    .action((table: string | undefined, id: string | undefined, options: RestoreChoices, command: Command) =>
      run('restore', command, (context) => restore(context, { table, id }, options)),
    );
  program
    .command('undo <restoreId>')
    .description('take a restore back')
    .option('--dry-run', 'show the plan and write nothing')
    .option('-y, --yes', 'do not ask')
    .action((restoreId: string, options: RestoreChoices, command: Command) =>
      run('undo', command, (context) => undo(context, restoreId, options)),
    );
}

function addOperationCommands(program: Command, run: Run): void {
  program
    .command('serve')
    .description('run the API, answer requests from forms, back up by the policy’s interval')
    .option('--role <role>', 'only this part: api, scheduler or worker; may be given again', role)
    .option('--tables <count>', 'tables that a worker reads at once', count, 4)
    .action((options: ServeOptions, command: Command) =>
      run('serve', command, (context) => serve(context, options)),
    );
  program
    .command('jobs')
    .description('list backups in the queue, and messages that were set aside')
    .option('--cancel', 'end the backup that is under way; the next one goes on from there')
    .option('--pause', 'let no backup start by itself')
    .option('--resume', 'let backups start by themselves again')
    .action((options: JobsOptions, command: Command) =>
      run('jobs', command, (context) => jobs(context, options)),
    );
  program
    .command('verify')
    .description('hold the vaults against their own format; asks Dataverse nothing')
    .option('--vault <environmentId>', 'only the vault of this environment')
    .option('--read-data', 'read every byte, and count and hash every table anew')
    .action((options: { vault?: string; readData?: boolean }, command: Command) =>
      run('verify', command, (context) => verify(context, options)),
    );
  program
    .command('doctor')
    .description('look at sign-in, rights and storage; say what is missing and how to grant it')
    .action((_options: object, command: Command) => run('doctor', command, doctor));
}

async function runCommand(
  machine: Machine,
  name: string,
  options: GlobalOptions,
  work: Work,
): Promise<number> {
  const output = outputOf(machine, options.json === true);
  try {
    const result = await work(openContext(machine, output, options));
    if (result === null) return exit.done;
    printResult(output, name, result);
    return result.exitCode;
  } catch (error) {
    printFailure(output, name, shownError(error));
    return exitCodeOf(error);
  }
}

function printFailure(output: Output, command: string, error: ReturnType<typeof shownError>): void {
  if (output.json) {
    const result = { ok: false, code: error.code, data: { error }, warnings: [] };
    output.out(`${JSON.stringify(envelope(command, result))}\n`);
    return;
  }
  output.err(`${error.message}\n${error.hint}\n(${error.code})\n`);
}

function outputOf(machine: Machine, json: boolean): Output {
  return { out: machine.out, err: machine.err, isWatched: machine.isTerminal, json };
}

function list(text: string): string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  // None named would mean that nothing is done, or everything: neither was asked for.
  if (parts.length === 0) throw new InvalidArgumentError('at least one name');
  return parts;
}

function role(text: string, before: readonly ServeRole[] = []): ServeRole[] {
  const found = serveRoles.find((known) => known === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${serveRoles.join(', ')}`);
  return [...before, found];
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('a whole number above 0');
}
