/** A lookup: the table it points to and the row's id, lower case. */
export interface Reference {
  readonly table: string;
  readonly id: string;
}

/**
 * One value of a row, in a form that JSON carries without loss.
 *
 * | kind | form |
 * | --- | --- |
 * | text, multi-select (`1,2,3`) | string |
 * | whole number, choice, state, status; double | number |
 * | 64-bit integer, decimal, money, exchange rate | digits as a string, scale as the source gave it |
 * | instant (UTC or wall time) | `YYYY-MM-DDTHH:mm:ssZ`, with `.ffffff` only where the fraction is not zero |
 * | date | `YYYY-MM-DD` |
 * | guid, id of a file or image | lower-case string |
 * | lookup | {@link Reference} |
 *
 * `null` is "empty". A column that was not captured has no property at all.
 */
export type Value = null | boolean | number | string | Reference;

/** Values by column, under the columns' logical names. */
export type Values = Readonly<Record<string, Value>>;

export function isReference(value: Value | undefined): value is Reference {
  return typeof value === 'object' && value !== null;
}
