import { cpus, totalmem } from 'node:os';

/** What a benchmark gives: `figures` under the names that people compare, `raw` as measured. */
export interface Measured {
  readonly figures: Readonly<Record<string, number>>;
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(tell: (line: string) => void): Promise<Measured>;
}

/** Machines differ and are noisy: figures are meant as ratios within one run; this says where the run was. */
export function machine(): Readonly<Record<string, unknown>> {
  return {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
