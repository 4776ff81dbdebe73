import { badRequest } from '../service/errors.ts';
import { splitOutside } from './query-options.ts';

/** One step of a resource path: `accounts(…)`, `name`, `$ref`, `Microsoft.Dynamics.CRM.X(…)`. */
export interface Segment {
  readonly name: string;
  /** What stands in the parentheses; undefined where there are none. */
  readonly argument: string | undefined;
}

export interface ResourceUrl {
  readonly segments: readonly Segment[];
  /** Query options by name, decoded; the last one counts. */
  readonly query: ReadonlyMap<string, string>;
  /** The query as sent, for links that repeat it. */
  readonly rawQuery: string;
  /** The path as sent, below the service root. */
  readonly rawPath: string;
}

/** Takes apart what follows the service root, for example `accounts(…)/name?$select=a`. */
export function parseResource(text: string): ResourceUrl {
  const mark = text.indexOf('?');
  const rawPath = (mark < 0 ? text : text.slice(0, mark)).replace(/^\/+|\/+$/g, '');
  const rawQuery = mark < 0 ? '' : text.slice(mark + 1);
  const segments = rawPath === '' ? [] : splitOutside(decode(rawPath), '/').map(parseSegment);
  return { segments, query: parseQuery(rawQuery), rawQuery, rawPath };
}

export function parseQuery(raw: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const part of raw.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode((equals < 0 ? part : part.slice(0, equals)).replaceAll('+', ' ')).trim();
    query.set(name, equals < 0 ? '' : decode(part.slice(equals + 1).replaceAll('+', ' ')));
  }
  return query;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`The URL contains an invalid escape: '${text}'.`);
    throw error;
  }
}

function parseSegment(text: string): Segment {
  const open = text.indexOf('(');
  if (open < 0) return { name: text, argument: undefined };
  if (!text.endsWith(')')) throw badRequest(`Bad Request - Error in query syntax: '${text}'.`);
  return { name: text.slice(0, open), argument: text.slice(open + 1, -1) };
}

/** Named values in parentheses: function parameters and alternate keys. Quotes are taken off strings. */
export function parseArguments(
  argument: string,
  query: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (argument.trim() === '') return values;
  for (const part of splitOutside(argument, ',')) {
    const equals = part.indexOf('=');
    if (equals < 0) throw badRequest(`Bad Request - Error in query syntax: '${argument}'.`);
    const value = part.slice(equals + 1).trim();
    const resolved = value.startsWith('@') ? (query.get(value) ?? '') : value;
    values.set(part.slice(0, equals).trim(), resolved);
  }
  return values;
}

export function unquote(text: string): string {
  const match = /^'(.*)'$/s.exec(text);
  return match === null ? text : match[1]!.replaceAll("''", "'"); // one group
}
