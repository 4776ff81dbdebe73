import type { Party, WriteOptions } from '../client.ts';
import { lookupTable, malformed } from '../json/decode.ts';
import { number, text } from '../metadata/fields.ts';
import type { TableDetails } from '../metadata/types.ts';
import { list } from '../metadata/fields.ts';
import { rowPath } from '../row-address.ts';
import { type Json, type WebApi } from '../web-api.ts';
import type { Body, TableByName } from './encode.ts';
import { json, withTag, writeHeaders } from './options.ts';

/** Made by the platform from the lookups of the activity: never written. */
const regarding = 8;
const owner = 9;

/** The parties of an activity come only with their activity. */
export async function readParties(api: WebApi, table: TableDetails, id: string): Promise<readonly Party[]> {
  const navigation = navigationTo(table);
  const columns = '_partyid_value,participationtypemask,addressused';
  const url = `${rowPath(table, id)}?$select=${table.primaryId}&$expand=${navigation}($select=${columns})`;
  const row = await api.get(url, {
    prefer: `odata.include-annotations="${lookupTable}"`,
    about: { table: table.name, row: id },
  });
  return list(row, navigation)
    .map((party) => partyOf(table, party))
    .filter((party) => party.mask !== regarding && party.mask !== owner);
}

function partyOf(table: TableDetails, row: Json): Party {
  const id = text(row, '_partyid_value');
  const target = text(row, `_partyid_value@${lookupTable}`);
  if (id !== null && target === null) throw malformed(table, 'a party does not say its table');
  return {
    mask: number(row, 'participationtypemask') ?? 0,
    party: id === null || target === null ? null : { table: target, id: id.toLowerCase() },
    address: text(row, 'addressused'),
  };
}

/** The property of a create's body. `partyTable` is `activityparty`, whose lookup has a name for each target. */
export function partiesBody(
  table: TableDetails,
  partyTable: TableDetails,
  tables: TableByName,
  parties: readonly Party[],
): Body {
  return { [navigationTo(table)]: parties.map((party) => partyBody(partyTable, tables, party)) };
}

/** All of them at once: a PUT on a collection, which exists for parties alone. */
export async function replaceParties(
  api: WebApi,
  table: TableDetails,
  id: string,
  bodies: Body,
  options: WriteOptions,
): Promise<void> {
  const navigation = navigationTo(table);
  const request = {
    method: 'PUT' as const,
    url: withTag(`${rowPath(table, id)}/${navigation}`, options),
    headers: { ...json, ...writeHeaders(options) },
    body: JSON.stringify({ value: bodies[navigation] }),
    repeatable: true,
  };
  await api.send(request, { table: table.name, row: id });
}

function partyBody(partyTable: TableDetails, tables: TableByName, party: Party): Body {
  const body: Body = { participationtypemask: party.mask };
  if (party.address !== null && party.party === null) body['addressused'] = party.address;
  if (party.party === null) return body;
  const target = tables.get(party.party.table);
  const navigation = partyTable.manyToOne.find(
    (one) => one.referencingColumn === 'partyid' && one.referencedTable === party.party?.table,
  )?.referencingNavigation;
  if (target === undefined || navigation == null) {
    throw malformed(partyTable, `${party.party.table} cannot take part in an activity`);
  }
  body[`${navigation}@odata.bind`] = `/${rowPath(target, party.party.id)}`;
  return body;
}

/** From the relationships of the activity; the documented name where the metadata leaves it out. */
function navigationTo(table: TableDetails): string {
  const relationship = table.oneToMany.find(
    (one) => one.referencingTable === 'activityparty' && one.referencingColumn === 'activityid',
  );
  return relationship?.referencedNavigation ?? `${table.name}_activity_parties`;
}
