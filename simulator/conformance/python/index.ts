import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bench } from '../bench.ts';
import { preparePython, SCRIPTS } from './environment.ts';
import { startTlsProxy } from './tls-proxy.ts';

/** Microsoft's Python client. It speaks https alone, so it comes through a proxy with a certificate made for this run. */
export async function checkPythonClient(bench: Bench): Promise<void> {
  let python: string | undefined;
  await bench.checks.check('Python and its client are there', () => void (python = preparePython()));
  if (python === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'rowback-conformance-'));
  try {
    await runScripts(bench, python, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runScripts(bench: Bench, python: string, folder: string): Promise<void> {
  const made = spawnSync(python, [join(SCRIPTS, 'certificate.py'), folder], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`The certificate could not be made: ${made.stderr}`);
  const certificate = join(folder, 'certificate.pem');
  const proxy = await startTlsProxy(
    bench.simulator.url,
    readFileSync(certificate),
    readFileSync(join(folder, 'key.pem')),
  );
  const child = spawn(python, [join(SCRIPTS, 'main.py'), proxy.url, bench.simulator.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      CONFORMANCE_TOKEN: bench.token,
      // Both HTTP libraries of the client trust what these name, instead of what they come with.
      REQUESTS_CA_BUNDLE: certificate,
      SSL_CERT_FILE: certificate,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONWARNINGS: 'ignore',
    },
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) report(bench, line);
  const [code] = (await ended) as [number | null]; // the event's first argument
  await bench.checks.check('the Python part ran to its end', () => {
    if (code !== 0) throw new Error(`It ended with code ${String(code)}.`);
  });
  await proxy.close();
}

/** One line of the scripts: a heading, or a check with its error if it failed. */
function report({ checks }: Bench, line: string): void {
  const event = JSON.parse(line) as { heading?: string; name?: string; error?: string }; // see bench.py
  if (event.heading !== undefined) checks.heading(event.heading);
  else if (event.error === undefined) checks.pass(event.name ?? '');
  else checks.fail(event.name ?? '', event.error);
}
