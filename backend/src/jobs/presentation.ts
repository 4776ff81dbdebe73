import { isReference, type Reference, type Value } from '../base/value.ts';
import type { DataverseClient } from '../dataverse/index.ts';
import type { ContentFact } from '../restore/index.ts';
import type { ColumnSchema, TableAtSnapshot, Vault } from '../vault/index.ts';
import type { Person, Shown } from './contract.ts';

/** Primary names of the rows that values point to, under `table:id`. */
export type Names = ReadonlyMap<string, string>;

type Formatted = Pick<ColumnSchema, 'type' | 'choices' | 'scale'>;

/** A value as people read it. What was not captured is never shown as empty. */
export function shownValue(
  column: Formatted,
  value: Value | undefined,
  names: Names,
  content?: ContentFact,
): Shown {
  if (value === undefined) return { captured: false };
  return { captured: true, value, text: value === null ? '' : textOf(column, value, names, content) };
}

function textOf(
  column: Formatted,
  value: Exclude<Value, null>,
  names: Names,
  content: ContentFact | undefined,
): string {
  if (isReference(value)) return names.get(`${value.table}:${value.id}`) ?? value.id;
  switch (column.type) {
    case 'boolean':
      return column.choices?.[value === true ? '1' : '0'] ?? (value === true ? 'Yes' : 'No');
    case 'int':
      return column.choices?.[String(value)] ?? grouped(String(value), column);
    case 'multiSelect':
      return String(value)
        .split(',')
        .map((part) => column.choices?.[part.trim()] ?? part.trim())
        .join('; ');
    case 'decimal':
    case 'rate':
      return grouped(scaled(String(value), column.scale), column);
    case 'timestamp':
      return `${minutes(String(value))} UTC`;
    case 'wallTime':
      return minutes(String(value));
    case 'file':
    case 'image':
    case 'body':
      return contentText(String(value), content);
    default:
      return String(value);
  }
}

/** `45` with scale 2 is `45.00`; digits beyond the scale are kept when they say something. */
function scaled(text: string, scale: number | undefined): string {
  if (scale === undefined || !/^-?\d+(\.\d+)?$/.test(text)) return text;
  const [whole = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(scale, '0');
  return kept === '' ? whole : `${whole}.${kept}`;
}

/** Whole numbers with labels keep their digits: they are codes, not amounts. */
function grouped(text: string, column: Formatted): string {
  if (column.choices !== undefined) return text;
  const [whole = '', fraction] = text.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

const minutes = (instant: string): string => instant.slice(0, 16).replace('T', ' ');

function contentText(value: string, content: ContentFact | undefined): string {
  if (content?.state !== 'stored') return /^(unknown|content):/.test(value) ? 'Another content' : value;
  const size = content.bytes === null ? '' : ` (${grouped(String(content.bytes), { type: 'int' })} bytes)`;
  return `${content.name ?? 'Content'}${size}`;
}

/**
 * Names from the newest captured version of each row; Dataverse is asked only for rows that the vault does not hold
 * (deleted ones it would not know). For a person (`reader`) the vault is not asked at all: they see the names that
 * Dataverse gives them now, and an id for everything else.
 */
export async function readNames(
  source: { readonly vault: Vault; readonly client: DataverseClient },
  tables: ReadonlyMap<string, TableAtSnapshot>,
  references: Iterable<Reference>,
  reader: DataverseClient | null,
): Promise<Names> {
  const names = new Map<string, string>();
  if (reader !== null) {
    for (const [key, name] of await reader.names([...references])) if (name !== null) names.set(key, name);
    return names;
  }
  const missing: Reference[] = [];
  for (const [table, ids] of byTable(references)) {
    const at = tables.get(table);
    const found =
      at === undefined ? new Map<string, string>() : await namesInVault(source.vault, table, ids, at);
    for (const id of ids) {
      const name = found.get(id);
      if (name === undefined) missing.push({ table, id });
      else names.set(`${table}:${id}`, name);
    }
  }
  const live = missing.length === 0 ? new Map<string, string | null>() : await source.client.names(missing);
  for (const [key, name] of live) if (name !== null) names.set(key, name);
  return names;
}

async function namesInVault(
  vault: Vault,
  table: string,
  ids: ReadonlySet<string>,
  at: TableAtSnapshot,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const found = await vault.table(table).headsOf(ids, at.throughSeq);
  for (const [id, version] of found) {
    if (version.op === 'gone') continue;
    const { primaryName } = await vault.schemas.read(version.schema);
    const name = primaryName === null ? undefined : version.values[primaryName];
    if (typeof name === 'string') names.set(id, name);
  }
  return names;
}

function byTable(references: Iterable<Reference>): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>();
  for (const { table, id } of references) tables.set(table, (tables.get(table) ?? new Set<string>()).add(id));
  return tables;
}

export function personOf(value: Value | undefined, names: Names): Person | null {
  return isReference(value) ? { id: value.id, name: names.get(`${value.table}:${value.id}`) ?? null } : null;
}

/** Text of an instant, or null where the column is empty or was not captured. */
export function instantOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
