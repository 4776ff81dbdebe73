import { deepEqual, equal } from 'node:assert/strict';
import type { ClientBench } from './client.ts';

type Row = Record<string, unknown>;

export async function checkLinks({ checks, client, api }: ClientBench): Promise<void> {
  const account = await api.create('accounts', { name: 'Linked' });
  const contact = await api.create('contacts', { lastname: 'Linked' });
  const event = await api.create('demo_events', { demo_name: 'Linked' });
  const linked = async (path: string, key: string) =>
    (await api.row(`${path}?$select=${key}`)).value.map((row: Row) => row[key]);
  await checks.check('associate and disassociate over a one-to-many relationship', async () => {
    const pair = {
      collection: 'accounts',
      primaryKey: account,
      relationshipName: 'contact_customer_accounts',
      relatedKey: contact,
    };
    await client.associate({ ...pair, relatedCollection: 'contacts' });
    equal((await api.row(`contacts(${contact})`))._parentcustomerid_value, account);
    await client.disassociate(pair);
    equal((await api.row(`contacts(${contact})`))._parentcustomerid_value, null);
  });
  await checks.check('associate and disassociate over a many-to-many relationship', async () => {
    const pair = {
      collection: 'demo_events',
      primaryKey: event,
      relationshipName: 'demo_event_contact',
      relatedKey: contact,
    };
    await client.associate({ ...pair, relatedCollection: 'contacts' });
    deepEqual(await linked(`demo_events(${event})/demo_event_contact`, 'contactid'), [contact]);
    deepEqual(await linked(`contacts(${contact})/demo_event_contact`, 'demo_eventid'), [event]);
    await client.disassociate(pair);
    deepEqual(await linked(`demo_events(${event})/demo_event_contact`, 'contactid'), []);
  });
  await checks.check('associateSingleValued and disassociateSingleValued write the lookup', async () => {
    const lookup = { collection: 'accounts', primaryKey: account, navigationProperty: 'primarycontactid' };
    await client.associateSingleValued({ ...lookup, relatedCollection: 'contacts', relatedKey: contact });
    equal((await api.row(`accounts(${account})`))._primarycontactid_value, contact);
    await client.disassociateSingleValued(lookup);
    equal((await api.row(`accounts(${account})`))._primarycontactid_value, null);
  });
}
