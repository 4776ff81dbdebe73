import { cpus, totalmem } from 'node:os';

/** What a benchmark gives: `figures` under the names that people compare, `raw` as measured. */
export interface Measured {
  readonly figures: Readonly<Record<string, number>>;
  readonly raw: Readonly<Record<string, unknown>>;
  /** What figures must reach at least; the command fails where one does not. */
  readonly bars?: Readonly<Record<string, number>>;
  /** What figures must stay below, likewise. */
  readonly ceilings?: Readonly<Record<string, number>>;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(tell: (line: string) => void): Promise<Measured>;
}

/** The figures that miss their bars, in words. */
export function missed({ figures, bars = {}, ceilings = {} }: Measured): string[] {
  const low = Object.entries(bars).flatMap(([figure, least]) => {
    const value = figures[figure] ?? Number.NaN;
    return value >= least ? [] : [`${figure} is ${value}, which must be ${least} at least.`];
  });
  const high = Object.entries(ceilings).flatMap(([figure, ceiling]) => {
    const value = figures[figure] ?? Number.NaN;
    return value < ceiling ? [] : [`${figure} is ${value}, which must be below ${ceiling}.`];
  });
  return [...low, ...high];
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
