import type { Row } from '../dataverse/index.ts';

export interface WellFormed {
  readonly row: Row;
  /** Columns in which a character was replaced. */
  readonly repaired: readonly string[];
}

/**
 * Text with half a surrogate pair (an emoji cut in two by a program that counts bytes) has no form in UTF-8, so no
 * Parquet file can hold it. It is kept with U+FFFD in its place, and the run says so: better than losing the row.
 */
export function wellFormed(row: Row): WellFormed {
  const values: Record<string, string> = {};
  for (const name of Object.keys(row.values)) {
    const value = row.values[name];
    if (typeof value === 'string' && !value.isWellFormed()) values[name] = value.toWellFormed();
  }
  const repaired = Object.keys(values);
  return repaired.length === 0
    ? { row, repaired }
    : { row: { ...row, values: { ...row.values, ...values } }, repaired };
}
