import type { Value, Values } from '../base/value.ts';
import type { ContentName, FileEntry, TableSchema, Vault } from '../vault/index.ts';

/** What is known of the content of one column of one version of a row. */
export type ContentFact =
  | { readonly state: 'empty' }
  | {
      readonly state: 'stored';
      readonly sha256: string;
      readonly bytes: number | null;
      readonly name: string | null;
      readonly mimeType: string | null;
    }
  /** The vault does not hold it. */
  | { readonly state: 'missing'; readonly contentId: string; readonly why: string };

export type ContentFacts = Readonly<Record<string, ContentFact>>;

export interface RowWithContents {
  /** Files, images and bodies stand here as their sha256; a content that is not in the vault is left out. */
  readonly values: Values;
  readonly contents: ContentFacts;
}

/** Names of the columns whose content lives outside the row. */
export function contentColumns(schema: TableSchema): ReadonlyMap<string, 'file' | 'image' | 'body'> {
  const found = new Map<string, 'file' | 'image' | 'body'>();
  for (const { name, type } of schema.columns) {
    if (type === 'file' || type === 'image' || type === 'body') found.set(name, type);
  }
  return found;
}

/** Looks up what the vault holds of the contents that these values name. */
export async function withContents(
  vault: Vault,
  schema: TableSchema,
  key: string,
  values: Values,
): Promise<RowWithContents> {
  const columns = contentColumns(schema);
  if (columns.size === 0) return { values, contents: {} };
  const files = await vault.table('rowback_file').state();
  const entries = await vault.files.contentsOf(schema.table, [key], files?.throughSeq ?? 0);
  return joinContents([...columns.keys()], values, vault.files.contentsNamedBy(schema, key, values), entries);
}

/** Pure part of {@link withContents}. A column whose value was not captured stays not captured. */
export function joinContents(
  columns: readonly string[],
  values: Values,
  named: readonly ContentName[],
  entries: readonly FileEntry[],
): RowWithContents {
  const joined: Record<string, Value> = { ...values };
  const contents: Record<string, ContentFact> = {};
  for (const column of columns) {
    const name = named.find((candidate) => candidate.column === column);
    const fact = withName(factOf(name, values[column], entries), values[`${column}_name`]);
    delete joined[column];
    if (fact === null) continue;
    contents[column] = fact;
    if (fact.state !== 'missing') joined[column] = fact.state === 'stored' ? fact.sha256 : null;
  }
  return { values: joined, contents };
}

/** The row's own `<column>_name` has the whole name; a download's header has it only as far as ASCII goes. */
function withName(fact: ContentFact | null, name: Value | undefined): ContentFact | null {
  return fact?.state === 'stored' && typeof name === 'string' ? { ...fact, name } : fact;
}

function factOf(
  name: ContentName | undefined,
  value: Value | undefined,
  entries: readonly FileEntry[],
): ContentFact | null {
  if (name === undefined) return value === null ? { state: 'empty' } : null;
  const entry = entries.find((line) => line.column === name.column && line.contentId === name.contentId);
  if (entry === undefined) {
    return { state: 'missing', contentId: name.contentId, why: 'The content was not in the backup yet.' };
  }
  if (entry.state !== 'stored') {
    return {
      state: 'missing',
      contentId: name.contentId,
      why: `The content is ${entry.state}: ${entry.reason ?? ''}.`,
    };
  }
  if (entry.sha256 === null) return { state: 'empty' };
  const { sha256, bytes, name: fileName, mimeType } = entry;
  return { state: 'stored', sha256, bytes, name: fileName, mimeType };
}
