import type { TableDefinition } from '../../model/definitions.ts';
import { hiddenColumns } from '../../odata/print-row.ts';
import { rowReader } from '../../odata/read-rows.ts';
import type { RequestContext } from '../../service/context.ts';
import type { Row } from '../../store/table-store.ts';

export interface Hit {
  readonly table: TableDefinition;
  readonly row: Row;
  /** Text of the primary name: the one column that is searched here. */
  readonly text: string;
  /** The longer the part of the text that was found, the higher; between 0 and 1. */
  readonly score: number;
}

/** How a word of the search must stand in a text: as a word of it, or (last word) as the beginning of one. */
export type Match = 'word' | 'beginning';

/**
 * Rows whose primary name has every word of the search, best first. Tables are the given ones, or all that have a
 * name; rows and columns that the caller may not read are never found.
 */
export function findRows(
  context: RequestContext,
  search: string,
  tables: readonly string[] | undefined,
  match: Match,
): Hit[] {
  const words = wordsOf(search);
  const hits: Hit[] = [];
  if (words.length === 0) return hits;
  for (const table of searchable(context, tables)) {
    const mayRead = rowReader(context.environment, context.caller, table);
    const name = table.primaryName ?? '';
    for (const row of context.environment.database.store(table.logicalName).values()) {
      const text = row.values[name];
      if (typeof text !== 'string' || !matches(text, words, match) || !mayRead(row)) continue;
      const score = Math.min(1, words.join('').length / Math.max(1, text.length));
      hits.push({ table, row, text, score });
    }
  }
  return hits.sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
}

function searchable(context: RequestContext, names: readonly string[] | undefined): TableDefinition[] {
  return context.environment.schema.tables.filter(
    (table) =>
      table.primaryName !== null &&
      table.entitySetName !== null &&
      !table.intersect &&
      (names === undefined || names.includes(table.logicalName)) &&
      !hiddenColumns(context, table).has(table.primaryName),
  );
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function matches(text: string, words: readonly string[], match: Match): boolean {
  const own = wordsOf(text);
  return words.every((word, at) =>
    own.some((one) =>
      match === 'beginning' && at === words.length - 1 ? one.startsWith(word) : one === word,
    ),
  );
}

/** What was found stands between these marks. */
export function highlight(text: string, search: string): string {
  const words = wordsOf(search);
  return text.replace(/[\p{L}\p{N}]+/gu, (own) => {
    const found = words.find((word) => own.toLowerCase().startsWith(word));
    return found === undefined ? own : `${mark(own.slice(0, found.length))}${own.slice(found.length)}`;
  });
}

export function mark(text: string): string {
  return `{crmhit}${text}{/crmhit}`;
}
