import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { isReference } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { badRequest } from './errors.ts';

/** States in which a sales document can be changed; in all others it is read-only but for administrators. */
const OPEN_STATES: Readonly<Record<string, readonly number[]>> = {
  quote: [0],
  salesorder: [0],
  invoice: [0],
};

/** Lines of those documents, with the column that names the document. */
const LINES: Readonly<Record<string, { readonly parent: string; readonly column: string }>> = {
  quotedetail: { parent: 'quote', column: 'quoteid' },
  salesorderdetail: { parent: 'salesorder', column: 'salesorderid' },
  invoicedetail: { parent: 'invoice', column: 'invoiceid' },
};

type Values = Readonly<Record<string, StoredValue>>;

/** @throws ServiceError 400 `0x8004022e` for a closed document, unless only its state changes */
export function refuseLocked(
  context: RequestContext,
  table: TableDefinition,
  values: Values,
  changed: Iterable<string>,
): void {
  if (isAdministrator(context) || isOpen(table.logicalName, values)) return;
  if ([...changed].every((name) => name === 'statecode' || name === 'statuscode')) return;
  throw badRequest('The object cannot be updated because it is read-only.', '0x8004022e');
}

/** @throws ServiceError 400 `0x80043b09` for a line of a closed document */
export function refuseLockedParent(context: RequestContext, table: TableDefinition, values: Values): void {
  const line = LINES[table.logicalName];
  if (line === undefined || isAdministrator(context)) return;
  const reference = values[line.column];
  const parent = isReference(reference)
    ? context.environment.database.get(line.parent, reference.id)
    : undefined;
  if (parent === undefined || isOpen(line.parent, parent.values)) return;
  throw badRequest('The parent is read only and cannot be edited.', '0x80043b09');
}

function isOpen(table: string, values: Values): boolean {
  const open = OPEN_STATES[table];
  return open === undefined || open.includes(Number(values['statecode'] ?? 0));
}

function isAdministrator({ caller }: RequestContext): boolean {
  return caller.user.administrator && caller.actor?.administrator !== false;
}
