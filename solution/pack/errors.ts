/** The source or the built control cannot become a solution; nothing was written. `code` is stable. */
export class PackError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = 'PackError';
    this.code = code;
    this.hint = hint;
  }
}
