const instantForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/;

/** Microseconds since 1970 of `YYYY-MM-DDTHH:mm:ss[.fraction]Z`; null when it is none or finer than a microsecond. */
export function microsOf(text: string): bigint | null {
  const match = instantForm.exec(text);
  if (match === null) return null;
  const ms = Date.parse(`${text.slice(0, 19)}Z`);
  // Date.parse lets the 30th of February pass as the 1st of March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text.slice(0, 19)) return null;
  const fraction = (match[7] ?? '').replace(/0+$/, '');
  if (fraction.length > 6) return null;
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

const usualInstant = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** {@link microsOf} knows it. A whole second of a day that every month has needs no calendar. */
export function isInstant(text: string): boolean {
  return usualInstant.test(text) || microsOf(text) !== null;
}

/** `YYYY-MM-DDTHH:mm:ss.ffffffZ` */
export function instantWithMicros(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}

/** The form of values: the fraction only where it is not zero. */
export function instantOf(micros: bigint): string {
  return instantWithMicros(micros).replace('.000000', '');
}

/** `YYYY-MM-DD` of days since 1970. */
export function dateOf(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

const usualDate = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$/;

export function isDate(text: string): boolean {
  if (usualDate.test(text)) return true;
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && dateOf(ms / 86_400_000) === text;
}
