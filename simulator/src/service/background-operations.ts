/** How a background operation ended, as the status monitor shows it. */
export interface BackgroundOutcome {
  /** 3: completed; operations here are over before their id is given out. */
  readonly state: 3;
  /** 30 succeeded, 31 failed. */
  readonly status: 30 | 31;
  /** Output parameters of an operation that succeeded. */
  readonly output: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: number; readonly message: string } | undefined;
}

/** What became of the operations that callers did not wait for. Kept as long as the process lives. */
export class BackgroundOperations {
  readonly #outcomes = new Map<string, BackgroundOutcome>();

  add(id: string, outcome: BackgroundOutcome): void {
    this.#outcomes.set(id, outcome);
  }

  get(id: string): BackgroundOutcome | undefined {
    return this.#outcomes.get(id);
  }
}
