import { randomBytes, randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import { runCommandLine } from './cli/index.ts';

/** The machine's own clock, randomness, network and terminal: everything below gets them from here. */
const clock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};
const random: Random = {
  uuid: () => randomUUID(),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

const stop = new AbortController();

/** The first signal asks the command to end at the next safe place, the second ends the process. */
function onSignal(): void {
  if (stop.signal.aborted) process.exit(130);
  stop.abort();
}
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
// Started by another program that is gone: a server must not outlive it, whatever it waits for.
if (process.channel !== undefined) {
  process.on('disconnect', () => {
    onSignal();
    setTimeout(() => process.exit(130), 3000).unref();
  });
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question, { signal: stop.signal });
  } finally {
    terminal.close();
  }
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  clock,
  random,
  fetch: globalThis.fetch,
  variables: process.env,
  folder: process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdin.isTTY && process.stderr.isTTY,
  ask,
  signal: stop.signal,
});
// An open channel to the program that started us would keep the process alive.
if (process.connected) process.disconnect();
