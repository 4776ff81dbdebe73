import { createHash } from 'node:crypto';
import type { ControlStore } from '../vault/index.ts';

/**
 * "The same key again answers with what the first request started and starts nothing." The key belongs to its caller and
 * operation. Kept as a mark in the control container; requests that arrive at once share one promise.
 */
export class Idempotency {
  readonly #underWay = new Map<string, Promise<string>>();

  /**
   * Gives the id of what was started: by this call (through `start`), or by an earlier one with the same key. No key:
   * always starts.
   */
  async once(
    control: ControlStore,
    key: string | undefined,
    scope: readonly string[],
    start: () => Promise<string>,
  ): Promise<string> {
    if (key === undefined) return await start();
    const name = `idempotency/${createHash('sha256')
      .update(JSON.stringify([...scope, key]))
      .digest('hex')}.json`;
    const running = this.#underWay.get(name);
    if (running) return await running;
    const work = startOnce(control, name, start).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, work);
    return await work;
  }
}

async function startOnce(control: ControlStore, name: string, start: () => Promise<string>): Promise<string> {
  const known = await control.readMark(name);
  if (typeof known === 'object' && known !== null && 'id' in known && typeof known.id === 'string')
    return known.id;
  const id = await start();
  await control.writeMark(name, { id });
  return id;
}
