/**
 * One after another what comes in batches. Entering a generator for every row costs more than reading a narrow row, so
 * only a batch enters one. Whoever stops early stops the batches too.
 */
export function oneByOne<T>(batches: AsyncGenerator<readonly T[], unknown>): AsyncIterableIterator<T> {
  let batch: readonly T[] = [];
  let at = 0;
  /** Calls that wait for a batch, one after another: several may be made without waiting. */
  let waiting: Promise<unknown> | null = null;
  const take = (): IteratorResult<T> | null => {
    // Within the batch's length.
    return at < batch.length ? { done: false, value: batch[at++] as T } : null;
  };
  const advance = async (): Promise<IteratorResult<T>> => {
    for (;;) {
      const taken = take();
      if (taken !== null) return taken;
      const next = await batches.next();
      if (next.done) return { done: true, value: undefined };
      batch = next.value;
      at = 0;
    }
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const taken = waiting === null ? take() : null;
      if (taken !== null) return Promise.resolve(taken);
      const result: Promise<IteratorResult<T>> =
        waiting === null ? advance() : waiting.then(advance, advance);
      const done = (): void => {
        if (waiting === result) waiting = null;
      };
      waiting = result;
      result.then(done, done);
      return result;
    },
    async return() {
      batch = [];
      await batches.return(undefined);
      return { done: true, value: undefined };
    },
  };
}
