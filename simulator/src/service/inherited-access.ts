import type { TableDefinition } from '../model/definitions.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, plainText, type Reference } from '../store/values.ts';
import { cascadedChildren } from './cascades.ts';
import type { Environment } from './environment.ts';
import { changeShare, FULL_ACCESS, masksOf, sharesOf } from './shares.ts';

/** Marks rights that came through a parental relationship. */
const INHERITED = 0x8000000;

/**
 * Sharing a row shares its children where the relationship says so, taking it back takes them back. `mask` 0 for
 * taking back; `replaces` where rights that were there before do not stay.
 */
export function cascadeShare(
  environment: Environment,
  table: TableDefinition,
  row: Row,
  principal: Reference,
  { mask, replaces }: { readonly mask: number; readonly replaces: boolean },
  seen = new Set<string>(),
): void {
  seen.add(row.id);
  const action = mask === 0 ? 'unshare' : 'share';
  for (const child of cascadedChildren(environment, table, row.id, action, row.values['ownerid'])) {
    const owner = child.row.values['ownerid'];
    if (seen.has(child.row.id) || !isReference(owner)) continue;
    if (owner.id !== principal.id) {
      changeShare(environment, { table: child.table.logicalName, id: child.row.id }, principal, (before) => ({
        own: before.own,
        inherited: mask === 0 ? 0 : (replaces ? 0 : before.inherited) | mask | INHERITED,
      }));
    }
    cascadeShare(environment, child.table, child.row, principal, { mask, replaces }, seen);
  }
}

/** Is the column a lookup to a parent whose owner gets access to the row? */
export function isParentalLookup(environment: Environment, table: TableDefinition, column: string): boolean {
  return environment.schema
    .parents(table.logicalName)
    .some((one) => one.referencingColumn === column && one.cascade.reparent !== 'NoCascade');
}

/**
 * The owner of a row's parent, and everybody with whom the parent is shared, have access to the row too. Called
 * after the row's parent or owner changed; goes on to its own children.
 */
export function inheritAccess(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  seen = new Set<string>(),
): void {
  const row = environment.database.get(table.logicalName, rowId);
  const owner = row?.values['ownerid'];
  if (row === undefined || !isReference(owner) || seen.has(rowId)) return;
  seen.add(rowId);
  const wanted = new Map<string, { principal: Reference; mask: number }>();
  for (const grant of parentGrants(environment, table, row)) {
    if (grant.principal.id === owner.id) continue;
    const mask = (wanted.get(grant.principal.id)?.mask ?? 0) | grant.mask | INHERITED;
    wanted.set(grant.principal.id, { principal: grant.principal, mask });
  }
  const target = { table: table.logicalName, id: rowId };
  for (const share of sharesOf(environment, rowId)) {
    const principal = principalOf(share);
    if (!wanted.has(principal.id))
      changeShare(environment, target, principal, ({ own }) => ({ own, inherited: 0 }));
  }
  for (const { principal, mask } of wanted.values())
    changeShare(environment, target, principal, ({ own }) => ({ own, inherited: mask }));
  for (const child of cascadedChildren(environment, table, rowId, 'reparent', owner))
    inheritAccess(environment, child.table, child.row.id, seen);
}

/** Who may use the row's parents, and how. */
function parentGrants(
  environment: Environment,
  table: TableDefinition,
  row: Row,
): { readonly principal: Reference; readonly mask: number }[] {
  return environment.schema.parents(table.logicalName).flatMap((relationship) => {
    const parent = row.values[relationship.referencingColumn];
    if (relationship.cascade.reparent === 'NoCascade' || !isReference(parent)) return [];
    if (parent.table !== relationship.referencedTable) return [];
    const owner = environment.database.get(parent.table, parent.id)?.values['ownerid'];
    const shares = sharesOf(environment, parent.id).map((share) => {
      const { own, inherited } = masksOf(share);
      return { principal: principalOf(share), mask: own | inherited };
    });
    return isReference(owner) ? [{ principal: owner, mask: FULL_ACCESS }, ...shares] : shares;
  });
}

function principalOf(share: Row): Reference {
  const { principaltypecode, principalid } = share.values;
  return { table: plainText(principaltypecode), id: plainText(principalid) };
}
