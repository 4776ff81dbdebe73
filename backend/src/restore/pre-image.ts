import type { Value, Values } from '../base/value.ts';
import type { TableDetails } from '../dataverse/index.ts';
import type { TableSchema } from '../vault/index.ts';
import type { RestoreContext } from './context.ts';
import { contentColumns } from './contents.ts';
import { openLive, type LiveRow } from './live-row.ts';
import type { PlannedContent, PlannedRow } from './plan.ts';

interface Replaced {
  readonly values: Values;
  readonly contents: readonly PlannedContent[];
}

/** Keeps what a step is about to replace: the row's values, and into the vault the contents that will be lost. */
export async function storeCurrent(
  context: RestoreContext,
  of: { readonly row: PlannedRow; readonly details: TableDetails; readonly schema: TableSchema },
  live: LiveRow,
  replaced: 'all' | readonly string[],
): Promise<Replaced> {
  const values: Record<string, Value> = { ...live.values };
  const contents: PlannedContent[] = [];
  for (const [column, kind] of contentColumns(of.schema)) {
    if (replaced !== 'all' && !replaced.includes(column)) continue;
    const content = await openLive(context.client, of.details, of.row.id, column, kind);
    const empty = { column, kind, sha256: null, bytes: null, name: null, mimeType: null };
    if (content === null) {
      contents.push(empty);
      values[column] = null;
      continue;
    }
    const stored = await context.vault.files.storeContent(content.stream);
    const name = textOf(live.raw[`${column}_name`]) ?? content.name ?? textOf(live.raw['filename']);
    const mimeType = content.mimeType ?? textOf(live.raw['mimetype']);
    contents.push({ ...empty, ...stored, name, mimeType });
    values[column] = stored.sha256;
  }
  return { values, contents };
}

const textOf = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null);
