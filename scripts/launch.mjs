// npm start, npm test and the other commands: set up what is missing, then run the thing itself.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const node = process.execPath;
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
];
const bin = (path) => join(root, 'node_modules', path);

/** What each command runs, one after another; the user's own arguments go to the last. */
const commands = {
  start: { steps: [['backend/dist/demo/main.js']] },
  test: { steps: [jest] },
  simulator: { steps: [['simulator/dist/src/main.js']], control: false },
  bench: { steps: [['backend/dist/bench/main.js']] },
  build: { steps: [] },
  check: {
    // `npm run check -- --static` leaves the tests out.
    steps: [
      [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'],
      [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
      ...(process.argv.includes('--static') ? [] : [jest]),
    ],
  },
};

const [name, ...given] = process.argv.slice(2);
const rest = given.filter((argument) => argument !== '--static');
const command = commands[name];
if (!command) {
  process.stderr.write(`Unknown command "${name ?? ''}". Known: ${Object.keys(commands).join(', ')}.\n`);
  process.exit(2);
}
await setUp({ control: command.control });
for (const [index, step] of command.steps.entries()) {
  const code = await pass(index === command.steps.length - 1 ? [...step, ...rest] : step);
  if (code !== 0) process.exit(code);
}

/** Runs node with these arguments in the foreground and hands signals on, so that Ctrl-C ends everything in order. */
function pass(args) {
  const child = spawn(node, args, { cwd: root, stdio: 'inherit' });
  const hand = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, hand);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(each, hand);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
