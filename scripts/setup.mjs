// Set-up that every command does for itself. Plain JavaScript: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = () => process.env.ROWBACK_QUIET_SETUP === '1';
const say = (text) => quiet() || process.stderr.write(`${text}\n`);

/** Installs what `package-lock.json` names and builds what has changed. Does nothing when all is there. */
export async function setUp({ control = true } = {}) {
  requireNode();
  const release = await lock(join(root, '.rowback', 'set-up.lock'));
  try {
    await install();
    await buildTypeScript();
    if (control) await buildControl();
  } finally {
    release();
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `Rowback needs Node.js 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org.\n`,
  );
  process.exit(2);
}

async function install() {
  const stamp = join(root, 'node_modules', '.rowback-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update([process.platform, process.arch, process.versions.modules].join())
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing dependencies (about a minute, once) …');
  await run(process.execPath, [npmScript(), 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

async function buildTypeScript() {
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
}

/** The form control takes some seconds, so it is built only when its sources have changed. */
async function buildControl() {
  const folder = join(root, 'pcf-control');
  const stamp = join(folder, 'out', '.built-from');
  const wanted = hashOfFiles(folder, ['node_modules', 'out', 'dist', 'generated', 'browser', 'harness']);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Building the form control …');
  await run(
    process.execPath,
    [join(root, 'node_modules/pcf-scripts/bin/pcf-scripts.js'), 'build', '--buildMode', 'production'],
    { cwd: folder, env: { ...process.env, PP_TOOLS_TELEMETRY_OPTOUT: '1' }, silent: true },
  );
  writeFileSync(stamp, wanted);
}

function hashOfFiles(folder, left) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const walk = (path) => {
    for (const name of readdirSync(path).sort()) {
      if (left.includes(name)) continue;
      const full = join(path, name);
      if (statSync(full).isDirectory()) walk(full);
      else hash.update(relative(folder, full)).update(readFileSync(full));
    }
  };
  walk(folder);
  return hash.digest('hex');
}

/** npm as a script: it says itself where it is when it started us; otherwise it stands beside node. */
function npmScript() {
  const own = process.env.npm_execpath;
  if (own && /npm-cli\.(c|m)?js$/.test(own)) return own;
  const beside = [
    join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
    join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'),
  ].find((path) => existsSync(path));
  if (beside) return beside;
  process.stderr.write('npm was not found beside node. Run this through npm: npm start\n');
  process.exit(2);
}

/** Runs a command to its end; its output is shown at once, or (silent) only when it fails. Ends this process on failure. */
export async function run(command, args, { cwd = root, env = process.env, silent = false } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: silent ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
  });
  // Whoever interrupts the set-up ends all of it.
  const stop = () => child.kill();
  process.once('exit', stop);
  const output = [];
  child.stdout?.on('data', (bytes) => output.push(bytes));
  child.stderr?.on('data', (bytes) => output.push(bytes));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit, signal) => resolve(exit ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  process.off('exit', stop);
  if (code === 0) return;
  process.stderr.write(Buffer.concat(output));
  process.stderr.write(
    `Failed: ${[command, ...args].map((part) => relative(root, part) || part).join(' ')}\n`,
  );
  process.exit(code);
}

/**
 * Two commands started at once must not install over each other. The lock is a file with the owner's process id, put
 * in place by a hard link (which fails when it exists); a dead owner is taken over.
 */
async function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  let told = false;
  for (;;) {
    try {
      linkSync(own, path);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (takeOver(path)) continue;
    if (!told) say('Waiting for another Rowback command to finish its set-up …');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  unlinkSync(own);
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  return release;
}

/** Moves a dead owner's lock aside. Another waiter may have been faster: a lock that turns out alive is put back. */
function takeOver(path) {
  if (ownerIsAlive(path)) return false;
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
    if (ownerIsAlive(aside)) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
  return true;
}

function ownerIsAlive(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    // ESRCH: no such process. ENOENT: just let go, so the next try takes it. EPERM: alive, somebody else's.
    return error.code !== 'ESRCH' && error.code !== 'ENOENT';
  }
}
