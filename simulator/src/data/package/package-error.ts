export type PackageErrorCode =
  | 'package-not-found'
  | 'package-not-readable'
  | 'package-incomplete'
  | 'package-xml-invalid'
  | 'package-schema-invalid'
  | 'package-value-invalid';

/** The folder or zip is not a Configuration Migration package that we can load; nothing was loaded. */
export class PackageError extends Error {
  readonly code: PackageErrorCode;
  readonly hint: string;

  constructor(code: PackageErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PackageError';
    this.code = code;
    this.hint = hint;
  }
}
