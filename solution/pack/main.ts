import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PackError, packSolution } from './index.ts';

// Compiled to solution/dist/pack, three folders below the root of the repository.
const root = resolve(import.meta.dirname, '..', '..', '..');
const usage =
  'Usage: node solution/dist/pack/main.js --out FILE.zip [--managed] [--source FOLDER] [--control FOLDER]';

function readArguments() {
  return parseArgs({
    options: {
      out: { type: 'string' },
      managed: { type: 'boolean', default: false },
      source: { type: 'string', default: resolve(root, 'solution', 'src') },
      control: { type: 'string', default: resolve(root, 'pcf-control', 'out', 'controls', 'RecordHistory') },
    },
  }).values;
}

/** Exit codes: 0 written, 1 the solution cannot be packed, 2 wrong use. */
async function main(): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return 2;
  }
  if (options.out === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const bytes = await packSolution({
    sourceFolder: options.source,
    controlFolder: options.control,
    managed: options.managed,
  });
  await writeFile(options.out, bytes);
  process.stdout.write(`${options.out}: ${bytes.length} bytes\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof PackError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
  process.exitCode = 1;
}
