import type { Caller } from '../security/rights.ts';
import type { Environment } from './environment.ts';

/** What a request carries into every operation. */
export interface RequestContext {
  readonly environment: Environment;
  readonly caller: Caller;
  /** Absolute, with the trailing slash: `http://host/api/data/v9.2/`. Answers repeat the host that was called. */
  readonly serviceRoot: string;
  readonly preferences: Preferences;
  readonly headers: ReadonlyMap<string, string>;
  /** How many pieces of custom logic, each started by the one before, led here; absent: a client's own request. */
  readonly depth?: number;
  /** The body of a note or attachment came in blocks, which may be larger than what a request can hold. */
  readonly bodyInBlocks?: true;
}

export interface Preferences {
  readonly maxPageSize: number | undefined;
  /** The page size as asked for, which may be more than is given. */
  readonly askedPageSize: number | undefined;
  readonly trackChanges: boolean;
  readonly returnRepresentation: boolean;
  readonly continueOnError: boolean;
  /** Does the caller want this annotation? Names as in `Microsoft.Dynamics.CRM.lookuplogicalname`. */
  readonly annotation: (name: string) => boolean;
  /** The list as sent, to be echoed. */
  readonly annotations: string | undefined;
}

export const MAX_PAGE_SIZE = 5000;

/** Reads every `Prefer` header; several in one header and several headers mean the same. */
export function parsePreferences(header: string | undefined): Preferences {
  const values = new Map<string, string>();
  for (const part of splitQuoted(header ?? '')) {
    const [name, ...rest] = part.split('=');
    values.set(
      (name ?? '').trim().toLowerCase(),
      rest
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
  }
  const size = Number(values.get('odata.maxpagesize') ?? Number.NaN);
  const asked = Number.isInteger(size) && size > 0 ? size : undefined;
  const annotations = values.get('odata.include-annotations');
  return {
    maxPageSize: asked === undefined ? undefined : Math.min(asked, MAX_PAGE_SIZE),
    askedPageSize: asked,
    trackChanges: values.has('odata.track-changes'),
    returnRepresentation: values.get('return') === 'representation',
    continueOnError: values.has('odata.continue-on-error') || values.has('continue-on-error'),
    annotation: annotationFilter(annotations),
    annotations,
  };
}

function splitQuoted(text: string): string[] {
  return text.match(/(?:[^,"]|"[^"]*")+/g) ?? [];
}

function annotationFilter(list: string | undefined): (name: string) => boolean {
  if (list === undefined) return () => false;
  const patterns = list.split(',').map((pattern) => pattern.trim());
  const matches = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  return (name) =>
    patterns.some((pattern) => matches(pattern, name)) &&
    !patterns.some((pattern) => pattern.startsWith('-') && matches(pattern.slice(1), name));
}

/** Does the caller want 64-bit and decimal numbers as strings, and does the service do it? */
export function quotesLongNumbers(context: RequestContext): boolean {
  if (context.environment.switches.ieee754Compatible !== 'honoured') return false;
  return /IEEE754Compatible=true/i.test(context.headers.get('accept') ?? '');
}
