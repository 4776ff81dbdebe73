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
    child.once('exit', (code) => {
      reject(
        new StartError(
          `${name} ended with code ${code ?? 'none'} before it was ready.\n${complaints.trim()}`,
          code,
        ),
      );
    });
    if (!child.stdout) throw new Error('the child has a pipe for its output');
    createInterface({ input: child.stdout }).once('line', (line) => {
      try {
        // The programs promise a JSON object on their first line.
        resolve(JSON.parse(line) as Record<string, unknown>);
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

/** A service did not come up. `exitCode` is the child's, so that wrong use (2) stays wrong use. */
export class StartError extends Error {
  readonly exitCode: number | null;

  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}
