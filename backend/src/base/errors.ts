/**
 * Base of every error that a person may see. Each boundary (storage, Dataverse, configuration, …) has a small family
 * of its own below this. `code` is stable and documented in `docs/errors.md`; `hint` says what to do.
 */
export class RowbackError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly context: Readonly<Record<string, string | number | boolean>>;

  constructor(
    code: string,
    message: string,
    options: {
      hint: string;
      context?: Readonly<Record<string, string | number | boolean>>;
      cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.context = options.context ?? {};
  }
}

/** Wrong input from a person or a program: nothing was done. Exit code 2, HTTP 400 or 404. */
export class InputError extends RowbackError {}

/** The caller may not do this: nothing was done. Exit code 4, HTTP 403 or 409. */
export class RefusedError extends RowbackError {}
