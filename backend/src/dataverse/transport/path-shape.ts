/** What our own requests and the service's links name as options; another name could be a value. */
const option = /^(\$[a-z]+|@p\d+|fetchXml|savedQuery|userQuery|sessiontoken|size)$/;
const name = /^[A-Za-z_$][A-Za-z0-9_.]*(\(…\))?$/;

/**
 * Where a request went, without ids and values: `accounts(…)/new_file?$select=…`. Names of tables, columns, operations
 * and options stay; what cannot be told apart from a value goes.
 */
export function pathShape(url: string): string {
  const [path = '', query] = split(url.replace(/^https?:\/\/[^/]+(\/api\/data\/v[\d.]+)?/i, ''));
  const segments = withoutKeys(decoded(path))
    .split('/')
    .filter((segment) => segment !== '');
  const shape = segments.map((segment) => (name.test(segment) && !isId(segment) ? segment : '…')).join('/');
  return query === undefined ? shape : `${shape}?${query.split('&').map(optionShape).join('&')}`;
}

function split(url: string): [string, string | undefined] {
  const at = url.indexOf('?');
  return at < 0 ? [url, undefined] : [url.slice(0, at), url.slice(at + 1)];
}

/** Thirty-two hex digits, which would pass for a name. */
function isId(segment: string): boolean {
  return /^[0-9a-f]{32}$/i.test(segment);
}

function optionShape(one: string): string {
  const key = decoded(one.split('=')[0] ?? '');
  return option.test(key) ? `${key}=…` : '…';
}

/** What cannot be decoded is no path that we would have sent. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '…';
  }
}

/** Everything between parentheses goes; a text in quotes may itself hold parentheses and slashes. */
function withoutKeys(path: string): string {
  let shape = '';
  let depth = 0;
  let quoted = false;
  for (const character of path) {
    if (depth > 0 && character === "'") quoted = !quoted;
    if (quoted) continue;
    if (character === '(' && depth++ === 0) shape += '(…)';
    else if (character === ')' && depth > 0) depth -= 1;
    else if (depth === 0) shape += character;
  }
  return shape;
}
