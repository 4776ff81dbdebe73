import { parseArguments, unquote } from '../../odata/url.ts';
import { createRow } from '../../service/create-row.ts';
import { invalidArgument, unsupportedMessage } from '../../service/errors.ts';
import { numberText, type JsonObject } from '../../service/json.ts';
import { defaultStatus, mayMove, refuseTransition } from '../../service/state.ts';
import { requireAccess, stampModified } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import type { StoredValue } from '../../model/seed.ts';
import { plainText } from '../../store/values.ts';
import { json, type ApiResponse, type Call } from '../api.ts';
import { result, type Operation, type RowOperation } from './operation.ts';
import { actionBody, argumentTarget } from './targets.ts';

const QUALIFIED = 1;

export const stateOperations = {
  IsValidStateTransition: { method: 'GET', run: isValidTransition },
} satisfies Record<string, Operation>;

/** `IsValidStateTransition(Entity=@p1,NewState='Resolved',NewStatus=5)`: would the table's rules let it through? */
function isValidTransition(call: Call, argument: string): ApiResponse {
  const action = 'IsValidStateTransition';
  const { table, row } = argumentTarget(call, argument, 'Entity', action);
  requireAccess(call.context, table, row, 'Read');
  const values = parseArguments(argument, call.url.query);
  const name = unquote(values.get('NewState') ?? '');
  const states = table.columns.get('statecode')?.options ?? [];
  const state = states.find(({ value, label, invariantName }) =>
    [String(value), label, invariantName].includes(name),
  );
  if (state === undefined) throw invalidArgument(`'${name}' is no state of ${table.logicalName}.`);
  const status = Number(values.get('NewStatus') ?? defaultStatus(table, state.value));
  const fits = (table.columns.get('statuscode')?.options ?? []).some(
    (option) => option.value === status && (option.state ?? state.value) === state.value,
  );
  return result(call, action, { IsValid: fits && mayMove(table, row, state.value, status) });
}

/** `leads(id)/…QualifyLead`: closes the lead and makes what the flags ask for; answers with the new rows. */
export const qualifyLead: RowOperation = {
  method: 'POST',
  run(call, table, lead) {
    if (table.logicalName !== 'lead') throw unsupportedMessage(table.logicalName);
    requireAccess(call.context, table, lead, 'Write');
    const body = actionBody(call, 'QualifyLead');
    const asked = Number(numberText(body['Status']) ?? -1);
    const status = asked === -1 ? (defaultStatus(table, QUALIFIED) ?? asked) : asked;
    refuseTransition(table, lead, QUALIFIED, status);
    const made = call.context.environment.database.transaction(() => {
      const rows = makeRows(call, lead, body);
      const values: Record<string, StoredValue> = {
        ...lead.values,
        statecode: QUALIFIED,
        statuscode: status,
      };
      const opportunity = rows.find((row) => row['@odata.type'].endsWith('.opportunity'));
      if (opportunity !== undefined && table.columns.has('qualifyingopportunityid'))
        values['qualifyingopportunityid'] = {
          table: 'opportunity',
          id: plainText(opportunity['opportunityid']),
        };
      stampModified(call.context, table, values);
      call.context.environment.database.put('lead', lead.id, values);
      return rows;
    });
    const context = `${call.context.serviceRoot}$metadata#Collection(Microsoft.Dynamics.CRM.crmbaseentity)`;
    return json(200, JSON.stringify({ '@odata.context': context, value: made }));
  },
};

type MadeRow = Readonly<Record<string, string>> & { readonly '@odata.type': string };

/** What each flag makes, and the columns that come from the lead. */
const MADE: readonly (readonly [flag: string, table: string, columns: Readonly<Record<string, string>>])[] = [
  ['CreateAccount', 'account', { name: 'companyname', telephone1: 'telephone1', websiteurl: 'websiteurl' }],
  [
    'CreateContact',
    'contact',
    { firstname: 'firstname', lastname: 'lastname', emailaddress1: 'emailaddress1' },
  ],
  ['CreateOpportunity', 'opportunity', { name: 'subject', description: 'description' }],
];

function makeRows(call: Call, lead: Row, flags: JsonObject): MadeRow[] {
  const { schema } = call.context.environment;
  return MADE.flatMap(([flag, name, columns]) => {
    const table = schema.table(name);
    if (flags[flag] !== true || table === undefined) return [];
    const copied = Object.entries(columns).flatMap(([column, from]) => {
      const value = lead.values[from];
      return typeof value === 'string' && table.columns.has(column) ? [[column, value] as const] : [];
    });
    const origin = schema.navigation(name, 'originatingleadid');
    const row = createRow(call.context, table, {
      ...Object.fromEntries(copied),
      ...(origin === undefined ? {} : { 'originatingleadid@odata.bind': `/leads(${lead.id})` }),
    });
    return [{ '@odata.type': `#Microsoft.Dynamics.CRM.${name}`, [table.primaryId]: row.id }];
  });
}
