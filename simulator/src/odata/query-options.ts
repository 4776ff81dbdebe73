import { badRequest } from '../service/errors.ts';

/** `$expand` of one navigation property, with the options in its parentheses. */
export interface ExpandItem {
  readonly navigation: string;
  readonly reference: boolean;
  readonly options: ReadonlyMap<string, string>;
}

export interface OrderItem {
  readonly property: string;
  readonly descending: boolean;
}

/** Splits at a separator that stands outside quotes and parentheses. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(' || character === '[' || character === '{') depth++;
    else if (character === ')' || character === ']' || character === '}') depth--;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

export function parseSelect(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const names = text.split(',').map((name) => name.trim());
  return names.includes('*') ? undefined : names.filter((name) => name !== '');
}

export function parseOrderBy(text: string | undefined): readonly OrderItem[] {
  if (text === undefined || text.trim() === '') return [];
  return text.split(',').map((item) => {
    const [property, direction, ...rest] = item.trim().split(/\s+/);
    if (
      property === undefined ||
      property === '' ||
      rest.length > 0 ||
      !/^(asc|desc)?$/.test(direction ?? '')
    ) {
      throw badRequest(`Syntax error in '${text}'.`);
    }
    return { property, descending: direction === 'desc' };
  });
}

export function parseExpand(text: string | undefined): readonly ExpandItem[] {
  if (text === undefined || text.trim() === '') return [];
  return splitOutside(text, ',').map((item) => {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_.]*)(\/\$ref)?\s*(?:\((.*)\))?\s*$/s.exec(item);
    if (match === null) throw badRequest(`Syntax error in '${text}'.`);
    return { navigation: match[1]!, reference: match[2] !== undefined, options: optionsOf(match[3] ?? '') }; // group 1 always matches
  });
}

function optionsOf(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of splitOutside(text, ';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals <= 0) throw badRequest(`Syntax error in '${text}'.`);
    options.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  return options;
}

/** A whole non-negative number, or 400. */
export function parseCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text.trim())) {
    throw badRequest(
      `Invalid value '${text}' for ${option} query option found. The ${option} query option requires a non-negative integer value.`,
    );
  }
  return Number(text);
}
