import type { Row } from '../store/table-store.ts';
import type { Reference } from '../store/values.ts';
import type { Environment } from './environment.ts';

/** Bits of `accessrightsmask` by the names of the Web API. */
export const ACCESS_BITS: Readonly<Record<string, number>> = {
  ReadAccess: 1,
  WriteAccess: 2,
  AppendAccess: 4,
  AppendToAccess: 16,
  CreateAccess: 32,
  DeleteAccess: 65536,
  ShareAccess: 262144,
  AssignAccess: 524288,
};

/** Everything that can be shared. */
export const FULL_ACCESS = 851991;

/** `principalobjectaccess`: one row for each pair of a row and somebody who may use it without owning it. */
export function sharesOf(environment: Environment, rowId: string): Row[] {
  const store = environment.database.store('principalobjectaccess');
  return store.referrers('objectid', rowId).flatMap((id) => store.get(id) ?? []);
}

export function shareWith(environment: Environment, rowId: string, principalId: string): Row | undefined {
  return sharesOf(environment, rowId).find((row) => row.values['principalid'] === principalId);
}

/** What was granted on the row itself, and what it inherits; the pair goes where neither is left. */
export interface Masks {
  readonly own: number;
  readonly inherited: number;
}

export function masksOf(share: Row | undefined): Masks {
  return {
    own: Number(share?.values['accessrightsmask'] ?? 0),
    inherited: Number(share?.values['inheritedaccessrightsmask'] ?? 0),
  };
}

export function changeShare(
  environment: Environment,
  row: Reference,
  principal: Reference,
  change: (before: Masks) => Masks,
): void {
  const { database, newId } = environment;
  const existing = shareWith(environment, row.id, principal.id);
  const before = masksOf(existing);
  const after = change(before);
  if (after.own === before.own && after.inherited === before.inherited) return;
  if (after.own === 0 && after.inherited === 0) {
    if (existing !== undefined) database.remove('principalobjectaccess', existing.id);
    return;
  }
  const id = existing?.id ?? newId();
  database.put('principalobjectaccess', id, {
    principalobjectaccessid: id,
    objectid: row.id,
    objecttypecode: row.table,
    principalid: principal.id,
    principaltypecode: principal.table,
    accessrightsmask: after.own,
    inheritedaccessrightsmask: after.inherited,
    changedon: environment.timestamp(),
  });
}
