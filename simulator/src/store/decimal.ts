/** Decimal arithmetic on digit strings: no value passes through a double. */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

/** Undefined where the text is no decimal number. */
export function parseDecimal(text: string): Scaled | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? '';
  const exponent = Number(match[4] ?? '0');
  if (Math.abs(exponent) > 400) return undefined;
  let digits = BigInt((match[2] ?? '0') + fraction);
  let scale = fraction.length - exponent;
  if (scale < 0) {
    digits *= 10n ** BigInt(-scale);
    scale = 0;
  }
  return { digits: match[1] === '-' ? -digits : digits, scale };
}

/** The number with exactly `scale` digits after the point; surplus digits are rounded half away from zero. */
export function toScale(text: string, scale: number): string {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new RangeError(`${text} is not a decimal number`);
  return print(rescale(parsed, scale), scale);
}

export function compareDecimals(left: string, right: string): number {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (a === undefined || b === undefined) return Number(left) - Number(right);
  const scale = Math.max(a.scale, b.scale);
  const difference = rescale(a, scale) - rescale(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `left / right` with `scale` digits after the point, rounded half away from zero. */
export function divide(left: string, right: string, scale: number): string {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (a === undefined || b === undefined || b.digits === 0n) throw new RangeError(`${left} / ${right}`);
  const numerator = a.digits * 10n ** BigInt(b.scale + scale + 1);
  const denominator = b.digits * 10n ** BigInt(a.scale);
  return print(rescale({ digits: numerator / denominator, scale: scale + 1 }, scale), scale);
}

/** The exact sum, with as many digits after the point as the summand that has most. */
export function sumOf(texts: Iterable<string>): string {
  let sum: Scaled = { digits: 0n, scale: 0 };
  for (const text of texts) {
    const value = parseDecimal(text);
    if (value === undefined) throw new RangeError(`${text} is not a decimal number`);
    const scale = Math.max(sum.scale, value.scale);
    sum = { digits: rescale(sum, scale) + rescale(value, scale), scale };
  }
  return print(sum.digits, sum.scale);
}

function rescale(value: Scaled, scale: number): bigint {
  if (value.scale <= scale) return value.digits * 10n ** BigInt(scale - value.scale);
  const unit = 10n ** BigInt(value.scale - scale);
  const half = unit / 2n;
  return value.digits < 0n ? -((-value.digits + half) / unit) : (value.digits + half) / unit;
}

function print(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + text;
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}
