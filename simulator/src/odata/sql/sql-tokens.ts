import { badRequest, type ServiceError } from '../../service/errors.ts';

export interface SqlToken {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'mark' | 'end';
  /** Words in upper case, names without brackets, strings without quotes; everything else as written. */
  readonly text: string;
  /** As written, for names that are no words of the language. */
  readonly source: string;
  readonly at: number;
}

const PATTERNS: readonly (readonly [SqlToken['kind'] | 'space', RegExp])[] = [
  ['space', /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/y],
  ['string', /[nN]?'(?:[^']|'')*'/y],
  ['name', /\[(?:[^\]]|\]\])+\]|"(?:[^"]|"")+"/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['mark', /<>|!=|<=|>=|[=<>(),.*;]/y],
];

/** Splits one SQL command. @throws ServiceError 400 where a character fits nowhere */
export function tokenizeSql(text: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < text.length;) {
    const found = PATTERNS.map(([kind, pattern]) => {
      pattern.lastIndex = at;
      return { kind, source: pattern.exec(text)?.[0] };
    }).find(({ source }) => source !== undefined);
    if (found?.source === undefined) throw sqlError(`Incorrect syntax near '${text.slice(at, at + 10)}'.`);
    const { kind, source } = found;
    if (kind !== 'space') tokens.push({ kind, source, text: plain(kind, source), at });
    at += source.length;
  }
  tokens.push({ kind: 'end', text: '', source: '', at: text.length });
  return tokens;
}

function plain(kind: SqlToken['kind'], source: string): string {
  if (kind === 'word') return source.toUpperCase();
  if (kind === 'string') return source.slice(source.indexOf("'") + 1, -1).replaceAll("''", "'");
  if (kind !== 'name') return source;
  const inner = source.slice(1, -1);
  return source.startsWith('[') ? inner.replaceAll(']]', ']') : inner.replaceAll('""', '"');
}

export function sqlError(message: string): ServiceError {
  return badRequest(message, '0x80060888');
}

/** Reads tokens one by one. */
export class SqlReader {
  readonly #tokens: readonly SqlToken[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokenizeSql(text);
  }

  get current(): SqlToken {
    return this.#tokens[this.#position]!; // the end token is never passed
  }

  next(): SqlToken {
    const token = this.current;
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  /** Takes the words or marks if they come next, all of them. */
  accept(...texts: readonly string[]): boolean {
    const matches = texts.every((text, ahead) => {
      const token = this.#tokens[this.#position + ahead];
      return (token?.kind === 'word' || token?.kind === 'mark') && token.text === text;
    });
    if (matches) this.#position += texts.length;
    return matches;
  }

  expect(...texts: readonly string[]): void {
    if (!this.accept(...texts)) throw this.unexpected(`'${texts.join(' ')}' expected`);
  }

  unexpected(reason = 'Incorrect syntax'): ServiceError {
    const { source } = this.current;
    return sqlError(`${reason} near '${source === '' ? 'the end' : source}'.`);
  }
}
