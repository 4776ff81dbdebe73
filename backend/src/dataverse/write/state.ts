import type { UpdateOptions, WriteReceipt } from '../client.ts';
import type { TableDetails } from '../metadata/types.ts';
import { keyText, rowPath, type RowAddress } from '../row-address.ts';
import { type WebApi } from '../web-api.ts';
import { json, withTag, writeHeaders } from './options.ts';
import { patch, receipt } from './write-rows.ts';

/** A message that closes a row of one table, and makes a close activity of its own. */
interface Closing {
  readonly path: string;
  /** Name of the close activity in the body, and its lookup to the row. */
  readonly activity: string;
  readonly lookup: string;
}

/**
 * Targets that a plain update is refused for. Everything else, reopening included, is a plain update of state and
 * status together.
 */
const closings: Readonly<Record<string, Readonly<Record<number, Closing>>>> = {
  opportunity: {
    1: { path: 'WinOpportunity', activity: 'OpportunityClose', lookup: 'opportunityid' },
    2: { path: 'LoseOpportunity', activity: 'OpportunityClose', lookup: 'opportunityid' },
  },
  incident: { 1: { path: 'CloseIncident', activity: 'IncidentResolution', lookup: 'incidentid' } },
  quote: {
    2: { path: 'WinQuote', activity: 'QuoteClose', lookup: 'quoteid' },
    3: { path: 'CloseQuote', activity: 'QuoteClose', lookup: 'quoteid' },
  },
  salesorder: {
    2: { path: 'CancelSalesOrder', activity: 'OrderClose', lookup: 'salesorderid' },
    3: {
      path: 'salesorders/Microsoft.Dynamics.CRM.FulfillSalesOrder',
      activity: 'OrderClose',
      lookup: 'salesorderid',
    },
  },
};

/** Whether reaching this state creates a close activity: a restore must not bring the old one back as well. */
export function closesWithActivity(table: string, state: number): boolean {
  return closings[table]?.[state] !== undefined;
}

export async function setState(
  api: WebApi,
  table: TableDetails,
  row: RowAddress,
  state: number,
  status: number,
  options: UpdateOptions,
): Promise<WriteReceipt> {
  const closing = closings[table.name]?.[state];
  if (closing === undefined) return patch(api, table, row, { statecode: state, statuscode: status }, options);
  const activity = {
    subject: 'Restored by Rowback',
    [`${closing.lookup}@odata.bind`]: `/${rowPath(table, row)}`,
  };
  const request = {
    method: 'POST' as const,
    url: withTag(closing.path, options),
    headers: { ...json, ...writeHeaders(options) },
    body: JSON.stringify({ Status: status, [closing.activity]: activity }),
  };
  return receipt(await api.send(request, { table: table.name, row: keyText(row) }), []);
}
