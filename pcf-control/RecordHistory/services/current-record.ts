import type { RecordRef } from './backup-client';

/**
 * Which record the control is about. Bound columns come first: a restore row's form names a record that may be deleted.
 * The host documents no way to learn the form's own record; `mode.contextInfo` is what Microsoft's samples read.
 */
export type CurrentRecord =
  /** `isOwn`: it is the form's own record, so a read-only form says something about it. */
  { kind: 'record'; record: RecordRef; isOwn: boolean } | { kind: 'new-row' } | { kind: 'unknown' };

export type RecordSource = {
  recordId: string | null;
  tableName: string | null;
  mode: unknown;
};

type ContextInfo = { entityTypeName?: unknown; entityId?: unknown };

export function currentRecord(source: RecordSource): CurrentRecord {
  const info = contextInfo(source.mode);
  const formTable = clean(info?.entityTypeName);
  const namedTable = clean(source.tableName);
  const table = namedTable || formTable;
  if (table === '') return { kind: 'unknown' };
  // The form's own id belongs to the form's own table, not to another one named in a column.
  const ownId = table === formTable ? cleanId(info?.entityId) : '';
  const id = cleanId(source.recordId) || ownId;
  return id === '' ? { kind: 'new-row' } : { kind: 'record', record: { table, id }, isOwn: id === ownId };
}

function contextInfo(mode: unknown): ContextInfo | null {
  if (typeof mode !== 'object' || mode === null || !('contextInfo' in mode)) return null;
  const info = mode.contextInfo;
  return typeof info === 'object' && info !== null ? info : null;
}

const clean = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
const cleanId = (value: unknown): string => {
  const id = clean(value).replace(/[{}]/g, '').toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) && !/^[0-]+$/.test(id) ? id : '';
};
