import { randomBytes } from 'node:crypto';
import { parseArguments, type Arguments } from './arguments.ts';
import {
  builtInSchema,
  CATALOG_ITEM,
  catalogItems,
  demoEnvironment,
  importSolution,
  loadPackage,
  PackageError,
  withBulkTables,
} from './data/index.ts';
import { keyPair, startServer } from './http/index.ts';
import { seededRandom, sequentialIds } from './model/guid.ts';
import { HooksFileError, readHooksFile } from './read-hooks-file.ts';
import { createEnvironment } from './service/index.ts';
import type { Switches } from './service/switches.ts';
import { Traffic } from './traffic/index.ts';

const WRONG_USE = 2;

/** Runs the pretend environment until it is told to stop. Prints one JSON line when it is ready. */
async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2));
  if (!options.open) void keyPair();
  const environment = createEnvironment({
    ...withBulkTables(contents(options), options.generate, options.seed),
    identity: { clientSecret: options.clientSecret ?? randomBytes(24).toString('base64url') },
    importSolution,
    providers: new Map([[CATALOG_ITEM, catalogItems]]),
    switches: options.switches,
    now: Date.now,
    newId: sequentialIds(Date.now() + (seededRandom(options.seed)() % 1000)),
  });
  if (options.hooks !== undefined) {
    for (const hook of readHooksFile(options.hooks, environment.newId)) environment.hooks.add(hook);
  }
  const server = await startServer(environment, {
    port: options.port,
    open: options.open,
    gzip: options.gzip,
    traffic: trafficOf(options, () => environment.switches),
  });
  const stop = () => void server.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (options.child) endWithParent(stop);
  const { clientId, clientSecret, tenantId } = environment.identity;
  const users = [...environment.database.store('systemuser').values()].map(({ id, values }) => ({
    systemuserid: id,
    domainname: values['domainname'] ?? null,
    fullname: values['fullname'] ?? null,
    roles: environment.security.rightsOf(id).roleNames,
  }));
  const { url, tokenUrl, jwksUrl } = server;
  process.stdout.write(
    `${JSON.stringify({ url, tokenUrl, clientId, clientSecret, tenantId, jwksUrl, users })}\n`,
  );
}

function trafficOf(options: Arguments, switches: () => Switches): Traffic {
  const { limits, servers, latency, delayMs, seed, badDay } = options;
  const day = badDay === undefined ? {} : { badDay: { seed: badDay } };
  return new Traffic(switches, { limits, servers, latency, delayMs, seed, ...day });
}

function contents(options: Arguments) {
  const schema = builtInSchema(options.tables);
  if (options.data !== undefined) {
    const loaded = loadPackage(options.data, schema);
    if (options.verbose) for (const note of loaded.notes) process.stderr.write(`${note}\n`);
    return loaded;
  }
  if (options.empty) return { schema, seed: { rows: [], links: [], users: [] } };
  return demoEnvironment(schema, {
    seed: options.seed,
    size: options.size,
    special: options.specialTables,
  });
}

/** A child ends when whoever started it is gone: the pipe to its stdin closes, or the channel does. */
function endWithParent(stop: () => void): void {
  process.once('disconnect', stop);
  process.stdin.once('end', stop);
  process.stdin.once('close', stop);
  process.stdin.resume();
}

/** What a person did wrong: message, hint and code; everything else is a fault and keeps its stack. */
function complaint(error: unknown): string | undefined {
  if (error instanceof PackageError) return `${error.message}\n${error.hint}\n(${error.code})`;
  if (error instanceof HooksFileError) return error.message;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code === 'EADDRINUSE')
    return 'The port is in use by another program.\nChoose another with --port, or leave it out.\n(port-in-use)';
  if (error.code === 'EACCES')
    return 'The port may not be used.\nChoose one above 1023 with --port.\n(port-refused)';
  return undefined;
}

main().catch((error: unknown) => {
  const message = complaint(error);
  process.stderr.write(`${message ?? String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(message === undefined ? 1 : WRONG_USE);
});
