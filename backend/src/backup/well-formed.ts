import type { Row } from '../dataverse/index.ts';

export interface WellFormed {
  readonly row: Row;
  /** Columns in which a character was replaced. */
  readonly repaired: readonly string[];
}

/** With the flag `u` a surrogate that has its other half is not seen as one. */
const halfPair = /\p{Surrogate}/u;
const everyHalfPair = /\p{Surrogate}/gu;

/**
 * Text with half a surrogate pair (an emoji cut in two by a program that counts bytes) has no form in UTF-8, so no
 * Parquet file can hold it. It is kept with U+FFFD in its place, and the run says so: better than losing the row.
 */
export function wellFormed(row: Row): WellFormed {
  const repaired = Object.entries(row.values).filter(
    ([, value]) => typeof value === 'string' && halfPair.test(value),
  );
  if (repaired.length === 0) return { row, repaired: [] };
  const values = Object.fromEntries(
    repaired.map(([name, value]) => [name, String(value).replace(everyHalfPair, '\uFFFD')]),
  );
  return { row: { ...row, values: { ...row.values, ...values } }, repaired: repaired.map(([name]) => name) };
}
