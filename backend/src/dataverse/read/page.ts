import { DataverseError } from '../errors.ts';
import { malformed } from '../json/decode.ts';
import { JsonSyntaxError } from '../json/json-text.ts';
import { PageScanner, type RowReader } from '../json/page-scanner.ts';
import type { TableDetails } from '../metadata/types.ts';
import type { TransportResponse } from '../transport/port.ts';

/** How a page ended: at most one of the links is there. */
export interface PageEnd {
  readonly nextLink?: string;
  readonly deltaLink?: string;
}

/**
 * Rows while they arrive, those of one piece of the body together; the links as the return value, known only when the
 * page is over.
 */
export async function* scanPage<Row>(
  response: TransportResponse,
  table: TableDetails,
  reader: RowReader<Row>,
): AsyncGenerator<readonly Row[], PageEnd> {
  const scanner = new PageScanner(reader);
  for await (const chunk of response.stream()) {
    const rows = push(scanner, chunk, table);
    if (rows.length > 0) yield rows;
  }
  const rows = end(scanner, table);
  if (!scanner.hasRows) throw malformed(table, 'a page has no list of rows');
  if (rows.length > 0) yield rows;
  return {
    ...linkOf('nextLink', scanner.members, table),
    ...linkOf('deltaLink', scanner.members, table),
  };
}

function push<Row>(scanner: PageScanner<Row>, chunk: Uint8Array, table: TableDetails): Row[] {
  try {
    return scanner.push(chunk);
  } catch (error) {
    throw error instanceof JsonSyntaxError ? malformed(table, error.message) : error;
  }
}

/** A body that ends too soon is a connection that broke, whatever the socket says. */
function end<Row>(scanner: PageScanner<Row>, table: TableDetails): Row[] {
  try {
    return scanner.end();
  } catch (cause) {
    if (!(cause instanceof JsonSyntaxError)) throw cause;
    throw new DataverseError(
      `A page of ${table.name} broke off.`,
      { kind: 'unreachable', status: 0, serviceCode: '', requestId: null, table: table.name },
      { cause },
    );
  }
}

function linkOf(name: keyof PageEnd, members: ReadonlyMap<string, string>, table: TableDetails): PageEnd {
  const text = members.get(`@odata.${name}`);
  if (text === undefined) return {};
  const link = parsed(text);
  if (typeof link === 'string') return { [name]: link };
  throw malformed(table, 'a link is not a text');
}

/** Undefined where it is no JSON: a scalar that means nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
