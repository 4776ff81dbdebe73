import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { StartError } from './child.ts';
import { Story } from './console.ts';
import { checkCoverage, readCoverage } from './coverage-check.ts';
import { keepVault } from './keep.ts';
import { comparePackage } from './package-check.ts';
import { audience, environmentName, type Services, startServices } from './services.ts';
import { type Hurt, tellDamage, tellRestore } from './story.ts';

interface Options {
  readonly once?: true;
  readonly json?: true;
  readonly data?: string;
  readonly keep?: string;
  readonly size?: number;
  readonly port: number;
  readonly apiPort: number;
}

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be a whole number up to 65535.');
  return value;
};

/** Paths are meant from where the person stands; npm moves to the project's folder and says where that was. */
const path = (text: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), text);

function readOptions(): Options {
  const program = new Command('npm start --')
    .description(
      'Storage, a pretend Dataverse and the backend, and the story of a backup and a restore on their rows.',
    )
    .option('--once', 'restore what was broken, compare every value, and end')
    .option('--json', 'print the addresses as one line of JSON when all is up')
    .option('--data <folder or zip>', 'tell the story on the rows of a Configuration Migration package', path)
    .option('--keep <folder>', "write the vault's blobs as plain files into this folder", path)
    .option('--size <n>', 'companies in the generated environment', number)
    .option('--port <n>', 'port of the form page', number, 0)
    .option('--api-port <n>', "port of the backend's API", number, 0)
    .exitOverride();
  return program.parse().opts<Options>();
}

/** Ends with 0 when all passed, 1 when something failed, 2 for wrong use, 130 when interrupted. */
async function main(): Promise<number> {
  const options = readOptions();
  const wrong = wrongPaths(options) ?? (await wrongPort(options));
  if (wrong !== null) return complain(wrong, 2);
  const story = new Story(options.json === true);
  const interrupted = interruption();
  const services = await start(options, interrupted);
  if (services === null) return 130;
  try {
    return await Promise.race([tell(services, options, story, interrupted), interrupted.then(() => 130)]);
  } finally {
    await services.stop();
  }
}

/** Null: Ctrl-C. A terminal sends it to the services too, so that they end before they are ready. */
async function start(options: Options, interrupted: Promise<void>): Promise<Services | null> {
  const stopped = interrupted.then(() => true);
  try {
    return await startServices({
      apiPort: options.apiPort,
      forCommandLine: true,
      ...(options.data === undefined ? {} : { data: options.data }),
      ...(options.size === undefined ? {} : { size: options.size }),
    });
  } catch (error) {
    if (await Promise.race([stopped, sleep(100, false)])) return null;
    throw error;
  }
}

function wrongPaths({ data, keep }: Options): string | null {
  if (data !== undefined && !existsSync(data))
    return `There is nothing at ${data}.\n--data takes a folder or a zip with data.xml and data_schema.xml.\n(package-not-found)`;
  if (keep === undefined || !existsSync(keep)) return null;
  if (statSync(keep).isDirectory() && readdirSync(keep).length === 0) return null;
  return `${keep} is not an empty folder.\n--keep writes into a new or empty one, so that nothing is overwritten.\n(keep-not-empty)`;
}

/** Asked before the story begins, which only at its end opens the form page. */
async function wrongPort({ port }: Options): Promise<string | null> {
  const free = await new Promise<boolean>((done) => {
    const probe = createServer()
      .once('error', () => done(false))
      .listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
  if (free) return null;
  return `The port ${port} cannot be used: another program has it, or it is not allowed.\nChoose another with --port, or leave it out.\n(port-in-use)`;
}

async function tell(
  services: Services,
  options: Options,
  story: Story,
  interrupted: Promise<void>,
): Promise<number> {
  const hurt = await tellDamage(services, story);
  const covered = await readCoverage(hurt.api);
  if (options.data !== undefined) await comparePackage(services, hurt, options.data, covered, story);
  if (options.once) await checkCoverage(hurt.administrator, covered, story);
  if (options.once) await tellRestore(hurt, story);
  if (options.keep !== undefined) {
    await keepVault(services.storage, options.keep);
    story.line(`\nThe vault as plain files: ${options.keep}`);
  }
  const { passed, failed } = story.result;
  if (options.once) {
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return failed === 0 ? 0 : 1;
  }
  await showAddresses(services, hurt, options, story);
  await interrupted;
  return 0;
}

async function showAddresses(services: Services, hurt: Hurt, options: Options, story: Story): Promise<void> {
  const record = hurt.damage.overwritten.rows[0];
  if (!record) throw new Error('no row was overwritten');
  const form = await services.formPage(
    services.people.administrator,
    { table: record.table, id: record.id },
    options.port,
  );
  const addresses = {
    api: services.api,
    formPage: form,
    simulator: services.simulator.url,
    storage: services.storageUrl,
    configuration: services.configuration,
    environment: environmentName,
    record,
    snapshots: [hurt.first.id, hurt.second.id],
    audience,
  };
  if (options.json) process.stdout.write(`${JSON.stringify(addresses)}\n`);
  story.heading('All is up');
  story.line(`  Form page   ${form}`);
  story.line('              open the tab "Backup history", pick a version, tick, restore');
  story.line(`  API         ${services.api}/v1`);
  story.line(`  Dataverse   ${services.simulator.url}/api/data/v9.2/ (pretend)`);
  story.line(`  Vault       ${services.storageUrl}`);
  story.line(`  Try         npx rowback history ${record.table} ${record.id}`);
  story.line(
    `              npx rowback restore ${record.table} ${record.id} --at ${hurt.first.id} --dry-run`,
  );
  story.line('  Ctrl-C ends everything and leaves nothing behind.');
}

function interruption(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done());
  });
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof StartError)
    process.exitCode = complain(error.message, error.exitCode === 2 ? 2 : 1);
  else
    process.exitCode = complain(error instanceof Error ? (error.stack ?? error.message) : String(error), 1);
}
