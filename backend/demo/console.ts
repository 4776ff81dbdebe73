import cliProgress from 'cli-progress';

export interface Step {
  readonly name: string;
  readonly seconds: number;
  readonly requests: number;
}

/** What a person watches: one line a step, a bar where they wait. With `--json` all of it stays silent. */
export class Story {
  readonly #silent: boolean;
  readonly #requests: () => Promise<number>;
  readonly steps: Step[] = [];
  #passed = 0;
  #failed = 0;

  /** `requests`: how many requests Dataverse has answered so far, for who wants to know what a step costs. */
  constructor(silent: boolean, requests: () => Promise<number> = () => Promise.resolve(0)) {
    this.#silent = silent;
    this.#requests = requests;
  }

  /** A step of the story by name; how long it took and what it asked of Dataverse is kept in `steps`. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const requests = await this.#requests();
    const started = performance.now();
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    this.steps.push({ name, seconds, requests: (await this.#requests()) - requests });
    return result;
  }

  line(text = ''): void {
    if (!this.#silent) process.stderr.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(process.stderr.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
  }

  /** One check of the story. A failed one is told and counted; the story goes on to show what else is wrong. */
  check(ok: boolean, text: string, detail = ''): void {
    if (ok) this.#passed += 1;
    else this.#failed += 1;
    this.line(`  ${ok ? '✓' : '✗'} ${text}${detail === '' || ok ? '' : `\n      ${detail}`}`);
  }

  bar(label: string): { update(done: number, total: number, note: string): void; stop(): void } {
    if (this.#silent || !process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
    const bar = new cliProgress.SingleBar(
      {
        format: `  ${label} {bar} {percentage}%  {note}`,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
      },
      cliProgress.Presets.shades_classic,
    );
    bar.start(1, 0, { note: '' });
    return {
      update: (done, total, note) => {
        bar.setTotal(Math.max(total, 1));
        bar.update(done, { note });
      },
      stop: () => bar.stop(),
    };
  }

  get result(): { passed: number; failed: number } {
    return { passed: this.#passed, failed: this.#failed };
  }
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB'];
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit += 1;
  } while (value >= 1000 && unit < units.length - 1);
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}
