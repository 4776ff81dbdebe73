import type { Token } from './tokens.ts';
import { TokenReader } from './tokens.ts';

export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export interface Literal {
  readonly kind: 'literal';
  readonly type: 'string' | 'number' | 'guid' | 'date' | 'boolean' | 'null' | 'enum';
  readonly text: string;
}

export interface Path {
  readonly kind: 'path';
  /** Property names from the row outwards; the last is a column. */
  readonly steps: readonly string[];
}

export type Operand = Literal | Path;

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'compare'; readonly operator: Operator; readonly left: Operand; readonly right: Operand }
  | {
      readonly kind: 'text';
      readonly function: 'contains' | 'startswith' | 'endswith';
      readonly path: Path;
      readonly value: Operand;
    }
  | {
      readonly kind: 'in';
      readonly path: Path;
      readonly values: readonly Operand[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'any' | 'all';
      readonly path: Path;
      readonly variable: string;
      readonly inner: Filter | undefined;
    }
  | { readonly kind: 'flag'; readonly path: Path };

const OPERATORS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TEXT_FUNCTIONS = new Set(['contains', 'startswith', 'endswith']);
const FUNCTIONS = 'Microsoft.Dynamics.CRM.';

/**
 * Parses `$filter` in the service's dialect. `parameters` are the `@name` aliases of the URL, still as text.
 * Why not a library: those on npm that read OData (`@odata/parser`, `odata-v4-parser`, `@balena/odata-parser`)
 * refuse `Microsoft.Dynamics.CRM.In(…,PropertyValues=[…])`, and the last one loses digits of 64-bit numbers.
 */
export function parseFilter(text: string, parameters: ReadonlyMap<string, string>): Filter {
  const reader = new TokenReader(text);
  const filter = parseOr(reader, parameters);
  if (reader.current.kind !== 'end') throw reader.unexpected();
  return filter;
}

type Parameters = ReadonlyMap<string, string>;

function parseOr(reader: TokenReader, parameters: Parameters): Filter {
  let left = parseAnd(reader, parameters);
  while (reader.accept('or')) left = { kind: 'or', left, right: parseAnd(reader, parameters) };
  return left;
}

function parseAnd(reader: TokenReader, parameters: Parameters): Filter {
  let left = parseNot(reader, parameters);
  while (reader.accept('and')) left = { kind: 'and', left, right: parseNot(reader, parameters) };
  return left;
}

function parseNot(reader: TokenReader, parameters: Parameters): Filter {
  if (reader.accept('not')) return { kind: 'not', inner: parseNot(reader, parameters) };
  if (reader.accept('(')) {
    const inner = parseOr(reader, parameters);
    reader.expect(')');
    return inner;
  }
  return parseComparison(reader, parameters);
}

function parseComparison(reader: TokenReader, parameters: Parameters): Filter {
  const { text, kind } = reader.current;
  if (kind === 'name' && reader.peek(1).text === '(') {
    if (TEXT_FUNCTIONS.has(text)) return parseTextFunction(reader, parameters);
    if (text.startsWith(FUNCTIONS)) return parseQueryFunction(reader, parameters);
  }
  const left = parseOperand(reader, parameters);
  if ('variable' in left) return left.filter;
  const operator = reader.current.text;
  if (!OPERATORS.has(operator)) {
    if (left.kind === 'path') return { kind: 'flag', path: left };
    throw reader.unexpected();
  }
  reader.next();
  const right = parseOperand(reader, parameters);
  if ('variable' in right) throw reader.unexpected();
  return { kind: 'compare', operator: operator as Operator, left, right }; // one of OPERATORS
}

function parseTextFunction(reader: TokenReader, parameters: Parameters): Filter {
  const name = reader.next().text as 'contains' | 'startswith' | 'endswith'; // one of TEXT_FUNCTIONS
  reader.expect('(');
  const path = parseOperand(reader, parameters);
  reader.expect(',');
  const value = parseOperand(reader, parameters);
  reader.expect(')');
  if ('variable' in path || 'variable' in value || path.kind !== 'path') throw reader.unexpected();
  return { kind: 'text', function: name, path, value };
}

/** `Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=['1','2'])` and `NotIn`. */
function parseQueryFunction(reader: TokenReader, parameters: Parameters): Filter {
  const name = reader.next().text.slice(FUNCTIONS.length);
  if (name !== 'In' && name !== 'NotIn')
    throw reader.unexpected(`The query function ${name} is not supported`);
  reader.expect('(');
  reader.expect('PropertyName');
  reader.expect('=');
  const path: Path = { kind: 'path', steps: reader.next().text.split('/') };
  reader.expect(',');
  reader.expect('PropertyValues');
  reader.expect('=');
  const values = parseList(reader, parameters);
  reader.expect(')');
  return { kind: 'in', path, values, negated: name === 'NotIn' };
}

function parseList(reader: TokenReader, parameters: Parameters): Operand[] {
  const alias = reader.current;
  if (alias.kind === 'parameter') {
    reader.next();
    const values: unknown = JSON.parse((parameters.get(alias.text) ?? '[]').replaceAll("'", '"'));
    const list = Array.isArray(values) ? values : [values];
    return list.map((value) => ({ kind: 'literal', type: 'string', text: String(value) }));
  }
  reader.expect('[');
  const values: Operand[] = [];
  while (!reader.accept(']')) {
    const value = parseOperand(reader, parameters);
    if ('variable' in value) throw reader.unexpected();
    values.push(value);
    reader.accept(',');
  }
  return values;
}

interface Lambda {
  readonly variable: string;
  readonly filter: Filter;
}

function parseOperand(reader: TokenReader, parameters: Parameters): Operand | Lambda {
  const token = reader.next();
  if (token.kind === 'parameter') return parseAlias(reader, token, parameters);
  if (token.kind === 'name') return parseName(reader, token, parameters);
  const literal = literalOf(token);
  if (literal === undefined) throw reader.unexpected();
  return literal;
}

function parseAlias(reader: TokenReader, token: Token, parameters: Parameters): Operand {
  const text = parameters.get(token.text);
  if (text === undefined) throw reader.unexpected(`The parameter ${token.text} has no value`);
  const value = parseOperand(new TokenReader(text), parameters);
  if ('variable' in value) throw reader.unexpected();
  return value;
}

function parseName(reader: TokenReader, token: Token, parameters: Parameters): Operand | Lambda {
  const lower = token.text.toLowerCase();
  if (lower === 'null') return { kind: 'literal', type: 'null', text: 'null' };
  if (lower === 'true' || lower === 'false') return { kind: 'literal', type: 'boolean', text: lower };
  if (token.text.startsWith(FUNCTIONS) && reader.current.kind === 'string') {
    return { kind: 'literal', type: 'enum', text: reader.next().text };
  }
  const steps = [token.text];
  while (reader.accept('/')) {
    const step = reader.next().text;
    if ((step === 'any' || step === 'all') && reader.accept('('))
      return parseLambda(reader, step, steps, parameters);
    steps.push(step);
  }
  return { kind: 'path', steps };
}

function parseLambda(
  reader: TokenReader,
  kind: 'any' | 'all',
  steps: string[],
  parameters: Parameters,
): Lambda {
  const path: Path = { kind: 'path', steps };
  if (reader.accept(')')) return { variable: '', filter: { kind, path, variable: '', inner: undefined } };
  const variable = reader.next().text;
  reader.expect(':');
  const inner = parseOr(reader, parameters);
  reader.expect(')');
  return { variable, filter: { kind, path, variable, inner } };
}

function literalOf(token: Token): Literal | undefined {
  switch (token.kind) {
    case 'string':
    case 'number':
    case 'guid':
    case 'date':
      return { kind: 'literal', type: token.kind, text: token.text };
    default:
      return undefined;
  }
}
