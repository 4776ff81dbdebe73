/** Lets one in at a time, in the order in which they came. Who gives up while waiting does not hold up the others. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Those that wait for their turn, and the one whose turn it is. */
  get waiting(): number {
    return this.#waiting;
  }

  async take<R>(work: () => Promise<R>, signal?: AbortSignal): Promise<R> {
    const before = this.#last;
    const { promise, resolve } = deferred();
    this.#last = promise;
    this.#waiting += 1;
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      this.#waiting -= 1;
      // Whoever gave up hands on the turn when it would have been theirs.
      void before.then(resolve);
    }
  }
}

/** Waits for `wanted`; rejects with the signal's reason when that aborts first. */
export async function unlessAborted(wanted: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (signal === undefined) return wanted;
  const { promise: aborted, resolve } = deferred();
  const onAbort = () => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([wanted, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
}

export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
