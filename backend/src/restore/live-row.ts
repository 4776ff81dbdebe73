import { createHash } from 'node:crypto';
import type { Value, Values } from '../base/value.ts';
import type { DataverseClient, FileContent, TableDetails } from '../dataverse/index.ts';
import { columnOf } from '../dataverse/index.ts';
import type { TableSchema, Vault } from '../vault/index.ts';
import { contentColumns, withContents } from './contents.ts';

export interface LiveRow {
  readonly etag: string | null;
  /** Contents as their sha256 where known; `unknown:<content id>` for one that the vault does not hold. */
  readonly values: Values;
  /**
   * Files and images by what names their content, which differs after every upload: `content:<id>`, null where empty. To
   * see whether somebody touched one, its bytes need not be read.
   */
  readonly identities: Values;
  /** As the service gave them. */
  readonly raw: Values;
  readonly date: string;
}

/** Columns of a captured version that can still be read, with what tells contents apart. */
export function readableColumns(details: TableDetails, schema: TableSchema): readonly string[] {
  const names = schema.columns.filter(({ type }) => type !== 'body').map(({ name }) => name);
  const extra = ['versionnumber', 'createdby', 'modifiedon', 'modifiedby', 'statecode', 'statuscode'];
  return [...new Set([...names, ...extra])]
    .filter((name) => columnOf(details, name)?.validForRead === true)
    .sort();
}

/** Larger contents are not downloaded just to be compared. */
const comparedBytes = 32 * 2 ** 20;

/**
 * The live row as a plan compares it. A content that the vault does not know by its id (uploaded, restored or saved since
 * the last backup) is read, to know its sha256: up to 32 MiB, or whole where it is named in `hashed`.
 */
export async function readLive(
  source: { readonly client: DataverseClient; readonly vault: Vault },
  details: TableDetails,
  schema: TableSchema,
  id: string,
  hashed: ReadonlySet<string> = new Set(),
): Promise<LiveRow | null> {
  const row = await source.client.readRow(details, id, readableColumns(details, schema));
  if (row === null) return null;
  const joined = await withContents(source.vault, schema, id, row.values);
  const values: Record<string, Value> = { ...joined.values };
  for (const [column, kind] of contentColumns(schema)) {
    const fact = joined.contents[column];
    if (fact?.state !== 'missing') continue;
    const most = hashed.has(column) ? Infinity : comparedBytes;
    const content = await openLive(source.client, details, id, column, kind);
    const hash = content === null ? null : await hashOf(content, most);
    values[column] = hash === 'too-large' ? `unknown:${fact.contentId}` : hash;
  }
  const identities = identitiesOf(source.vault, schema, id, row.values);
  return { etag: row.etag, values, identities, raw: row.values, date: row.date };
}

function identitiesOf(vault: Vault, schema: TableSchema, id: string, values: Values): Values {
  const named = vault.files.contentsNamedBy(schema, id, values);
  const identities: Record<string, Value> = {};
  for (const [column, kind] of contentColumns(schema)) {
    if (kind === 'body' || values[column] === undefined) continue;
    const content = named.find((name) => name.column === column);
    identities[column] = content === undefined ? null : `content:${content.contentId}`;
  }
  return identities;
}

/** Opens the content that a column has now; null: empty. */
export async function openLive(
  client: DataverseClient,
  details: TableDetails,
  id: string,
  column: string,
  kind: 'file' | 'image' | 'body',
): Promise<FileContent | null> {
  if (kind === 'file') return await client.readFile(details, id, column);
  return kind === 'image'
    ? await client.readImage(details, id, column)
    : await client.readBody(details, id, column);
}

/** sha256 of a content; one of more than `most` bytes is left in the middle. */
async function hashOf(content: FileContent, most: number): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content.stream) {
    bytes += chunk.length;
    if (bytes > most) return 'too-large';
    hash.update(chunk);
  }
  return hash.digest('hex');
}
