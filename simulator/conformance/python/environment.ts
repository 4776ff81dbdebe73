import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');
/** Python's sources are not compiled: they are run from where they are written. */
export const SCRIPTS = join(ROOT, 'simulator', 'conformance', 'python');
const MINIMUM = [3, 10] as const;

/** Python that has the client: a virtual environment of its own, made when the pinned versions change. */
export function preparePython(): string {
  const requirements = join(SCRIPTS, 'requirements.txt');
  const folder = join(ROOT, '.rowback', 'conformance-python');
  const python = join(
    folder,
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  );
  const stamp = join(folder, '.installed');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  const base = findPython();
  process.stderr.write('Installing the Python client (about a minute, once) …\n');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(ROOT, '.rowback'), { recursive: true });
  run(base, ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, wanted);
  return python;
}

function findPython(): string {
  const script = 'import sys; print("%d.%d" % sys.version_info[:2])';
  for (const name of ['python3', 'python']) {
    const { stdout, status } = spawnSync(name, ['-c', script], { encoding: 'utf8' });
    const [major = 0, minor = 0] = status === 0 ? stdout.trim().split('.').map(Number) : [];
    if (major === MINIMUM[0] && minor >= MINIMUM[1]) return name;
  }
  throw new Error(
    `This part needs Python ${MINIMUM.join('.')} or newer with venv, as python3 or python on the path; none was found.`,
  );
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${[command, ...args].join(' ')} failed: ${error?.message ?? stderr.trim()}`);
}
