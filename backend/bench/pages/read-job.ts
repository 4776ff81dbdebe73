// A reader in a process of its own: the job as JSON in the one argument, the result as one JSON line on stdout.
import type { ReadJob, ReadResult } from './job.ts';
import { readers } from './readers.ts';

const job = JSON.parse(process.argv[2] ?? '') as ReadJob; // written by the benchmark
let pages = 0;
let rows = 0;
let started = { cpu: process.cpuUsage(), at: performance.now() };
for await (const count of readers[job.reader](job)) {
  pages += 1;
  if (pages > job.warmUp) rows += count;
  if (pages === job.warmUp) started = { cpu: process.cpuUsage(), at: performance.now() };
  if (pages === job.warmUp + job.pages) break;
}
const { user, system } = process.cpuUsage(started.cpu);
const result: ReadResult = {
  rows,
  cpuSeconds: (user + system) / 1e6,
  seconds: (performance.now() - started.at) / 1000,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
