#!/usr/bin/env node
// The command `rowback`: runs the built backend, and says what to do where there is none.
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = `${root}backend/dist/src/main.js`;
const [major] = process.versions.node.split('.').map(Number);

if (major < 20) {
  process.stderr.write(`Rowback needs Node 20 or newer; this is ${process.version}.\n`);
  process.exitCode = 2;
} else if (!existsSync(`${root}node_modules/commander`)) {
  process.stderr.write(`Rowback is not installed yet. Run this first:\n\n  cd ${root}\n  npm run build\n`);
  process.exitCode = 2;
} else if (!existsSync(main)) {
  process.stderr.write(`Rowback is not built yet. Run this first:\n\n  cd ${root}\n  npm run build\n`);
  process.exitCode = 2;
} else {
  await import(pathToFileURL(main).href);
}
