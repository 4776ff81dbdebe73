import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ReadJob, ReadResult } from './job.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('read-job.js', import.meta.url));

/** Lets a reader do its job in a fresh process. */
export async function runJob(job: ReadJob): Promise<ReadResult> {
  const { stdout } = await run(process.execPath, [main, JSON.stringify(job)]);
  return JSON.parse(stdout) as ReadResult; // the line that read-job prints
}

/** The middle one; of an even number the higher of the two. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Three digits that count. */
export function rounded(number: number): number {
  return Number(number.toPrecision(3));
}
