/** Time and waiting, so that tests can hold both. `wait` rejects with the signal's reason when it is aborted. */
export type Clock = {
  now: () => number;
  wait: (waitMs: number, signal: AbortSignal) => Promise<void>;
};

export const abortReason = (): Error => new DOMException('No longer wanted', 'AbortError');

export const browserClock: Clock = {
  now: () => Date.now(),
  wait: (waitMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortReason());
      const stop = () => {
        clearTimeout(timer);
        reject(abortReason());
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, waitMs);
      signal.addEventListener('abort', stop, { once: true });
    }),
};
