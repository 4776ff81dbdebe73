import { requireAccess } from '../../service/update-row.ts';
import { badRequest, rowNotFound, unsupportedMessage } from '../../service/errors.ts';
import { createRow } from '../../service/create-row.ts';
import { closeRow } from '../../service/close-row.ts';
import { isObject, numberText, type JsonObject } from '../../service/json.ts';
import { resolveTarget } from '../../service/payload.ts';
import { defaultStatus } from '../../service/state.ts';
import type { TableDefinition } from '../../model/definitions.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import type { Operation } from './operation.ts';
import { actionBody, missingParameter } from './targets.ts';

const COMPLETED = 1;
/** Completed and cancelled, the same in every activity. */
const ACTIVITY_ENDED = [COMPLETED, 2];

interface Closing {
  /** Member of the body that holds the close activity, and the table it becomes a row of. */
  readonly embedded: string;
  readonly closeTable: string;
  readonly table: string;
  /** Navigation property of the close activity that names the row. */
  readonly navigation: string;
  readonly state: number;
  /** The state a row must be in before; undefined: any. */
  readonly from?: number;
}

const CLOSINGS: Readonly<Record<string, Closing>> = {
  WinOpportunity: closing('OpportunityClose', 'opportunityclose', 'opportunity', 1),
  LoseOpportunity: closing('OpportunityClose', 'opportunityclose', 'opportunity', 2),
  CloseIncident: closing('IncidentResolution', 'incidentresolution', 'incident', 1),
  WinQuote: { ...closing('QuoteClose', 'quoteclose', 'quote', 2), from: 1 },
  CloseQuote: { ...closing('QuoteClose', 'quoteclose', 'quote', 3), from: 1 },
  CancelSalesOrder: closing('OrderClose', 'orderclose', 'salesorder', 2),
};

function closing(embedded: string, closeTable: string, table: string, state: number): Closing {
  return { embedded, closeTable, table, navigation: `${table}id`, state };
}

/** Messages that end a sale or a case; each leaves a close activity where the schema has its table. */
export const closingOperations: Readonly<Record<string, Operation>> = Object.fromEntries(
  Object.entries(CLOSINGS).map(([name, one]) => [
    name,
    { method: 'POST', run: (call) => close(call, name, one) },
  ]),
);

/** The one closing message that is bound to a collection. */
export function fulfillSalesOrder(call: Call, table: TableDefinition): ApiResponse {
  if (table.logicalName !== 'salesorder') throw unsupportedMessage(table.logicalName);
  return close(call, 'FulfillSalesOrder', closing('OrderClose', 'orderclose', 'salesorder', 3));
}

function close(call: Call, name: string, one: Closing): ApiResponse {
  const { environment } = call.context;
  const body = actionBody(call, name);
  const embedded = body[one.embedded];
  const status = numberText(body['Status']);
  if (!isObject(embedded)) throw missingParameter(one.embedded, name);
  if (status === undefined) throw missingParameter('Status', name);
  const target = resolveTarget(call.context, boundUrl(embedded, one, name));
  const table = environment.schema.table(one.table);
  const row = environment.database.get(one.table, target.id);
  if (table === undefined || target.table !== one.table) throw unsupportedMessage(target.table);
  if (row === undefined) throw rowNotFound(one.table, target.id);
  requireAccess(call.context, table, row, 'Write');
  if (one.from !== undefined && Number(row.values['statecode']) !== one.from) {
    throw badRequest(
      `The ${one.table} cannot be closed because it is not in the correct state.`,
      '0x80040233',
    );
  }
  if (one.table === 'incident') refuseOpenActivities(call, row.id);
  environment.database.transaction(() => {
    closeRow(call.context, table, row, { state: one.state, status: Number(status), close: embedded });
    const closeTable = environment.schema.table(one.closeTable);
    if (closeTable !== undefined) recordClosing(call, closeTable, embedded);
  });
  return noContent();
}

/** A case is not over while something about it is still to be done. @throws ServiceError 400 `0x8004440a` */
function refuseOpenActivities(call: Call, incidentId: string): void {
  const activities = call.context.environment.database.store('activitypointer');
  const open = activities
    .referrers('regardingobjectid', incidentId)
    .some((id) => ACTIVITY_ENDED.every((state) => activities.get(id)?.values['statecode'] !== state));
  if (!open) return;
  throw badRequest(
    'The incident can not be closed because there are open activities for this incident.',
    '0x8004440a',
  );
}

/** The close activity is a row of its own, completed from the start. */
function recordClosing(call: Call, closeTable: TableDefinition, embedded: JsonObject): void {
  const row = createRow(call.context, closeTable, embedded);
  const status = defaultStatus(closeTable, COMPLETED);
  call.context.environment.database.put(closeTable.logicalName, row.id, {
    ...row.values,
    statecode: COMPLETED,
    ...(status === undefined ? {} : { statuscode: status }),
  });
}

function boundUrl(embedded: JsonObject, one: Closing, name: string): string {
  const url = embedded[`${one.navigation}@odata.bind`];
  if (typeof url !== 'string') throw missingParameter(`${one.embedded}.${one.navigation}`, name);
  return url;
}
