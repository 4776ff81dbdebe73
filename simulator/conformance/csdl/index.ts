import type { Bench } from '../bench.ts';
export function checkCsdl(_bench: Bench): Promise<void> {
  return Promise.resolve();
}
