// One side in a process of its own: the job as JSON in the one argument, the result as one JSON line on stdout.
import type { SideJob, SideResult } from './job.ts';
import { sides } from './sides.ts';

const job = JSON.parse(process.argv[2] ?? '') as SideJob; // written by the benchmark
const cpu = process.cpuUsage();
const startedAt = performance.now();
const work = await sides[job.side](job);
const { user, system } = process.cpuUsage(cpu);
const result: SideResult = {
  ...work,
  seconds: (performance.now() - startedAt) / 1000,
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
