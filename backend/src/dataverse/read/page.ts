import { DataverseError } from '../errors.ts';
import { PageScanner, PageSyntaxError, type PagePiece } from '../json/page-scanner.ts';
import { malformed } from '../json/decode.ts';
import type { TableDetails } from '../metadata/types.ts';
import type { TransportResponse } from '../transport/port.ts';

/** How a page ended: at most one of the links is there. */
export interface PageEnd {
  readonly nextLink?: string;
  readonly deltaLink?: string;
}

/**
 * Rows (as JSON text) while they arrive, those of one piece of the body together; the links as the return value, known
 * only when the page is over.
 */
export async function* scanPage(
  response: TransportResponse,
  table: TableDetails,
): AsyncGenerator<readonly string[], PageEnd> {
  const scanner = new PageScanner();
  const links: { nextLink?: string; deltaLink?: string } = {};
  for await (const chunk of response.stream()) {
    const rows: string[] = [];
    for (const piece of push(scanner, chunk, table)) {
      if (piece.kind === 'row') rows.push(piece.text);
      else if (piece.name === '@odata.nextLink') links.nextLink = linkOf(piece.text, table);
      else if (piece.name === '@odata.deltaLink') links.deltaLink = linkOf(piece.text, table);
    }
    if (rows.length > 0) yield rows;
  }
  end(scanner, table);
  if (!scanner.hasRows) throw malformed(table, 'a page has no list of rows');
  return links;
}

function push(scanner: PageScanner, chunk: Uint8Array, table: TableDetails): PagePiece[] {
  try {
    return scanner.push(chunk);
  } catch (error) {
    throw error instanceof PageSyntaxError ? malformed(table, error.message) : error;
  }
}

/** A body that ends too soon is a connection that broke, whatever the socket says. */
function end(scanner: PageScanner, table: TableDetails): void {
  try {
    scanner.end();
  } catch (cause) {
    throw new DataverseError(
      `A page of ${table.name} broke off.`,
      { kind: 'unreachable', status: 0, serviceCode: '', requestId: null, table: table.name },
      { cause },
    );
  }
}

function linkOf(text: string, table: TableDetails): string {
  const link = parsed(text);
  if (typeof link === 'string') return link;
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
