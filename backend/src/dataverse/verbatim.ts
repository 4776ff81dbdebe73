/**
 * The service's links are opaque: their bytes are to come back as they were given. `fetch` reads a URL before it sends
 * it, and writes it anew: a quote in the query becomes `%27`, `"` and `<` are escaped, `/../` is resolved. It hands the
 * finished request to a dispatcher, though, and takes another one in its options; this one puts the path back that
 * was asked for. (Spaces and what is not ASCII cannot stand in a request line: for those the escaped form stays.)
 */
export function verbatim(send: typeof fetch): typeof fetch {
  return (input, init) => {
    const path = typeof input === 'string' ? changedPath(input) : null;
    const own = path === null ? null : dispatcherFor(path);
    if (own === null) return send(input, init);
    // `fetch` asks no more of a dispatcher than this; another fetch ignores the option.
    const dispatcher = own as unknown as NonNullable<RequestInit['dispatcher']>;
    return send(input, { ...init, dispatcher });
  };
}

/** Path and query as given; null where `fetch` would send just these, or where they cannot be sent. */
function changedPath(url: string): string | null {
  const path = /^https?:\/\/[^/?#]+([^#]*)/i.exec(url)?.[1] ?? '';
  const parsed = new URL(url);
  if (path === parsed.pathname + parsed.search || !/^\/[\x21-\x7e]*$/.test(path)) return null;
  return path;
}

/** What of undici's dispatcher is needed here. */
interface Dispatcher {
  dispatch(options: Readonly<Record<string, unknown>>, handler: unknown): boolean;
}

/** The dispatcher that `fetch` uses by itself is kept here, for all copies of undici in a process. */
const shared = Symbol.for('undici.globalDispatcher.1');

/**
 * Null where no dispatcher can be seen: in a sandbox, whose `fetch` comes from outside, or under another `fetch` than
 * the platform's, which then has to do with the URL what it does.
 */
function dispatcherFor(path: string): Dispatcher | null {
  // Touching one of its classes loads undici, and that puts the dispatcher in place.
  void new Headers();
  // The platform keeps it under a symbol, which no type knows.
  const own = (globalThis as unknown as Readonly<Record<symbol, Dispatcher | undefined>>)[shared];
  if (own === undefined) return null;
  return { dispatch: (options, handler) => own.dispatch({ ...options, path }, handler) };
}
