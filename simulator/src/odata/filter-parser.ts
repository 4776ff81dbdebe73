import type { Comparison, Filter, Lambda, Literal, Operand, Path } from './filter-tree.ts';
import { QUERY_FUNCTIONS, type QueryFunction } from './query-functions.ts';
import type { Token } from './tokens.ts';
import { TokenReader } from './tokens.ts';

const COMPARISONS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TEXT_FUNCTIONS = new Set(['contains', 'startswith', 'endswith']);
const NAMESPACE = 'Microsoft.Dynamics.CRM.';

/**
 * Parses `$filter` in the service's dialect. `parameters` are the `@name` aliases of the URL, still as text.
 * Why not a library: those on npm that read OData refuse what the service's own functions look like; docs/design.md
 * names them.
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
  if (kind === 'name' && reader.peek(1).text === '(' && reader.peek(1).kind === 'punctuation') {
    return parseCall(reader, text, parameters);
  }
  const left = parseOperand(reader, parameters);
  if (isLambda(left)) return left;
  const operator = reader.current.text;
  if (!COMPARISONS.has(operator)) {
    if (left.kind === 'path') return { kind: 'flag', path: left };
    throw reader.unexpected();
  }
  reader.next();
  const right = parseOperand(reader, parameters);
  if (isLambda(right)) throw reader.unexpected();
  return { kind: 'compare', operator: operator as Comparison, left, right }; // one of COMPARISONS
}

function parseCall(reader: TokenReader, name: string, parameters: Parameters): Filter {
  if (TEXT_FUNCTIONS.has(name)) return parseTextFunction(reader, parameters);
  const found = name.startsWith(NAMESPACE) ? QUERY_FUNCTIONS.get(name.slice(NAMESPACE.length)) : undefined;
  if (found !== undefined) return parseQueryFunction(reader, found, parameters);
  throw reader.unexpected(
    `An unknown function with name '${name}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.`,
  );
}

function parseTextFunction(reader: TokenReader, parameters: Parameters): Filter {
  const name = reader.next().text as 'contains' | 'startswith' | 'endswith'; // one of TEXT_FUNCTIONS
  reader.expect('(');
  const path = parseOperand(reader, parameters);
  reader.expect(',');
  const value = parseOperand(reader, parameters);
  reader.expect(')');
  if (isLambda(path) || isLambda(value) || path.kind !== 'path') throw reader.unexpected();
  return { kind: 'text', function: name, path, value };
}

/** `Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=['1','2'])`: every parameter by name, in any order. */
function parseQueryFunction(reader: TokenReader, found: QueryFunction, parameters: Parameters): Filter {
  reader.next();
  reader.expect('(');
  const given = new Map<string, readonly string[]>();
  do {
    const name = reader.next().text;
    reader.expect('=');
    const list = name === 'PropertyValues';
    given.set(name, list ? parseList(reader, parameters) : [parseValue(reader, parameters)]);
  } while (reader.accept(','));
  reader.expect(')');
  const [property] = given.get('PropertyName') ?? [];
  const values = found.parameters.flatMap((name) => given.get(name) ?? []);
  const expected = ['PropertyName', ...found.parameters];
  const complete = expected.length === given.size && expected.every((name) => given.has(name));
  if (!complete || property === undefined || property === '') {
    throw reader.unexpected(`The function takes ${expected.join(', ')}`);
  }
  const path: Path = { kind: 'path', steps: property.split('/') };
  return { kind: 'condition', operator: found.operator, path, values };
}

function parseList(reader: TokenReader, parameters: Parameters): readonly string[] {
  if (reader.current.kind === 'parameter') {
    const inner = new TokenReader(aliasText(reader, reader.next(), parameters));
    const values = parseList(inner, parameters);
    if (inner.current.kind !== 'end') throw inner.unexpected();
    return values;
  }
  reader.expect('[');
  const values: string[] = [];
  if (reader.accept(']')) return values;
  do values.push(parseValue(reader, parameters));
  while (reader.accept(','));
  reader.expect(']');
  return values;
}

/** A constant as its text. */
function parseValue(reader: TokenReader, parameters: Parameters): string {
  const value = parseOperand(reader, parameters);
  if (isLambda(value)) throw reader.unexpected();
  // Some clients leave the quotes off a property's name; it is a name all the same.
  return value.kind === 'path' ? value.steps.join('/') : value.text;
}

function parseOperand(reader: TokenReader, parameters: Parameters): Operand | Lambda {
  const token = reader.next();
  if (token.kind === 'parameter') return parseAlias(reader, token, parameters);
  if (token.kind === 'name') return parseName(reader, token, parameters);
  const literal = literalOf(token);
  if (literal === undefined) throw reader.unexpected();
  return literal;
}

function isLambda(operand: Operand | Lambda): operand is Lambda {
  return operand.kind === 'any' || operand.kind === 'all';
}

function parseAlias(reader: TokenReader, token: Token, parameters: Parameters): Operand {
  const inner = new TokenReader(aliasText(reader, token, parameters));
  const value = parseOperand(inner, parameters);
  if (isLambda(value) || inner.current.kind !== 'end') throw inner.unexpected();
  return value;
}

function aliasText(reader: TokenReader, token: Token, parameters: Parameters): string {
  const text = parameters.get(token.text);
  if (text === undefined || /^\s*@/.test(text)) {
    throw reader.unexpected(`The parameter ${token.text} has no value`);
  }
  return text;
}

function parseName(reader: TokenReader, token: Token, parameters: Parameters): Operand | Lambda {
  const lower = token.text.toLowerCase();
  if (lower === 'null') return { kind: 'literal', type: 'null', text: 'null' };
  if (lower === 'true' || lower === 'false') return { kind: 'literal', type: 'boolean', text: lower };
  if (reader.current.kind === 'string' && reader.current.at === token.at + token.text.length) {
    if (!token.text.startsWith(NAMESPACE)) throw reader.unexpected(`Unrecognized literal '${token.text}'`);
    return { kind: 'literal', type: 'enum', text: reader.next().text };
  }
  const steps = [token.text];
  while (reader.accept('/')) {
    const step = reader.next().text;
    if ((step === 'any' || step === 'all') && reader.accept('(')) {
      return parseLambda(reader, step, steps, parameters);
    }
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
  if (kind === 'any' && reader.accept(')')) return { kind, path, variable: '', inner: undefined };
  const variable = reader.next().text;
  reader.expect(':');
  const inner = parseOr(reader, parameters);
  reader.expect(')');
  return { kind, path, variable, inner };
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
