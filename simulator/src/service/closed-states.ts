import type { TableDefinition } from '../model/definitions.ts';
import type { Environment } from './environment.ts';
import { badRequest } from './errors.ts';

/** States that a row reaches only through a message, by table and state. */
const MESSAGES: Readonly<Record<string, Readonly<Record<number, { name: string; message: string }>>>> = {
  opportunity: {
    1: { name: 'Won', message: 'WinOpportunity' },
    2: { name: 'Lost', message: 'LoseOpportunity' },
  },
  incident: { 1: { name: 'Resolved', message: 'CloseIncident' } },
  quote: { 2: { name: 'Won', message: 'WinQuote' }, 3: { name: 'Closed', message: 'CloseQuote' } },
  duplicaterule: { 1: { name: 'Published', message: 'PublishDuplicateRule' } },
  salesorder: {
    2: { name: 'Canceled', message: 'CancelSalesOrder' },
    3: { name: 'Fulfilled', message: 'FulfillSalesOrder' },
  },
};

/**
 * Refuses to end a sale or a case by a plain update. The text and code are those of opportunities; that the other
 * tables answer with the same is an inference.
 * @throws ServiceError 400 `0x80100005`
 */
export function refuseClosingByUpdate(
  environment: Environment,
  table: TableDefinition,
  before: number,
  after: number,
): void {
  const found = MESSAGES[table.logicalName]?.[after] ?? disputed(environment, table.logicalName, after);
  if (found === undefined || before === after) return;
  const { name, message } = found;
  throw badRequest(
    `This message can not be used to set the state of ${table.logicalName} to ${name}. In order to set state of ` +
      `${table.logicalName} to ${name}, use the ${message} message instead.`,
    '0x80100005',
  );
}

/** States of which the sources do not agree whether an update may set them. */
function disputed(
  { switches }: Environment,
  table: string,
  state: number,
): { readonly name: string; readonly message: string } | undefined {
  if (table === 'incident' && state === 2 && switches.cancelCaseByUpdate === 'refused')
    return { name: 'Canceled', message: 'CloseIncident' };
  if (table === 'lead' && state === 1 && switches.qualifyLeadByUpdate === 'refused')
    return { name: 'Qualified', message: 'QualifyLead' };
  return undefined;
}
