import { isLosslessNumber, parse, stringify } from 'lossless-json';

/** JSON whose numbers stay the text they were sent as (`LosslessNumber`): 64-bit integers and scales survive. */
export function parseLossless(text: string): unknown {
  return parse(text);
}

/** The other way: numbers that are `LosslessNumber`s are written as their text. */
export function stringifyLossless(value: unknown): string {
  return stringify(value) ?? 'null';
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** The text of a number, also where the service quotes it. Undefined: not a number. */
export function numberText(value: unknown): string | undefined {
  if (isLosslessNumber(value)) return value.value;
  return typeof value === 'string' && /^-?\d/.test(value) ? value : undefined;
}

/** Digits without an exponent: `1.5E3` is `1500`. The service prints decimals plainly; this holds it to that form. */
export function plainDigits(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const cut = Math.max(1, point);
  const tail = padded.slice(cut);
  return sign + (padded.slice(0, cut).replace(/^0+(?=\d)/, '') || '0') + (tail === '' ? '' : `.${tail}`);
}
