import pLimit from 'p-limit';
import { DataverseError, type FileContent, type TableDetails } from '../dataverse/index.ts';
import {
  fileTableName,
  type ColumnSchema,
  type ContentName,
  type FileEntry,
  type PutVersion,
  type TableSchema,
} from '../vault/index.ts';
import { interrupted, throwIfLost } from './errors.ts';
import type { RunContext } from './run-context.ts';

/** Contents of one table: what this run stored, and what is still or for ever missing. */
export interface ContentsOutcome {
  readonly stored: number;
  readonly lost: number;
  readonly pending: number;
  readonly bytes: number;
  readonly requests: number;
  /** Lines were added to `rowback_file`. */
  readonly moved: boolean;
  /** Downloads that failed; they stay pending. */
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

export interface ContentsOf {
  /** Folder in the vault. */
  readonly folder: string;
  readonly details: TableDetails;
  readonly throughSeq: number;
  /**
   * Only rows captured after this can name contents that the vault does not hold: 0 when the last run left some
   * pending, and then all rows are looked at.
   */
  readonly since: number;
}

export const noContents: ContentsOutcome = {
  stored: 0,
  lost: 0,
  pending: 0,
  bytes: 0,
  requests: 0,
  moved: false,
  errors: [],
};
/** Rows whose contents are looked up, downloaded and committed together. */
const rowsPerPart = 200;
const downloadsAtOnce = 4;

/** Does a table have columns whose content lives outside the row? */
export function hasContents(schema: TableSchema): boolean {
  return schema.columns.some((column) => ['file', 'image', 'body'].includes(column.type));
}

/**
 * Downloads what head rows name and the vault does not hold. What that is follows from the rows and from `rowback_file`
 * and is never remembered, so a run that was cut short leaves nothing to clean up.
 */
export async function captureContents(run: RunContext, table: ContentsOf): Promise<ContentsOutcome> {
  let total = noContents;
  for await (const heads of parts(run, table)) {
    if (run.signal.aborted) throw interrupted();
    const done = await capturePart(run, table, await pendingOf(run, heads));
    total = sum(total, done);
  }
  return total;
}

/** Counts what is pending and downloads nothing: the policy leaves out files. */
export async function countPending(run: RunContext, table: ContentsOf): Promise<ContentsOutcome> {
  let pending = 0;
  for await (const heads of parts(run, table)) pending += (await pendingOf(run, heads)).length;
  return { ...noContents, pending };
}

/** A content that is missing, with the row that names it. */
interface Wanted {
  readonly name: ContentName;
  readonly head: PutVersion;
  readonly column: ColumnSchema;
}

async function* parts(run: RunContext, table: ContentsOf): AsyncIterable<PutVersion[]> {
  const source = run.vault.table(table.folder);
  const keys =
    table.since === 0 ? source.keysAt(table.throughSeq) : source.changedKeys(table.since, table.throughSeq);
  let part: string[] = [];
  for await (const key of keys) {
    part.push(key);
    if (part.length < rowsPerPart) continue;
    yield await headRows(run, table, part);
    part = [];
  }
  if (part.length > 0) yield await headRows(run, table, part);
}

async function headRows(run: RunContext, table: ContentsOf, keys: readonly string[]): Promise<PutVersion[]> {
  const heads = await run.vault.table(table.folder).headsOf(keys, table.throughSeq);
  return [...heads.values()].filter((head) => head.op === 'put');
}

async function pendingOf(run: RunContext, heads: readonly PutVersion[]): Promise<Wanted[]> {
  const wanted = new Map<string, Wanted>();
  for (const head of heads) {
    const schema = await run.vault.schemas.read(head.schema);
    for (const name of run.vault.files.contentsNamedBy(schema, head.key, head.values)) {
      const column = schema.columns.find((candidate) => candidate.name === name.column);
      if (column !== undefined) wanted.set(idOf(name), { name, head, column });
    }
  }
  const files = await run.vault.table(fileTableName).state();
  const missing = await run.vault.files.pending(
    [...wanted.values()].map((item) => item.name),
    files?.throughSeq ?? 0,
  );
  return missing.flatMap((name) => wanted.get(idOf(name)) ?? []);
}

function idOf(name: ContentName): string {
  return JSON.stringify([name.table, name.key, name.column, name.contentId]);
}

async function capturePart(
  run: RunContext,
  table: ContentsOf,
  wanted: readonly Wanted[],
): Promise<ContentsOutcome> {
  if (wanted.length === 0) return noContents;
  const limit = pLimit(downloadsAtOnce);
  const tries = await Promise.all(wanted.map((item) => limit(() => tryDownload(run, table.details, item))));
  const done = tries.filter((item) => item.kind === 'done');
  const errors = tries.flatMap((item) => (item.kind === 'failed' ? [item.error] : []));
  const { entries, requests, date } = await confirm(run, table, done);
  throwIfLost(run.signal);
  const committed = await run.vault.files.append(entries, {
    snapshot: run.snapshot,
    epoch: run.epoch,
    capturedAt: date,
  });
  const stored = entries.filter((entry) => entry.state === 'stored');
  const bytes = stored.reduce((total, entry) => total + (entry.bytes ?? 0), 0);
  run.meter.add({ bytes, requests: requests + wanted.length });
  const lost = entries.length - stored.length;
  const moved = committed !== null;
  return {
    stored: stored.length,
    lost,
    pending: errors.length,
    bytes,
    requests: requests + wanted.length,
    moved,
    errors: errors.map(({ code, message }) => ({ code, message })),
  };
}

type Try =
  | { readonly kind: 'done'; readonly item: Wanted; readonly download: Download }
  | { readonly kind: 'failed'; readonly error: DataverseError };

/** A content that does not come through stays pending: the next run asks for it again. */
async function tryDownload(run: RunContext, details: TableDetails, item: Wanted): Promise<Try> {
  try {
    return { kind: 'done', item, download: await download(run, details, item) };
  } catch (error) {
    if (!(error instanceof DataverseError) || error.kind === 'sign-in') throw error;
    return { kind: 'failed', error };
  }
}

interface Download {
  readonly sha256: string | null;
  readonly bytes: number;
  readonly name: string | null;
  readonly mimeType: string | null;
  /** Null: it came through. */
  readonly missing: string | null;
  /** What is worth knowing about a content that came through. */
  readonly remark: string | null;
}

async function download(run: RunContext, details: TableDetails, { head, column }: Wanted): Promise<Download> {
  if (run.signal.aborted) throw interrupted();
  const content = await open(run, details, head, column);
  const names = { name: text(head, 'filename'), mimeType: text(head, 'mimetype') };
  if (content === null)
    return { sha256: null, bytes: 0, ...names, missing: whyMissing(column), remark: null };
  const stored = await run.vault.files.storeContent(content.stream);
  return {
    ...stored,
    name: content.name ?? names.name,
    mimeType: content.mimeType ?? names.mimeType,
    missing: null,
    remark: content.thumbnail ? 'a thumbnail: the service keeps no more of this image' : null,
  };
}

/** A row alone does not say whether it has a body: none is no loss. */
function whyMissing(column: ColumnSchema): string | null {
  if (column.type === 'file') return 'the column was emptied before its content could be read';
  if (column.type === 'body') return null;
  return 'the image was removed before it could be read';
}

function open(
  run: RunContext,
  details: TableDetails,
  head: PutVersion,
  column: ColumnSchema,
): Promise<FileContent | null> {
  const id = head.key.slice(0, 36);
  const named = head.values[column.name];
  if (column.type === 'file') {
    return run.client.readFile(details, id, column.name, typeof named === 'string' ? named : undefined);
  }
  if (column.type === 'image') return run.client.readImage(details, id, column.name);
  const size = head.values['filesize'];
  return run.client.readBody(details, id, column.name, typeof size === 'number' ? size : undefined);
}

/**
 * A download is the content that the row named only if the row still names it afterwards: file and image ids change
 * with the content, and a body belongs to its row's version. Otherwise that content is lost; the row's newer version
 * names another one.
 */
async function confirm(
  run: RunContext,
  table: ContentsOf,
  done: readonly Extract<Try, { kind: 'done' }>[],
): Promise<{ readonly entries: FileEntry[]; readonly requests: number; readonly date: string }> {
  if (done.length === 0) return { entries: [], requests: 0, date: '' };
  const columns = [...new Set(done.flatMap(({ item }) => evidence(item)))];
  const ids = [...new Set(done.map(({ item }) => item.head.key.slice(0, 36)))];
  const rows = await run.client.readRows(table.details, ids, columns);
  const entries = done.map(({ item, download }) => {
    const row = rows.get(item.head.key.slice(0, 36));
    const same =
      row !== undefined &&
      evidence(item).every((column) => sameText(row.values[column], item.head.values[column]));
    return entryOf(item.name, download, same);
  });
  const date = [...rows.values()][0]?.date ?? done[0]?.item.head.capturedAt ?? '';
  return { entries, requests: 1, date };
}

function evidence({ column }: Wanted): string[] {
  const stamp = column.contentStamp;
  if (column.type === 'body') return [stamp ?? 'versionnumber'];
  return stamp === undefined ? [column.name] : [column.name, stamp];
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function entryOf(name: ContentName, download: Download, same: boolean): FileEntry {
  const { table, key, column, contentId } = name;
  const base = { table, key, column, contentId };
  if (!same || download.missing !== null) {
    const reason = same ? download.missing : 'replaced or deleted before it could be read';
    return { ...base, state: 'lost', sha256: null, bytes: null, name: download.name, mimeType: null, reason };
  }
  const { sha256, bytes, name: fileName, mimeType, remark } = download;
  return {
    ...base,
    state: 'stored',
    sha256,
    bytes,
    name: fileName,
    mimeType,
    reason: sha256 === null ? 'empty' : remark,
  };
}

function text(head: PutVersion, column: string): string | null {
  const value = head.values[column];
  return typeof value === 'string' ? value : null;
}

function sum(a: ContentsOutcome, b: ContentsOutcome): ContentsOutcome {
  return {
    stored: a.stored + b.stored,
    lost: a.lost + b.lost,
    pending: a.pending + b.pending,
    bytes: a.bytes + b.bytes,
    requests: a.requests + b.requests,
    moved: a.moved || b.moved,
    errors: [...a.errors, ...b.errors],
  };
}
