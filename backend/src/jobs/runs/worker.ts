import { BackupError, interrupted } from '../../backup/index.ts';
import type { Clock } from '../../base/clock.ts';
import { RowbackError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { HeldMessage, WorkQueue } from '../../queue/index.ts';
import type { Environment } from '../environment.ts';
import { messagePoisoned } from '../errors.ts';
import { messageText, parseMessage, printMessage, type RunMessage } from './message.ts';
import { RunSteps, type Failure, type StepOutcome } from './steps.ts';

export interface WorkerPorts {
  readonly queue: WorkQueue;
  /** Throws `environment-unknown`, or what keeps it from being opened. */
  readonly open: (environment: string) => Promise<Environment>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: WorkLine) => void;
}

/** What became of a message. */
export interface WorkLine {
  readonly event: 'step-done' | 'step-again' | 'step-dropped' | 'step-failed' | 'step-set-aside';
  readonly environment: string | null;
  readonly run: string | null;
  readonly step: string;
  readonly code: string | null;
  readonly message: string | null;
}

/** A message is ours for so long, and renewed well before. */
const holdSeconds = 60;
const renewEveryMs = 20_000;
/** Handed out more often than this: whoever took it ended before it could say why. */
const triesAtMost = 5;
/** Between looks into an empty queue, longer each time: others wait for us while a run is cut into its steps. */
const idleMs = { first: 250, most: 2000 };

/** Takes messages one after the other until it is told to stop; a process may run several. */
export class Worker {
  readonly #ports: WorkerPorts;
  readonly #id: string;
  /** Of the runs met lately: each knows its beginning and its progress. */
  readonly #runs = new Map<string, RunSteps>();

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
    this.#id = ports.random.uuid();
  }

  /** Resolves when stopped: what was under way has been given back. @param atOnce messages at the same time. */
  async run(atOnce: number, stop: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: atOnce }, () => this.#keepWorking(stop)));
  }

  /** One message, if there is one. */
  async workOnce(stop: AbortSignal): Promise<boolean> {
    const held = await this.#ports.queue.receive(holdSeconds);
    if (held === null) return false;
    const message = parseMessage(held.text);
    if (message === null) await this.#setAside(held, null, notUnderstood);
    else await this.#work(held, message, stop);
    return true;
  }

  async #keepWorking(stop: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    let waitMs = idleMs.first;
    while (!stop.aborted) {
      const worked = await this.workOnce(stop).catch((error: unknown) => {
        this.#say('step-failed', null, failureOf(error));
        return false;
      });
      waitMs = worked ? idleMs.first : Math.min(idleMs.most, waitMs * 2);
      if (!worked) await clock.sleep(waitMs, stop).catch(() => undefined);
    }
  }

  async #work(held: HeldMessage, message: RunMessage, stop: AbortSignal): Promise<void> {
    if (held.timesReceived > triesAtMost)
      return this.#giveUp(held, message, messagePoisoned(messageText(message)), stop);
    try {
      const steps = await this.#stepsOf(message);
      const outcome = await this.#holding(held, steps, stop, (signal) => steps.do(message, signal));
      await this.#settle(held, message, outcome);
    } catch (error) {
      await this.#failed(held, message, error, stop);
    }
  }

  async #settle(held: HeldMessage, message: RunMessage, outcome: StepOutcome): Promise<void> {
    // A copy, because its tries are no failures.
    if (outcome === 'again') await this.#ports.queue.send(printMessage(message), againSeconds);
    await held.remove();
    this.#say(`step-${outcome}`, message, null);
  }

  async #failed(held: HeldMessage, message: RunMessage, error: unknown, stop: AbortSignal): Promise<void> {
    // Not the step's fault: stopped, or another process took over. It goes to whoever comes next.
    if (error instanceof BackupError && error.code !== 'deletes-not-proved') {
      const steps = await this.#stepsOf(message);
      if (await steps.isRunning())
        await this.#ports.queue.send(printMessage(message), stop.aborted ? 0 : againSeconds);
      await held.remove();
      this.#say('step-again', message, failureOf(error));
      return;
    }
    if (held.timesReceived >= triesAtMost) return this.#giveUp(held, message, error, stop);
    this.#say('step-failed', message, failureOf(error));
    await held.renew(15 * 2 ** (held.timesReceived - 1));
  }

  async #giveUp(held: HeldMessage, message: RunMessage, error: unknown, stop: AbortSignal): Promise<void> {
    const failure = failureOf(error);
    const steps = await this.#stepsOf(message);
    const outcome = await this.#holding(held, steps, stop, (signal) =>
      steps.giveUp(message, failure, signal),
    );
    if (outcome === 'again') await held.renew(againSeconds);
    else await this.#setAside(held, message, failure);
  }

  async #setAside(held: HeldMessage, message: RunMessage | null, failure: Failure): Promise<void> {
    await this.#ports.queue.setAside(JSON.stringify({ taken: held.text, ...failure }));
    await held.remove();
    this.#say('step-set-aside', message, failure);
  }

  /** Keeps the message ours while we work, and ends the work when it is not, or when its run is over. */
  async #holding<R>(
    held: HeldMessage,
    steps: RunSteps,
    stop: AbortSignal,
    work: (signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    const over = new AbortController();
    const done = new AbortController();
    const signal = AbortSignal.any([stop, over.signal]);
    const keeping = this.#keepHolding(held, steps, done.signal, () => over.abort(interrupted()));
    try {
      return await work(signal);
    } finally {
      done.abort();
      await keeping;
    }
  }

  async #keepHolding(held: HeldMessage, steps: RunSteps, done: AbortSignal, end: () => void): Promise<void> {
    const { clock } = this.#ports;
    let renewedMs = clock.now().getTime();
    for (;;) {
      await clock.sleep(lookEveryMs, done).catch(() => undefined);
      if (done.aborted) return;
      // Storage that does not answer for a moment ends nothing: the leases say when we have to stop.
      const isOver = await steps
        .isRunning()
        .then((running) => !running)
        .catch(() => false);
      if (isOver) return end();
      await steps.showLife();
      if (clock.now().getTime() - renewedMs < renewEveryMs) continue;
      const outcome = await held.renew(holdSeconds).catch(() => 'failed' as const);
      if (outcome === 'lost') return end();
      if (outcome === 'renewed') renewedMs = clock.now().getTime();
    }
  }

  async #stepsOf(message: RunMessage): Promise<RunSteps> {
    const environment = await this.#ports.open(message.environment);
    const known = this.#runs.get(message.run);
    if (known !== undefined) return known;
    const steps = new RunSteps(environment, this.#ports.queue, message.run, this.#id);
    this.#runs.set(message.run, steps);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > 20 && oldest !== undefined) this.#runs.delete(oldest);
    return steps;
  }

  #say(event: WorkLine['event'], message: RunMessage | null, failure: Failure | null): void {
    this.#ports.log({
      event,
      environment: message?.environment ?? null,
      run: message?.run ?? null,
      step: message === null ? 'unknown' : messageText(message),
      code: failure?.code ?? null,
      message: failure?.message ?? null,
    });
  }
}

const lookEveryMs = 5000;
const againSeconds = 10;

const notUnderstood: Failure = {
  code: 'message-unknown',
  message: 'A message in the queue is none that this version understands.',
  hint: 'Look at it with `rowback jobs`. See that every worker runs the same version.',
};

function failureOf(error: unknown): Failure {
  if (error instanceof RowbackError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal-error', message, hint: 'This is a fault of Rowback. Report it with the log.' };
}
