import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A service that the demo started; `stop` waits until it is gone. */
export interface Child {
  readonly name: string;
  /** Its first line on standard output, parsed. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/**
 * Starts a node program that prints one JSON line when it is ready. What it writes to standard error is kept (the last
 * 4 kB) and told if it ends before it is ready. The pipes that break when the demo dies let the child end by itself then.
 */
export async function startChild(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Child> {
  const child = spawn(process.execPath, [...args], { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  let complaints = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    complaints = (complaints + bytes.toString('utf8')).slice(-4096);
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.once('error', reject);
    // Only when its pipes are closed has it said everything.
    child.once('close', (code) => reject(endedEarly(name, code, complaints.trim())));
    if (!child.stdout) throw new Error('the child has a pipe for its output');
    createInterface({ input: child.stdout }).once('line', (line) => {
      try {
        // The programs promise a JSON object on their first line.
        const answer = JSON.parse(line) as Record<string, unknown>;
        if (answer['ok'] === false) complaints = complaintOf(answer) ?? complaints;
        else resolve(answer);
      } catch {
        reject(new StartError(`${name} printed something else than its address: ${line}`, null));
      }
    });
  });
  // Drained, or a talkative child would block on a full pipe.
  child.stdout?.resume();
  return {
    name,
    ready,
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const stubborn = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(stubborn);
    },
  };
}

/** Wrong use is told in the child's own words; anything else is a fault, and says whose. */
function endedEarly(name: string, code: number | null, complaint: string): StartError {
  const text =
    code === 2 && complaint !== ''
      ? complaint
      : `${name} ended with code ${code ?? 'none'} before it was ready.\n${complaint}\n(start-failed)`;
  return new StartError(text, code);
}

/** The backend says on standard output why it does not serve (docs/cli.md); then it ends. */
function complaintOf(answer: Readonly<Record<string, unknown>>): string | null {
  const data = answer['data'];
  if (typeof data !== 'object' || data === null || !('error' in data)) return null;
  // The shape of every failure with `--json`.
  const { code, message, hint } = data.error as Record<'code' | 'message' | 'hint', string>;
  return `${message}\n${hint}\n(${code})`;
}

/** A service did not come up. `exitCode` is the child's, so that wrong use (2) stays wrong use. */
export class StartError extends Error {
  readonly exitCode: number | null;

  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}
