import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { requirePrivilege } from '../security/rights.ts';
import { isReference } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { badRequest, targetNotFound } from './errors.ts';
import { referencedRow } from './virtual-tables.ts';

/** Targets must exist; Append on the table and AppendTo on the target are needed to point at a row. */
export function checkReferences(
  context: RequestContext,
  table: TableDefinition,
  values: ReadonlyMap<string, StoredValue>,
): void {
  const { environment, caller } = context;
  for (const [name, value] of values) {
    if (!isReference(value)) continue;
    if (referencedRow(environment, value) === undefined)
      throw targetNotFound(value.table, value.id, environment.switches.bindToMissingRow);
    if (name === 'ownerid') continue;
    const target = environment.schema.table(value.table);
    requirePrivilege(caller, table, 'Append');
    if (target !== undefined) requirePrivilege(caller, target, 'AppendTo');
  }
}

/** A disabled owner is refused; giving a row to somebody else needs the right to assign. */
export function checkOwner(
  context: RequestContext,
  table: TableDefinition,
  owner: StoredValue | undefined,
  mode: 'create' | 'assign',
): void {
  if (!isReference(owner)) return;
  const { environment, caller } = context;
  const principal = environment.database.get(owner.table, owner.id);
  if (principal === undefined)
    throw targetNotFound(owner.table, owner.id, environment.switches.bindToMissingRow);
  if (principal.values['isdisabled'] === true) {
    throw badRequest('The specified owner has been disabled.', '0x8004022b');
  }
  const own = owner.id === caller.user.userId || caller.user.teamIds.has(owner.id);
  if (mode === 'assign' || !own) requirePrivilege(caller, table, 'Assign');
}
