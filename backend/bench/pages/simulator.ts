import { join } from 'node:path';
import { startChild, type Child } from '../../demo/child.ts';
import { root } from '../../demo/project-folder.ts';

export interface RunningSimulator {
  readonly url: string;
  readonly child: Child;
}

/** The simulator as a process of its own, taking any token, with its answers as they are: uncompressed. */
export async function startSimulator(...options: readonly string[]): Promise<RunningSimulator> {
  const main = join(root, 'simulator/dist/src/main.js');
  const args = [main, '--child', '--port', '0', '--open', '--no-gzip', ...options];
  const child = await startChild('the simulator', args, process.env);
  const { url } = child.ready;
  if (typeof url !== 'string') throw new Error("the simulator's first line lacks its url");
  return { url, child };
}
