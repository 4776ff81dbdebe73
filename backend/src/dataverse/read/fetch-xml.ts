import { DataverseError } from '../errors.ts';

/** Attributes of the root element, values as they stand between their quotes. */
const root =
  /^((?:\s|<\?(?:(?!\?>)[^])*\?>|<!--(?:(?!-->)[^])*-->)*<fetch)((?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)(\s*\/?>[^]*)$/;
const attribute = /\s+([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** A query as given, with the attributes of its root apart: paging is said there and nowhere else. */
export class FetchXml {
  readonly #before: string;
  readonly #attributes: ReadonlyMap<string, string>;
  readonly #after: string;

  /** @throws DataverseError `bad-request` where the text does not begin with a `fetch` element. */
  constructor(text: string, table: string) {
    const parts = root.exec(text);
    if (parts === null) throw notFetchXml(table);
    const [, before = '', attributes = '', after = ''] = parts;
    const named = [...attributes.matchAll(attribute)];
    this.#before = before;
    this.#attributes = new Map(named.map(([, name = '', double, single]) => [name, double ?? single ?? '']));
    this.#after = after;
  }

  attribute(name: string): string | null {
    const value = this.#attributes.get(name);
    return value === undefined ? null : unescapeXml(value);
  }

  /** The same query with these attributes set (or, where null, left out). */
  with(attributes: Readonly<Record<string, string | null>>): string {
    const all = new Map<string, string>(this.#attributes);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) all.delete(name);
      else all.set(name, escapeXml(value));
    }
    const printed = [...all].map(([name, value]) => ` ${name}="${value.replaceAll('"', '&quot;')}"`).join('');
    return `${this.#before}${printed}${this.#after}`;
  }
}

/**
 * The cookie for the next page out of the annotation `fetchxmlpagingcookie`: an element whose attribute
 * `pagingcookie` is percent-encoded twice. Null where there is none: the service then pages without.
 */
export function pagingCookie(annotation: unknown): string | null {
  if (typeof annotation !== 'string') return null;
  const inner = /\spagingcookie="([^"]*)"/.exec(annotation)?.[1];
  return inner === undefined || inner === '' ? null : decodeURIComponent(decodeURIComponent(inner));
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

function notFetchXml(table: string): DataverseError {
  return new DataverseError(
    'The query does not begin with a fetch element.',
    { kind: 'bad-request', status: 0, serviceCode: '', requestId: null, table },
    { hint: 'FetchXML begins with <fetch …> and holds one entity.' },
  );
}
