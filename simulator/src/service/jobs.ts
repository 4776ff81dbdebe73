export interface Job {
  readonly dueAtMs: number;
  readonly run: () => void;
}

/**
 * Work that the platform does after it answered: asynchronous plug-ins, flows, bulk deletes. Nothing runs by itself:
 * what is due is done before the next request is answered, so that a test decides with its clock when it happens.
 */
export class Jobs {
  #waiting: readonly Job[] = [];

  /** Returns what takes the job back, for a transaction that is undone. */
  add(dueAtMs: number, run: () => void): () => void {
    const job = { dueAtMs, run };
    this.#waiting = [...this.#waiting, job];
    return () => void (this.#waiting = this.#waiting.filter((one) => one !== job));
  }

  /** What waits now; a job never changes. */
  snapshot(): readonly Job[] {
    return this.#waiting;
  }

  reset(waiting: readonly Job[]): void {
    this.#waiting = [...waiting];
  }

  /** Runs everything due, in order of time, also what the jobs themselves add in the meantime. */
  runDue(nowMs: number): void {
    for (let next = this.#take(nowMs); next !== undefined; next = this.#take(nowMs)) next.run();
  }

  #take(nowMs: number): Job | undefined {
    let first: Job | undefined;
    for (const job of this.#waiting) {
      if (job.dueAtMs <= nowMs && (first === undefined || job.dueAtMs < first.dueAtMs)) first = job;
    }
    if (first !== undefined) this.#waiting = this.#waiting.filter((one) => one !== first);
    return first;
  }
}
