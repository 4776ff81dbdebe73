import { pino, type Logger } from 'pino';
import {
  authenticateWith,
  createApp,
  createHandlers,
  listen,
  type RunningApi,
  type TokenRules,
} from '../../api/index.ts';
import { startRequests } from '../../control/index.ts';
import type { Exchange } from '../../dataverse/index.ts';
import { problemOf } from '../../jobs/alerts/notifier.ts';
import { keepScheduling } from '../../jobs/runs/scheduler.ts';
import { Worker } from '../../jobs/runs/worker.ts';
import type { ApiSettings, EnvironmentSettings } from '../../jobs/settings.ts';
import type { WorkQueue } from '../../queue/index.ts';
import { openPorts, withStorage, type CommandContext, type Machine } from '../context.ts';
import { apiNotConfigured, logLevelUnknown, noEnvironments } from '../errors.ts';
import { shownError } from '../exit.ts';
import { envelope } from '../output.ts';
import { keepReloading, type ReloadPorts } from '../reload.ts';
import { OpenEnvironments } from '../served.ts';
import { version } from '../version.ts';

export type ServeRole = 'api' | 'scheduler' | 'worker';
export const serveRoles: readonly ServeRole[] = ['api', 'scheduler', 'worker'];

export interface ServeOptions {
  /** All of them where none is named. */
  readonly role?: readonly ServeRole[] | undefined;
  /** Steps that a worker does at once. */
  readonly tables: number;
}

/**
 * Runs the API (with the answers to request rows), the scheduler, the workers, or one of them, until Ctrl-C. Says when it
 * is ready: one line, with `--json` an object that carries `url` beside the usual members.
 */
export async function serve(context: CommandContext, options: ServeOptions): Promise<null> {
  const { machine, settings, output } = context;
  const roles = new Set(options.role ?? serveRoles);
  // Said before anything is opened.
  const rules = roles.has('api') ? tokenRules(settings.api) : null;
  if (settings.environments.length === 0) throw noEnvironments();
  const logger = openLogger(machine);
  await withStorage(context, async (storage) => {
    const trace = (environment: string, exchange: Exchange) =>
      logger.debug({ environment, event: 'exchange', ...exchange });
    const environments = new OpenEnvironments(settings.environments, storage, openPorts(machine, trace));
    const queue = await storage.queue();
    const api = rules === null ? null : await startApi(context, rules, environments, logger);
    try {
      sayReady(context, api?.url ?? null, roles, environments.names);
      const work = [untilAborted(machine.signal), reloading(context, environments, logger)];
      if (roles.has('api')) work.push(...answering(context, environments, logger));
      if (roles.has('scheduler')) work.push(...scheduling(context, queue, environments, logger));
      if (roles.has('worker')) work.push(working(context, queue, environments, logger, options.tables));
      await Promise.all(work);
    } finally {
      await api?.close();
      await environments.close();
    }
  });
  output.err('Stopped.\n');
  return null;
}

/** What comes from variables alone cannot change. */
async function reloading(
  { machine, settings, configPath, reload }: CommandContext,
  environments: OpenEnvironments,
  logger: Logger,
): Promise<void> {
  if (configPath === null) return;
  const ports: ReloadPorts = {
    path: configPath,
    load: reload,
    use: (policies) => environments.usePolicies(policies),
    clock: machine.clock,
    log: (line) => (line.event === 'configuration-refused' ? logger.error(line) : logger.info(line)),
  };
  await keepReloading(settings, ports, machine.signal);
}

function startApi(
  { machine, settings }: CommandContext,
  rules: TokenRules,
  environments: OpenEnvironments,
  logger: Logger,
): Promise<RunningApi> {
  const authenticate = authenticateWith(rules, machine.clock, machine.fetch);
  const handlers = createHandlers(environments, version, (error) => {
    const { code, message } = shownError(error);
    logger.error({ event: 'restore', code, message });
  });
  const app = createApp(handlers, authenticate, (line) => logger.info(line));
  return listen(app, settings.api.host, settings.api.port);
}

