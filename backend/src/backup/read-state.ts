import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TableSchema, TableState } from '../vault/index.ts';
import type { TablePlan } from './plan.ts';

/**
 * Where a table's reading stands, as kept in `rowback.token` and `rowback.position`. The link alone would not do: it
 * is good only for the columns and the epoch that it was made with, and its age decides when a quiet table must store
 * a newer one.
 */
const bookmark = z.object({
  /** Empty: the table is read by version scans, which need none, or by what was added. */
  link: z.string(),
  /** Instant of the answer that brought it. */
  at: z.string(),
  /** {@link columnsMark} of the columns it selects. */
  columns: z.string(),
  epoch: z.int(),
  tracked: z.boolean(),
  /** Of a table whose rows are only ever added: when the newest of those read was created. */
  after: z.string().exactOptional(),
});
export type Bookmark = z.infer<typeof bookmark>;

/** How a run reads a table. */
export type Round =
  | { readonly kind: 'first'; readonly from: Bookmark | null }
  | { readonly kind: 'changes'; readonly since: Bookmark }
  | { readonly kind: 'scan' }
  /** Null: from the beginning. */
  | { readonly kind: 'append'; readonly after: string | null; readonly isNew: boolean }
  | { readonly kind: 'compare'; readonly because: CompareReason };

/** Why a table that was captured before is read in full and compared. */
export type CompareReason =
  'no-tracking' | 'no-token' | 'columns-moved' | 'new-epoch' | 'expired-token' | 'much-moved';

export function nextRound(
  plan: TablePlan,
  schema: TableSchema,
  state: TableState | null,
  epoch: number,
): Round {
  if (plan.mode === 'append')
    return { kind: 'append', after: appendedUntil(schema, state, epoch), isNew: state === null };
  if (state === null) return { kind: 'first', from: null };
  const tracked = plan.mode === 'change-tracking';
  const fits = (mark: Bookmark) => mark.epoch === epoch && mark.columns === columnsMark(schema);
  const position = parseBookmark(state.position);
  if (position !== null && fits(position) && position.tracked === tracked)
    return { kind: 'first', from: position };
  if (state.epoch < epoch) return { kind: 'compare', because: 'new-epoch' };
  if (plan.mode === 'full') return { kind: 'compare', because: 'no-tracking' };
  const token = parseBookmark(state.token);
  // Of a table that was read in another way until now.
  if (token === null || token.tracked !== tracked) return { kind: 'compare', because: 'no-token' };
  if (!fits(token)) return { kind: 'compare', because: 'columns-moved' };
  return tracked ? { kind: 'changes', since: token } : { kind: 'scan' };
}

/** Other columns and another epoch begin again; what the vault has is not written twice. */
function appendedUntil(schema: TableSchema, state: TableState | null, epoch: number): string | null {
  const mark = parseBookmark(state?.position ?? state?.token ?? null);
  const fits = mark?.epoch === epoch && mark.columns === columnsMark(schema);
  return fits ? (mark.after ?? null) : null;
}

/**
 * Identity and type of every column, of decimals also their digits after the point: a column of fewer digits may round
 * what its rows hold, and no list of changes names them. A renamed label does not cost a full read.
 */
export function columnsMark(schema: TableSchema): string {
  const columns = schema.columns.map(({ name, id, type, scale }) =>
    scale === undefined ? [name, id, type] : [name, id, type, scale],
  );
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16);
}

export function printBookmark(mark: Bookmark): string {
  return JSON.stringify(mark);
}

/** Instant that a stored change token is good from; null: there is none. */
export function tokenInstant(token: string | null): string | null {
  const mark = parseBookmark(token);
  return mark?.tracked === true ? mark.at : null;
}

/** Null: there is none, or another program wrote it. A full read is always right then. */
export function parseBookmark(text: string | null): Bookmark | null {
  if (text === null || !text.startsWith('{')) return null;
  const parsed = bookmark.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

/** A quiet table stores a newer token only after a quarter of the time for which the service keeps deletes. */
export function tokenIsOld(since: Bookmark, now: string, keptDays: number): boolean {
  const ageMs = Date.parse(now) - Date.parse(since.at);
  return ageMs >= (keptDays * 86_400_000) / 4;
}
