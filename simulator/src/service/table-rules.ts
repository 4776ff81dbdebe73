import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row, RowValues } from '../store/table-store.ts';
import { plainText, referenceId, sameValue } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import type { Environment } from './environment.ts';
import { badRequest } from './errors.ts';
import { refuseAttributeShare } from './shared-columns.ts';

type Check = (context: RequestContext, id: string, values: RowValues) => void;
type UpdateCheck = (context: RequestContext, row: Row, changed: ReadonlyMap<string, StoredValue>) => void;

/** Rules that single tables have for new rows. @throws ServiceError 400 */
const ON_CREATE: Readonly<Record<string, Check>> = {
  businessunit(_context, _id, values) {
    if (referenceId(values['parentbusinessunitid']) === undefined)
      throw badRequest('Only one organization and one root business are allowed.', '0x80041d35');
  },
  connection(context, _id, values) {
    if (context.environment.switches.repeatedConnection === 'refused' && isConnected(context, values))
      throw badRequest('Connection already exists.', '0x80048208');
  },
  principalobjectattributeaccess: refuseAttributeShare,
  queueitem({ environment }, _id, values) {
    const object = values['objectid'];
    if (typeof object !== 'object' || object === null) return;
    if (!isOpen(environment, object.table, object.id))
      throw badRequest('Deactivated object cannot be added to queue.', '0x8004051e');
    if (activeItemOf(environment, object.id) !== undefined)
      throw badRequest(
        'An active queue item already exists for the given object. Cannot create more than one active queue item ' +
          'for this object.',
        '0x80040526',
      );
  },
  transactioncurrency({ environment }, _id, values) {
    const code = plainText(values['isocurrencycode']);
    if (environment.database.store('transactioncurrency').referrers('isocurrencycode', code).length > 0)
      throw badRequest(
        'Cannot insert duplicate currency record. Currency with the same currency code already exist in the system.',
        '0x80048cf3',
      );
  },
};

const ON_UPDATE: Readonly<Record<string, UpdateCheck>> = {
  principalobjectattributeaccess(_context, row, changed) {
    const after = { ...row.values, ...Object.fromEntries(changed) };
    if (after['readaccess'] !== true && after['updateaccess'] !== true)
      throw badRequest(
        'Both readAccess and updateAccess are false: call Delete instead of Update.',
        '0x8004f50a',
      );
  },
  transactioncurrency({ environment }, row, changed) {
    if (row.id === environment.baseCurrencyId && changed.has('exchangerate'))
      throw badRequest('The exchange rate of the base currency cannot be modified.', '0x80048cf5');
  },
};

const ON_DELETE: Readonly<Record<string, (context: RequestContext, row: Row) => void>> = {
  team(_context, row) {
    if (row.values['isdefault'] === true)
      throw badRequest("The default business unit team can't be deleted.", '0x80048307');
  },
  transactioncurrency({ environment }, row) {
    if (row.id === environment.baseCurrencyId)
      throw badRequest('The base currency of an organization cannot be deleted.', '0x80048cff');
  },
  uom(_context, row) {
    if (row.values['isschedulebaseuom'] === true)
      throw badRequest('The base unit of a schedule cannot be deleted.', '0x80043b03');
  },
};

export function refuseNewRow(
  context: RequestContext,
  table: TableDefinition,
  id: string,
  values: RowValues,
): void {
  ON_CREATE[table.logicalName]?.(context, id, values);
}

export function refuseChange(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  changed: ReadonlyMap<string, StoredValue>,
): void {
  ON_UPDATE[table.logicalName]?.(context, row, changed);
}

/** Only for the row that a client deletes; what goes along with it is not asked. */
export function refuseRemoval(context: RequestContext, table: TableDefinition, row: Row): void {
  ON_DELETE[table.logicalName]?.(context, row);
}

export function activeItemOf(environment: Environment, objectId: string): Row | undefined {
  const items = environment.database.store('queueitem');
  return items
    .referrers('objectid', objectId)
    .map((id) => items.get(id))
    .find((item) => Number(item?.values['statecode'] ?? 0) === 0);
}

/** Open, or scheduled as an appointment is. */
export function isOpen(environment: Environment, table: string, id: string): boolean {
  const row = environment.database.get(table, id);
  const state = Number(row?.values['statecode'] ?? 0);
  return state === 0 || (state === 3 && environment.schema.table(table)?.activity === true);
}

/** Does a connection of the same two rows in the same roles exist, seen from either end? */
function isConnected({ environment }: RequestContext, values: RowValues): boolean {
  const first = referenceId(values['record1id']);
  const connections = environment.database.store('connection');
  if (first === undefined) return false;
  return connections.referrers('record1id', first).some((id) => {
    const other = connections.get(id)?.values ?? {};
    return ['record2id', 'record1roleid', 'record2roleid'].every((name) =>
      sameValue(other[name], values[name]),
    );
  });
}
