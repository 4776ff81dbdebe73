import type { TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import { badRequest, unsupportedMessage } from '../../service/errors.ts';
import { isObject } from '../../service/json.ts';
import { mergeChildren } from '../../service/merge-children.ts';
import { defaultStatus } from '../../service/state.ts';
import { requireAccess, stampModified, updateRow } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import type { Operation } from './operation.ts';
import { actionBody, requireTarget } from './targets.ts';

/** The state and status that a row has once it was merged into another; without a status the state's usual one. */
const MERGED: Readonly<Record<string, { readonly state: number; readonly status?: number }>> = {
  account: { state: 1 },
  contact: { state: 1 },
  lead: { state: 2 },
  incident: { state: 2, status: 2000 },
};

/** Two rows become one: the other is closed and points to it, its children go over as their relationships say. */
export const mergeOperations = { Merge: { method: 'POST', run: merge } } satisfies Record<string, Operation>;

function merge(call: Call): ApiResponse {
  const { context } = call;
  const body = actionBody(call, 'Merge');
  const { table, row: target } = requireTarget(call, body['Target'], 'Merge');
  const { table: other, row: subordinate } = requireTarget(call, body['Subordinate'], 'Merge');
  if (MERGED[table.logicalName] === undefined || other !== table) throw unsupportedMessage(other.logicalName);
  for (const row of [target, subordinate]) requireAccess(context, table, row, 'Write');
  refuseMerge(target, subordinate);
  const content = body['UpdateContent'];
  context.environment.database.transaction(() => {
    if (isObject(content)) {
      const { [table.primaryId]: _key, ...values } = content;
      updateRow(context, table, target, values);
    }
    mergeChildren(context, table, subordinate.id, target.id);
    closeMerged(call, table, subordinate, target);
  });
  return noContent();
}

function refuseMerge(target: Row, subordinate: Row): void {
  if (target.id === subordinate.id)
    throw badRequest(
      'Merge cannot be performed on master and sub-entities that are identical.',
      '0x80045305',
    );
  for (const row of [target, subordinate]) {
    if (Number(row.values['statecode'] ?? 0) !== 0)
      throw badRequest('Merge cannot be performed on entity that is inactive.', '0x80045304');
  }
}

function closeMerged(call: Call, table: TableDefinition, subordinate: Row, target: Row): void {
  const { database } = call.context.environment;
  const { state, status } = MERGED[table.logicalName] ?? { state: 1 };
  const known = table.columns.get('statuscode')?.options?.some(({ value }) => value === status) === true;
  const chosen = known ? status : defaultStatus(table, state);
  const values: Record<string, StoredValue> = {
    ...database.get(table.logicalName, subordinate.id)?.values,
    statecode: state,
    ...(chosen === undefined ? {} : { statuscode: chosen }),
    merged: true,
    masterid: { table: table.logicalName, id: target.id },
  };
  stampModified(call.context, table, values);
  database.put(table.logicalName, subordinate.id, values);
}
