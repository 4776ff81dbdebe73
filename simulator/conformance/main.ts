import { Checks } from './checks.ts';
import { checkCsdl } from './csdl/index.ts';
import { checkDynamicsWebApi } from './dynamics-web-api/index.ts';
import { checkPythonClient } from './python/index.ts';
import { serviceToken, startSimulator } from './simulator-process.ts';
import type { Bench } from './bench.ts';
import { webApi } from './web-api.ts';

/** Clients that know nothing of us, against the simulator as a process. `npm run conformance -- csdl` runs one part. */
const PARTS: Readonly<Record<string, Part>> = {
  'dynamics-web-api': { run: checkDynamicsWebApi, flags: [] },
  python: { run: checkPythonClient, flags: [] },
  // The document is checked with every table that there is.
  csdl: { run: checkCsdl, flags: ['--tables', 'full'] },
};

interface Part {
  readonly run: (bench: Bench) => Promise<void>;
  /** How the simulator is started for it. */
  readonly flags: readonly string[];
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    process.stderr.write(`No part "${unknown.join('", "')}". There are: ${Object.keys(PARTS).join(', ')}.\n`);
    return 2;
  }
  const checks = new Checks((line) => process.stdout.write(`${line}\n`));
  for (const [name, { run, flags }] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    // Each part begins with a fresh environment: none sees what another has written.
    const simulator = await startSimulator('--seed', '7', ...flags);
    try {
      const token = await serviceToken(simulator);
      await run({ checks, simulator, token, api: webApi(simulator.url, token) });
    } finally {
      await simulator.stop();
    }
  }
  process.stdout.write(`\n${checks.passed} passed, ${checks.failed} failed\n`);
  return checks.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
