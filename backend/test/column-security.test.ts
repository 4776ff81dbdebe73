import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataverseClient } from '../src/dataverse/index.ts';
import { makeReport, type ColumnCoverage } from '../src/coverage/index.ts';
import type { PutVersion } from '../src/vault/index.ts';
import { openLocalEnvironment, type Json, type LocalEnvironment } from './support/local-environment.ts';

/** The identity may read one secured column by a profile, which somebody takes away while a run is under way. */

const few = { include: ['demo_sample'] };
let local: LocalEnvironment;
let client: DataverseClient;
let permission: string;
let sample: string;

beforeAll(async () => {
  local = await openLocalEnvironment();
  const [user] = await list('systemusers', "fullname eq 'Søren Kjær'");
  const [held] = await list('fieldpermissions', "attributelogicalname eq 'demo_secret'");
  permission = `fieldpermissions(${String(held?.['fieldpermissionid'])})`;
  await mayReadAllSamples(String(user?.['systemuserid']), String(user?.['_businessunitid_value']));
  await giveBack();
  const made = await local.ask('POST', 'demo_samples', { demo_name: 'Recipe', demo_secret: 'salt' });
  sample = String(made['demo_sampleid']);
  client = local.client.as(String(user?.['azureactivedirectoryobjectid']));
}, 60_000);
afterAll(() => local.close());

async function list(set: string, filter: string): Promise<Json[]> {
  const answer = await local.ask('GET', `${set}?$filter=${encodeURIComponent(filter)}`);
  return answer['value'] as Json[];
}

async function mayReadAllSamples(user: string, unit: string): Promise<void> {
  const table = (await local.client.readTables()).find(({ name }) => name === 'demo_sample');
  const read = table?.privileges.find(({ verb }) => verb === 'Read');
  const role = await local.ask('POST', 'roles', {
    name: 'Reads samples',
    'businessunitid@odata.bind': `/businessunits(${unit})`,
  });
  const id = String(role['roleid']);
  await local.ask('POST', `roles(${id})/Microsoft.Dynamics.CRM.AddPrivilegesRole`, {
    Privileges: [{ PrivilegeId: read?.id, PrivilegeName: read?.name, Depth: 'Global', BusinessUnitId: unit }],
  });
  const link = { '@odata.id': `http://dataverse.test/api/data/v9.2/roles(${id})` };
  await local.ask('POST', `systemusers(${user})/systemuserroles_association/$ref`, link);
}

/** `meanwhile` happens between the plan and the pages. */
const backUp = (meanwhile: () => Promise<unknown> = () => Promise.resolve()) =>
  local.backUp(few, { as: client, meanwhile });
const withdraw = () => local.ask('PATCH', permission, { canread: 0 });
const change = () => local.ask('PATCH', `demo_samples(${sample})`, { demo_name: 'Recipe, changed' });

/** The sample as the newest snapshot shows it. */
async function captured(): Promise<PutVersion['values']> {
  const at = await local.vault.snapshots.tableAt(await local.newest(), 'demo_sample');
  const heads = await local.vault.table('demo_sample').headsOf([sample], at?.throughSeq ?? 0);
  const head = heads.get(sample);
  if (head?.op !== 'put') throw new Error('the sample is not in the vault');
  return head.values;
}

async function coverage(): Promise<ColumnCoverage | undefined> {
  const options = { madeAt: local.now(), checked: null, isNewest: true };
  const report = await makeReport(local.vault, await local.newest(), options);
  const columns = report.tables.find(({ table }) => table === 'demo_sample')?.columns;
  return columns?.find(({ column }) => column === 'demo_secret');
}

const giveBack = () => local.ask('PATCH', permission, { canread: 4 });

// One story: each test goes on where the one before it stopped.
describe('a secured column whose permission is withdrawn between the plan and the pages', () => {
  test('is not captured by the first read of a table, and comes with the permission', async () => {
    const run = await backUp(withdraw);
    expect(run.tables).toMatchObject([{ table: 'demo_sample', status: 'complete' }]);
    expect(run.tables[0]?.warnings[0]).toMatch(/demo_secret/);
    expect(await captured()).not.toHaveProperty('demo_secret');
    expect(await coverage()).toMatchObject({ status: 'not', reason: { code: 'secured' } });

    await giveBack();
    await backUp();
    expect(await captured()).toMatchObject({ demo_name: 'Recipe', demo_secret: 'salt' });
    expect(await coverage()).toMatchObject({ status: 'protected' });
  });

  test('is not captured with what changed, which raises the alarm, and comes back with the permission', async () => {
    expect(await captured()).toMatchObject({ demo_secret: 'salt' });
    await change();
    const run = await backUp(withdraw);
    expect(run.tables).toMatchObject([{ table: 'demo_sample', status: 'complete', put: 1 }]);
    expect(run.alerts.map(({ code }) => code)).toContain('columns-lost');
    const without = await captured();
    expect(without['demo_name']).toBe('Recipe, changed');
    expect(without).not.toHaveProperty('demo_secret');
    expect(await coverage()).toMatchObject({ status: 'not', reason: { code: 'secured' } });

    await giveBack();
    await backUp();
    expect(await captured()).toMatchObject({ demo_name: 'Recipe, changed', demo_secret: 'salt' });
    expect(await coverage()).toMatchObject({ status: 'protected' });
  });

  test('is not captured as a mask either, which a masking rule shows to administrators too', async () => {
    const rule = await local.ask('POST', 'maskingrules', {
      name: 'rb_all',
      regularexpression: '.',
      maskedcharacter: '#',
    });
    const mask = () =>
      local.ask('POST', 'attributemaskingrules', {
        entityname: 'demo_sample',
        attributelogicalname: 'demo_secret',
        'maskingruleid@odata.bind': `/maskingrules(${String(rule['maskingruleid'])})`,
      });
    await local.ask('PATCH', `demo_samples(${sample})`, { demo_name: 'Recipe, masked' });
    await local.backUp(few, { meanwhile: mask });
    const masked = await captured();
    expect(masked['demo_name']).toBe('Recipe, masked');
    expect(masked).not.toHaveProperty('demo_secret');
    const [held] = await list('attributemaskingrules', "entityname eq 'demo_sample'");
    await local.ask('DELETE', `attributemaskingrules(${String(held?.['attributemaskingruleid'])})`);
    await backUp();
    expect(await captured()).toMatchObject({ demo_name: 'Recipe, masked', demo_secret: 'salt' });
  });

  test('costs no request where nothing changed', async () => {
    local.requests.length = 0;
    await backUp();
    const asked = local.requests.filter((path) => path.includes('fieldpermissions'));
    // Once, by the plan of that run.
    expect(asked).toHaveLength(1);
  });
});
