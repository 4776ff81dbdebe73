import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, textOf } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { onlyColumns, type Environment } from './environment.ts';
import { badRequest } from './errors.ts';
import type { JsonObject } from './json.ts';
import { readPayload } from './payload.ts';

const REGARDING = 8;
const OWNER = 9;

/** Masks that an activity of the kind may carry; kinds not named take all. */
const ALLOWED_MASKS: Readonly<Record<string, readonly number[]>> = {
  email: [1, 2, 3, 4],
  phonecall: [1, 2],
  appointment: [5, 6, 7],
  letter: [1, 2, 4],
  fax: [1, 2],
  campaignresponse: [11],
  serviceappointment: [10, 11],
};

/** Parties come with their activity; the platform adds those for the owner and for what it regards. */
export function addParties(
  context: RequestContext,
  activity: TableDefinition,
  row: Row,
  bodies: readonly JsonObject[],
): void {
  for (const body of bodies) addParty(context, activity, row, body);
  refreshDerivedParties(context.environment, activity, row.id);
}

/** `PUT /emails(id)/email_activity_parties`: the whole set is replaced. */
export function replaceParties(
  context: RequestContext,
  activity: TableDefinition,
  row: Row,
  bodies: readonly JsonObject[],
): void {
  const { database } = context.environment;
  const store = database.store('activityparty');
  for (const id of store.referrers('activityid', row.id)) {
    const mask = Number(store.get(id)?.values['participationtypemask']);
    if (mask !== REGARDING && mask !== OWNER) database.remove('activityparty', id);
  }
  addParties(context, activity, row, bodies);
}

function addParty(context: RequestContext, activity: TableDefinition, row: Row, body: JsonObject): void {
  const { environment } = context;
  const table = environment.schema.table('activityparty');
  if (table === undefined) return;
  const payload = readPayload(context, table, body, 'create');
  const mask = Number(payload.values.get('participationtypemask') ?? 0);
  if (mask === REGARDING || mask === OWNER) return;
  if (ALLOWED_MASKS[activity.logicalName]?.includes(mask) === false) {
    throw badRequest(`The party type ${mask} is not allowed on ${activity.logicalName}.`, '0x80043506');
  }
  const party = payload.values.get('partyid');
  const address = isReference(party) ? addressOf(environment, party) : null;
  putParty(environment, activity, row, { addressused: address, ...Object.fromEntries(payload.values) });
}

/** Keeps the parties 8 and 9 in step with `regardingobjectid` and `ownerid`. */
export function refreshDerivedParties(environment: Environment, activity: TableDefinition, id: string): void {
  const { database } = environment;
  const row = database.get(activity.logicalName, id);
  if (row === undefined || environment.schema.table('activityparty') === undefined) return;
  const store = database.store('activityparty');
  for (const [mask, column] of [
    [REGARDING, 'regardingobjectid'],
    [OWNER, 'ownerid'],
  ] as const) {
    const wanted = row.values[column];
    const existing = store
      .referrers('activityid', id)
      .map((partyId) => store.get(partyId))
      .find((party) => party?.values['participationtypemask'] === mask);
    const current = existing?.values['partyid'];
    if (isReference(wanted) && isReference(current) && wanted.id === current.id) continue;
    if (existing !== undefined) database.remove('activityparty', existing.id);
    if (isReference(wanted))
      putParty(environment, activity, row, { partyid: wanted, participationtypemask: mask });
  }
}

function putParty(
  environment: Environment,
  activity: TableDefinition,
  row: Row,
  values: Readonly<Record<string, StoredValue>>,
): void {
  const table = environment.schema.table('activityparty');
  if (table === undefined) return;
  const id = textOf(values['activitypartyid']) ?? environment.newId();
  const all = {
    ...values,
    activitypartyid: id,
    activityid: { table: activity.logicalName, id: row.id },
    ownerid: row.values['ownerid'] ?? null,
    ispartydeleted: false,
  };
  environment.database.put('activityparty', id, onlyColumns(table, all));
}

function addressOf(environment: Environment, party: { table: string; id: string }): StoredValue {
  const values = environment.database.get(party.table, party.id)?.values;
  return values?.['emailaddress1'] ?? values?.['internalemailaddress'] ?? null;
}
