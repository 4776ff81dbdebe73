// npm start, npm test and the other commands: set up what is missing, then run the thing itself.
import { spawn, spawnSync } from 'node:child_process';
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
  conformance: { steps: [['simulator/dist/conformance/main.js']], control: false },
  crash: { steps: [['backend/dist/test/crash/main.js']], control: false },
  'killed-worker': { steps: [['backend/dist/test/crash/killed-worker.js']], control: false },
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
/** What runs now and takes the signals; null: our own set-up. */
let running = null;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.on(signal, () => (running === null ? process.exit(code) : running.kill(signal)));
endWithNpm();
await setUp({ control: command.control });
for (const [index, step] of command.steps.entries()) {
  const code = await pass(index === command.steps.length - 1 ? [...step, ...rest] : step);
  if (code !== 0) process.exit(code);
}

/** Runs node with these arguments in the foreground; it gets our signals, so that Ctrl-C ends everything in order. */
function pass(args) {
  running = spawn(node, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => {
    running.on('close', (code, signal) => {
      running = null;
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/**
 * npm starts us through a shell, which does not hand on the signal that ends npm: without this everything would live on
 * with nobody to end it. Windows ends whole trees by itself.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const parent = process.ppid;
  // Some shells put us in their place: then the parent is npm itself.
  const asked = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], { encoding: 'utf8' });
  const shell = /^\s*(\d+)\s+\S*?\b(?:ba|da|a|k|z)?sh$/.exec(asked.stdout?.trimEnd() ?? '');
  const npm = shell === null ? parent : Number(shell[1]);
  const watch = setInterval(() => {
    if (process.ppid === parent && isAlive(npm)) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
