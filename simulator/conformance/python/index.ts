import type { Bench } from '../bench.ts';
export function checkPythonClient(_bench: Bench): Promise<void> {
  return Promise.resolve();
}
