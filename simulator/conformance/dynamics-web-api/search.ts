import { equal, ok } from 'node:assert/strict';
import type { DynamicsWebApi } from 'dynamics-web-api';
import type { ClientBench } from './client.ts';

/** Dataverse search, in both of its versions: what is found is a row that the Web API has. */
export async function checkSearch({ checks, client, make, api }: ClientBench): Promise<void> {
  const id = await api.create('accounts', { name: 'Zephyrine Wind Works' });
  await api.create('contacts', { firstname: 'Zephyrine', lastname: 'Oort' });
  const second = make({ searchApi: { version: '2.0', options: { enableResponseCompatibility: true } } });
  await checks.check('search finds rows by a word of their name', async () => {
    const { value } = await client.search('zephyrine');
    equal(value.length, 2);
  });
  for (const [version, one] of [
    ['1.0', make({ searchApi: { options: { enableResponseCompatibility: true } } })],
    ['2.0', second],
  ] as const) {
    await checks.check(`query ${version} keeps to the tables asked for, and counts`, async () => {
      await queryAccounts(one, id);
    });
    await checks.check(`suggest ${version} completes a name`, async () => {
      const { value } = await one.suggest({ query: { search: 'zephyrine wi', entities: ['account'] } });
      const [first] = value;
      equal(first?.Text, '{crmhit}Zephyrine{/crmhit} {crmhit}Wi{/crmhit}nd Works');
    });
    await checks.check(`autocomplete ${version} completes a word`, async () => {
      const { value } = await one.autocomplete({ query: { search: 'zephyr', entities: ['account'] } });
      equal(value, '{crmhit}zephyrine{/crmhit}');
    });
  }
  await checks.check('a search for nothing finds nothing', async () => {
    const { value } = await second.query('nosuchwordanywhere');
    equal(value.length, 0);
  });
}

async function queryAccounts(client: DynamicsWebApi, id: string): Promise<void> {
  const { response } = await client.query({
    query: { search: 'zephyrine', entities: ['account'], count: true },
  });
  equal(response.Count, 1);
  const text = JSON.stringify(response.Value[0]);
  ok(text.includes(id), text);
  ok(text.includes('Zephyrine Wind Works'), text);
}
