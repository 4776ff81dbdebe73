import type { OneToManyDefinition, TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { isReference } from '../store/values.ts';
import type { Environment } from './environment.ts';
import { badRequest, type ServiceError } from './errors.ts';

/** Hierarchies that have a refusal of their own; the others share one. */
const REFUSALS: Readonly<Record<string, readonly [code: string, text: string]>> = {
  account: ['0x80040507', loop('Accounts hierarchy')],
  contact: ['0x8004050a', loop('Contacts hierarchy')],
  subject: ['0x80043e01', loop('Subjects hierarchy')],
  businessunit: ['0x80041d21', loop('business hierarchy')],
  systemuser: [
    '0x80041d25',
    'You cannot set the selected user as the manager for this user because the selected user is either already the ' +
      "manager or is in the user's immediate management hierarchy.  Either select another user to be the manager or " +
      'do not update the record.',
  ],
};

/** No row may stand above itself in a hierarchy of its table. @throws ServiceError 400 */
export function refuseLoops(
  environment: Environment,
  table: TableDefinition,
  id: string,
  values: ReadonlyMap<string, StoredValue>,
): void {
  for (const relationship of environment.schema.parents(table.logicalName)) {
    if (!relationship.hierarchical || relationship.referencedTable !== table.logicalName) continue;
    const parent = values.get(relationship.referencingColumn);
    if (!isReference(parent) || parent.table !== table.logicalName) continue;
    if (isAbove(environment, relationship, id, parent.id)) throw loopRefusal(table.logicalName);
  }
}

/** Is the row with `id` the one `from`, or above it? A loop that was loaded with the data ends the search. */
function isAbove(
  environment: Environment,
  { referencingTable, referencingColumn }: OneToManyDefinition,
  id: string,
  from: string,
): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = from; at !== undefined && !seen.has(at);) {
    if (at === id) return true;
    seen.add(at);
    const above: StoredValue | undefined = environment.database.get(referencingTable, at)?.values[
      referencingColumn
    ];
    at = isReference(above) && above.table === referencingTable ? above.id : undefined;
  }
  return false;
}

function loopRefusal(table: string): ServiceError {
  const [code, text] = REFUSALS[table] ?? ['0x80040387', loop('this entity hierarchy')];
  return badRequest(text, code);
}

function loop(hierarchy: string): string {
  return `Creating this parental association would create a loop in ${hierarchy}.`;
}
