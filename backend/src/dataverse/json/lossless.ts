import { isLosslessNumber, parse, stringify } from 'lossless-json';

/** JSON whose numbers stay the text they were sent as (`LosslessNumber`): 64-bit integers and scales survive. */
export function parseLossless(text: string): unknown {
  return parse(text);
}

/**
 * The same for definitions, which are megabytes and hold no values: where each number's text is what JavaScript itself
 * would print, the engine's own parser gives plain numbers and loses nothing; else as {@link parseLossless}.
 */
export function parseDefinitions(text: string): unknown {
  return everyNumberIsPlain(text) ? JSON.parse(text) : parseLossless(text);
}

function everyNumberIsPlain(text: string): boolean {
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('"', at);
    const end = open < 0 ? text.length : open;
    if (end - at > 1) {
      const found = text.slice(at, end).match(numbers) ?? [];
      if (found.some((digits) => String(Number(digits)) !== digits)) return false;
    }
    at = open < 0 ? end : closingQuote(text, open) + 1;
  }
  return true;
}

/**
 * A row as JSON whose numbers became strings of the same text: the column's kind tells what a string is. The engine's
 * own parser then does the work, several times as fast as one written in JavaScript.
 */
export function parseRowText(text: string): unknown {
  return JSON.parse(quoteNumbers(text));
}

const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Numbers stand only between strings; what lies there between two of them is mostly one colon or comma. */
function quoteNumbers(text: string): string {
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('"', at);
    const end = open < 0 ? text.length : open;
    if (end - at > 1) {
      quoted += text.slice(copied, at) + text.slice(at, end).replace(numbers, '"$&"');
      copied = end;
    }
    at = open < 0 ? end : closingQuote(text, open) + 1;
  }
  return quoted + text.slice(copied);
}

/** Position of the quote that ends the string begun at `open`: the next one after an even number of backslashes. */
function closingQuote(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close >= 0; close = text.indexOf('"', close + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(close - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return close;
  }
  return text.length;
}

/** A body whose `LosslessNumber`s are written as their text. Long strings (contents) go through the engine's own. */
export function stringifyLossless(body: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? JSON.stringify(value) : stringify(value);
      return `${JSON.stringify(name)}:${text}`;
    });
  return `{${members.join(',')}}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** The text of a number, also where the service quotes it. Undefined: not a number. */
export function numberText(value: unknown): string | undefined {
  if (isLosslessNumber(value)) return value.value;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? value : undefined;
}

/** More zeros than any number of the service has; `1E999999999` would be a text of a gigabyte. */
const greatestExponent = 400;

/**
 * Digits without an exponent: `1.5E3` is `1500`. The service prints decimals plainly; this holds it to that form.
 * Undefined: a number that is out of all proportion.
 */
export function plainDigits(text: string): string | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  if (Math.abs(Number(exponent)) > greatestExponent) return undefined;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const cut = Math.max(1, point);
  const tail = padded.slice(cut);
  return sign + (padded.slice(0, cut).replace(/^0+(?=\d)/, '') || '0') + (tail === '' ? '' : `.${tail}`);
}
