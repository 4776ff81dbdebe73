import { type Benchmark, machine, missed } from './benchmark.ts';
import { fullBackup } from './full-backup.ts';
import { pages } from './pages/pages.ts';
import { simulatorPages } from './pages/simulator-pages.ts';
import { story } from './story.ts';
import { throttled } from './throttled.ts';
import { workers } from './workers.ts';

const benchmarks: readonly Benchmark[] = [story, pages, simulatorPages, throttled, fullBackup, workers];

const args = process.argv.slice(2);
const json = args.includes('--json');
const name = args.find((each) => !each.startsWith('--'));
const benchmark = benchmarks.find((each) => each.name === name);
if (benchmark) {
  const measured = await benchmark.run((line) => {
    process.stderr.write(`${line}\n`);
  });
  if (json)
    process.stdout.write(`${JSON.stringify({ name: benchmark.name, machine: machine(), ...measured })}\n`);
  else
    for (const [figure, value] of Object.entries(measured.figures))
      process.stdout.write(`${figure} ${value}\n`);
  for (const line of missed(measured)) {
    process.stderr.write(`${line}\n`);
    process.exitCode = 1;
  }
} else {
  process.stderr.write(`Usage: npm run bench -- NAME [--json]\n`);
  for (const { name: known, about } of benchmarks) process.stderr.write(`  ${known}  ${about}\n`);
  process.exitCode = 2;
}
