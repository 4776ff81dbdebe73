import type { TableDefinition } from '../model/definitions.ts';
import type { RequestContext } from '../service/context.ts';
import type { GeneratedRows } from '../store/generated/generated-rows.ts';
import { GeneratedTable } from '../store/generated/generated-table.ts';
import { GeneratedPrinter } from './generated-printer.ts';
import { PageBytes } from './page-bytes.ts';
import { isMark, type PageMark, type PagePlace } from './paging.ts';
import { printRow, type MembersOfRow, type RowPrinter } from './print-row.ts';
import { everyRow, readPage, type PageQuery } from './read-rows.ts';

export interface PrintedPage {
  /** Each row's text; or the bytes of all of them with commas between. */
  readonly rows: readonly string[] | PageBytes;
  /** Where the next page begins; undefined on the last one. */
  readonly next: PagePlace | undefined;
}

/** One page of the rows that pass, printed. */
export function printPage(
  context: RequestContext,
  table: TableDefinition,
  printer: RowPrinter,
  expands: readonly MembersOfRow[],
  query: PageQuery,
): PrintedPage {
  const store = context.environment.database.store(table.logicalName);
  const after = query.after;
  const whole = query.passes === everyRow && query.order.length === 0 && query.among === undefined;
  const { switches, pageCut } = context.environment;
  const plain = whole && expands.length === 0 && !switches.shortPages && pageCut === undefined;
  if (store instanceof GeneratedTable && plain && printer.selfContained) {
    if (after === undefined || isMark(after)) {
      return printGenerated(context, table, printer, store, { ...query, after });
    }
  }
  const page = readPage(context, table, query);
  return { rows: page.rows.map((row) => printRow(printer, expands, row, true)), next: page.next };
}

/** Generated rows from ready pieces, written ones among them as any row is printed. */
function printGenerated(
  context: RequestContext,
  table: TableDefinition,
  printer: RowPrinter,
  store: GeneratedTable,
  query: PageQuery & { readonly after: PageMark | undefined },
): PrintedPage {
  const { base } = store;
  const generated = generatedPrinter(context, base, printer);
  const bytes = new PageBytes((generated.room + 1) * Math.min(query.size, store.size));
  let first: string | undefined;
  let last: number | string | undefined;
  let left = query.size;
  for (const slot of store.slots(query.after?.last)) {
    if (left-- === 0) {
      const end = typeof last === 'number' ? base.ids.idAt(last) : (last ?? '');
      return { rows: bytes, next: markAfter(table, query, first ?? end, end) };
    }
    if (last !== undefined) bytes.text(',');
    if (typeof slot === 'number') {
      bytes.fill(generated.room, (buffer, at) => generated.write(buffer, at, slot));
      last = slot;
      first ??= base.ids.idAt(slot);
    } else {
      bytes.text(printRow(printer, [], slot, true));
      last = slot.id;
      first ??= slot.id;
    }
  }
  return { rows: bytes, next: undefined };
}

function markAfter(
  table: TableDefinition,
  query: PageQuery & { readonly after: PageMark | undefined },
  first: string,
  last: string,
): PageMark {
  const { after, watermark } = query;
  return {
    pageNumber: (after?.pageNumber ?? 0) + 1,
    primaryKey: table.primaryId,
    first,
    last,
    order: [],
    ...(watermark === undefined ? {} : { watermark }),
  };
}

/** Some megabytes each. */
const MOST_KEPT = 8;
const kept = new WeakMap<GeneratedRows, Map<string, GeneratedPrinter>>();

/** Pieces take longer to make than a page to print: those of the last selections are kept. */
function generatedPrinter(
  context: RequestContext,
  rows: GeneratedRows,
  printer: RowPrinter,
): GeneratedPrinter {
  let ofTable = kept.get(rows);
  if (ofTable === undefined) kept.set(rows, (ofTable = new Map<string, GeneratedPrinter>()));
  const names = printer.properties.map(({ property }) => property.name);
  const key = JSON.stringify([context.environment.metadataVersion, printer.style, names]);
  let found = ofTable.get(key);
  if (found === undefined) {
    found = new GeneratedPrinter(rows, printer);
    if (ofTable.size >= MOST_KEPT) ofTable.clear();
    ofTable.set(key, found);
  }
  return found;
}
