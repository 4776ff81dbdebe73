export type SolutionErrorCode =
  'solution-not-readable' | 'solution-incomplete' | 'solution-xml-invalid' | 'solution-unsupported';

/** The file is not a solution that can be imported; nothing was changed. */
export class SolutionError extends Error {
  readonly code: SolutionErrorCode;
  readonly hint: string;

  constructor(code: SolutionErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SolutionError';
    this.code = code;
    this.hint = hint;
  }
}
