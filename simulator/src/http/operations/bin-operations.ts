import { rowNotFound } from '../../service/errors.ts';
import { restoreRow } from '../../service/recycle-bin/restore-row.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, readTarget } from './targets.ts';
import type { ApiResponse, Call } from '../api.ts';

export const binOperations = {
  Restore: { method: 'POST', run: restore },
} satisfies Record<string, Operation>;

/** The target is a reference, or an entity with its key and values that replace those it had. */
function restore(call: Call): ApiResponse {
  const { table, id, body } = readTarget(call, actionBody(call, 'Restore')['Target'], 'Restore');
  if (id === undefined) throw rowNotFound(table.logicalName, '');
  return result(call, 'Restore', { id: restoreRow(call.context, table, id, body) });
}
