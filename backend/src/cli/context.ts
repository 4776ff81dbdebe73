import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Caller, Environment } from '../jobs/environment.ts';
import {
  ensureContainers,
  openEnvironment,
  openStorage,
  type OpenPorts,
  type Storage,
} from '../jobs/open.ts';
import type { EnvironmentSettings, Settings } from '../jobs/settings.ts';
import { chooseEnvironment, loadSettings } from './config.ts';
import type { Variables } from './config-variables.ts';
import { openVault } from '../vault/index.ts';
import type { Output } from './output.ts';

/** The machine as the command line sees it; only `main.ts` has the real one. */
export interface Machine {
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof fetch;
  readonly variables: Variables;
  readonly folder: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Somebody sits at the terminal: bars on the error stream, and questions can be asked. */
  readonly isTerminal: boolean;
  readonly ask: (question: string) => Promise<string>;
  /** Aborts on Ctrl-C or when the machine asks us to end. */
  readonly signal: AbortSignal;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly environment?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export interface CommandContext {
  readonly machine: Machine;
  readonly output: Output;
  readonly settings: Settings;
  readonly chosen: string | undefined;
  readonly warnings: readonly string[];
  /** Null: everything came from variables. */
  readonly configPath: string | null;
  /** Reads the configuration again, from the same place. Throws as the first time. */
  readonly reload: () => Settings;
}

export function openContext(machine: Machine, output: Output, options: GlobalOptions): CommandContext {
  const source = {
    path: options.config,
    environment: options.environment,
    variables: machine.variables,
    folder: machine.folder,
  };
  const { settings, chosen, warnings, path } = loadSettings(source);
  const reload = () => loadSettings({ ...source, ...(path === null ? {} : { path }) }).settings;
  return { machine, output, settings, chosen, warnings, configPath: path, reload };
}

export function chosenEnvironment(context: CommandContext): EnvironmentSettings {
  return chooseEnvironment(context.settings, context.chosen);
}

export function openPorts(
  { clock, random, fetch, variables }: Machine,
  trace?: OpenPorts['trace'],
): OpenPorts {
  // `serve` may run in several places, and commands beside it.
  const ports = { clock, random, fetch, variables, sharing: true };
  return { ...ports, ...(trace === undefined ? {} : { trace }) };
}

/** Opens the chosen environment with its storage, and closes both whatever happens. */
export function withEnvironment<R>(
  context: CommandContext,
  work: (environment: Environment) => Promise<R>,
): Promise<R> {
  return withOpened(context, work);
}

export async function withOpened<R>(
  context: CommandContext,
  work: (environment: Environment, storage: Storage) => Promise<R>,
): Promise<R> {
  const settings = chosenEnvironment(context);
  return withStorage(context, async (storage) => {
    const environment = await openEnvironment(settings, storage, openPorts(context.machine));
    try {
      return await work(environment, storage);
    } finally {
      await environment.close();
    }
  });
}

/** Opens a vault by its environment's id; Dataverse is not asked, so it may be down. */
export async function withVault<R>(
  context: CommandContext,
  environmentId: string,
  work: (opened: Pick<Environment, 'vault' | 'control' | 'clock' | 'environmentId'>) => Promise<R>,
): Promise<R> {
  return withStorage(context, async ({ store, engine, scratch, control }) => {
    const vault = await openVault({ store, environmentId, engine, scratch });
    try {
      return await work({ vault, control, clock: context.machine.clock, environmentId });
    } finally {
      await vault.close();
    }
  });
}

/** `onlyRead`: containers that are missing are an error and are not made. */
export async function withStorage<R>(
  context: CommandContext,
  work: (storage: Storage) => Promise<R>,
  onlyRead = false,
): Promise<R> {
  const storage = await openStorage(context.settings);
  try {
    if (!onlyRead) await ensureContainers(storage);
    return await work(storage);
  } finally {
    storage.close();
  }
}

/** Whoever runs the command line is an operator: the configuration's secrets are theirs. */
export function operator(machine: Machine): Caller {
  return { kind: 'operator', name: operatorName(machine) };
}

export function operatorName({ variables }: Machine): string {
  return variables['USER'] ?? variables['USERNAME'] ?? 'operator';
}
