import { pino, type Logger } from 'pino';
import { authenticateWith, createApp, createHandlers, listen, type TokenRules } from '../../api/index.ts';
import { startRequests } from '../../control/index.ts';
import { problemOf } from '../../jobs/alerts/notifier.ts';
import type { ApiSettings, EnvironmentSettings } from '../../jobs/settings.ts';
import { openPorts, withStorage, type CommandContext, type Machine } from '../context.ts';
import { apiNotConfigured, logLevelUnknown, noEnvironments } from '../errors.ts';
import { shownError } from '../exit.ts';
import { envelope } from '../output.ts';
import { keepBackingUp } from '../schedule.ts';
import { OpenEnvironments } from '../served.ts';
import { version } from '../version.ts';

/**
 * Runs the API, answers request rows, and backs up by the policies' intervals until Ctrl-C. Prints where it listens when
 * it is ready: one line, with `--json` an object that carries `url` beside the usual members.
 */
export async function serve(context: CommandContext): Promise<null> {
  const { machine, settings, output } = context;
  const rules = tokenRules(settings.api);
  if (settings.environments.length === 0) throw noEnvironments();
  const logger = openLogger(machine);
  await withStorage(context, async (storage) => {
    const environments = new OpenEnvironments(
      settings.environments,
      storage,
      openPorts(machine, (environment, exchange) =>
        logger.debug({ environment, event: 'exchange', ...exchange }),
      ),
      machine.signal,
    );
    const authenticate = authenticateWith(rules, machine.clock, machine.fetch);
    const handlers = createHandlers(environments, version, (error) => {
      const { code, message } = shownError(error);
      logger.error({ event: 'restore', code, message });
    });
    const app = createApp(handlers, authenticate, (line) => logger.info(line));
    const api = await listen(app, settings.api.host, settings.api.port);
    try {
      sayReady(context, api.url, environments.names);
      const others = settings.environments.flatMap((one) => [
        keepBackingUp(one, environments, machine.clock, machine.signal, (line) => logger.info(line)),
        answerRequests(one.name, environments, machine, logger),
        keepSending(one, environments, machine, logger),
      ]);
      await Promise.all([...others, untilAborted(machine.signal)]);
    } finally {
      await api.close();
      await environments.close();
    }
  });
  output.err('Stopped.\n');
  return null;
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

function sayReady({ output, warnings }: CommandContext, url: string, environments: readonly string[]): void {
  const data = { url, environments };
  const ready = { ...envelope('serve', { ok: true, code: 'serving', data, warnings }), url };
  output.out(
    output.json
      ? `${JSON.stringify(ready)}\n`
      : `Serving ${environments.join(', ')} at ${url}. Ctrl-C ends it.\n`,
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
