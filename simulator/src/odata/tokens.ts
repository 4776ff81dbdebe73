import { badRequest } from '../service/errors.ts';

export type TokenKind = 'name' | 'string' | 'number' | 'guid' | 'date' | 'punctuation' | 'parameter' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Strings without quotes and with `''` resolved; everything else as written. */
  readonly text: string;
  readonly at: number;
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['guid', /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/y],
  ['date', /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?/y],
  ['number', /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['parameter', /@[A-Za-z_][A-Za-z0-9_]*/y],
  ['name', /[$A-Za-z_][A-Za-z0-9_.]*/y],
  ['punctuation', /[(),:/[\];=*{}]/y],
];
const STRING = /'((?:[^']|'')*)'/y;
/** Only in lists of values, which are JSON; the way to give a value with an apostrophe. */
const JSON_STRING = /"(?:[^"\\]|\\.)*"/y;
const SPACE = /\s+/y;

/** Splits the text of a query option. 400 where a character fits nowhere. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token.token);
    at = token.next;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

function tokenAt(text: string, at: number): { token: Token; next: number } {
  const string = match(STRING, text, at);
  if (string !== undefined) {
    const value = string.slice(1, -1).replaceAll("''", "'");
    return { token: { kind: 'string', text: value, at }, next: at + string.length };
  }
  if (text[at] === "'") throw badRequest(`There is an unterminated literal at position ${at} in '${text}'.`);
  const quoted = match(JSON_STRING, text, at);
  if (quoted !== undefined) {
    return { token: { kind: 'string', text: jsonText(quoted), at }, next: at + quoted.length };
  }
  for (const [kind, pattern] of PATTERNS) {
    const found = match(pattern, text, at);
    if (found !== undefined) return { token: { kind, text: found, at }, next: at + found.length };
  }
  throw badRequest(`Syntax error: character '${text[at]}' is not valid at position ${at} in '${text}'.`);
}

function jsonText(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(`Invalid JSON. ${quoted}`);
    throw error;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Reads tokens one by one. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  get current(): Token {
    return this.#tokens[this.#position]!; // the end token is never passed
  }

  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)]!; // clamped
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  accept(text: string): boolean {
    const { kind } = this.current;
    if (this.current.text !== text || kind === 'string') return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(`'${text}' expected`);
  }

  unexpected(reason = 'Syntax error'): Error {
    return badRequest(`${reason} at position ${this.current.at} in '${this.#source}'.`);
  }
}