function answering(
  { machine, settings }: CommandContext,
  environments: OpenEnvironments,
  logger: Logger,
): Promise<void>[] {
  return settings.environments.map((one) => answerRequests(one.name, environments, machine, logger));
}

function scheduling(
  { machine, settings }: CommandContext,
  queue: WorkQueue,
  environments: OpenEnvironments,
  logger: Logger,
): Promise<void>[] {
  const open = async (name: string) => (await environments.open(name)).environment;
  const ports = { queue, open, clock: machine.clock, log: (line: object) => logger.info(line) };
  return settings.environments.flatMap((one) => [
    keepScheduling(() => environments.settingsOf(one.name), ports, machine.signal),
    keepSending(one, environments, machine, logger),
  ]);
}

function working(
  { machine }: CommandContext,
  queue: WorkQueue,
  environments: OpenEnvironments,
  logger: Logger,
  atOnce: number,
): Promise<void> {
  const { clock, random, signal } = machine;
  const open = async (name: string) => (await environments.open(name)).environment;
  const worker = new Worker({ queue, open, clock, random, log: (line) => logger.info(line) });
  return worker.run(atOnce, signal);
}

/** An environment may be down when we start: its requests are answered from when it can be opened. */
async function answerRequests(
  name: string,
  environments: OpenEnvironments,
  { clock, signal }: Machine,
  logger: Logger,
): Promise<void> {
  const complain = (error: unknown) => {
    const { code, message } = shownError(error);
    logger.error({ environment: name, event: 'requests', code, message });
  };
  while (!signal.aborted) {
    const opened = await environments.open(name).catch((error: unknown) => {
      complain(error);
      return null;
    });
    if (opened === null) {
      await clock.sleep(openAgainMs, signal).catch(() => undefined);
      continue;
    }
    const requests = startRequests({ environment: opened.environment, onError: complain });
    await untilAborted(signal);
    await requests.stop();
  }
}

const openAgainMs = 30_000;

/** Sends what webhooks did not take at first, also what an earlier process left behind. */
async function keepSending(
  { name, policy }: EnvironmentSettings,
  environments: OpenEnvironments,
  { clock, signal }: Machine,
  logger: Logger,
): Promise<void> {
  if (policy.alerts.webhooks.length === 0) return;
  while (!signal.aborted) {
    await clock.sleep(sendAgainMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const { environment } = await environments.open(name);
      for (const sent of await environment.notifier.sendDue()) {
        const message = sent.outcome === 'delivered' ? sent.id : problemOf(sent);
        logger.info({ environment: name, event: 'webhook', outcome: sent.outcome, message });
      }
    } catch (error) {
      const { code, message } = shownError(error);
      logger.error({ environment: name, event: 'webhook', code, message });
    }
  }
}

const sendAgainMs = 30_000;

function sayReady(
  { output, warnings }: CommandContext,
  url: string | null,
  roles: ReadonlySet<ServeRole>,
  environments: readonly string[],
): void {
  const data = { url, roles: [...roles], environments };
  const ready = { ...envelope('serve', { ok: true, code: 'serving', data, warnings }), url };
  output.out(
    output.json
      ? `${JSON.stringify(ready)}\n`
      : `Serving ${environments.join(', ')}${url === null ? ` (${[...roles].join(', ')})` : ` at ${url}`}. Ctrl-C ends it.\n`,
  );
}

function tokenRules({ issuer, audience, jwksUri }: ApiSettings): TokenRules {
  const missing = Object.entries({ issuer, audience, jwksUri }).flatMap(([name, value]) =>
    value === null ? [`api.${name}`] : [],
  );
  if (issuer === null || audience === null || jwksUri === null) throw apiNotConfigured(missing);
  return { issuer, audience, jwksUri };
}

/** JSON lines on the error stream: codes and names, never values of rows. `debug` tells of each request to Dataverse. */
function openLogger({ err, variables }: Machine): Logger {
  const level = variables['ROWBACK_LOG_LEVEL'] ?? 'info';
  if (!levels.includes(level)) throw logLevelUnknown(level, levels);
  return pino({ base: null, level }, { write: err });
}

const levels: readonly string[] = ['debug', 'info', 'error'];

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
