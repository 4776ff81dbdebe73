import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { BackgroundOperationResponse } from 'dynamics-web-api';
import type { ClientBench } from './client.ts';

type Row = Record<string, unknown>;

export async function checkOperations(bench: ClientBench): Promise<void> {
  await checkFunctions(bench);
  await checkActions(bench);
  await checkBackground(bench);
}

async function checkFunctions({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('callFunction by name: WhoAmI', async () => {
    const answer = await client.callFunction<Row>('WhoAmI');
    const { UserId, BusinessUnitId } = await api.row('WhoAmI');
    deepEqual([answer['UserId'], answer['BusinessUnitId']], [UserId, BusinessUnitId]);
  });
  await checks.check('callFunction with parameters: RetrieveTotalRecordCount', async () => {
    const { EntityRecordCountCollection: counts } = await client.callFunction<{
      EntityRecordCountCollection: { Keys: string[]; Values: number[] };
    }>({ name: 'RetrieveTotalRecordCount', parameters: { EntityNames: ['account', 'contact'] } });
    deepEqual(counts.Keys, ['account', 'contact']);
    const { text } = await api.get('accounts/$count');
    equal(counts.Values[0], Number(text.replace(/^\uFEFF/, '')));
  });
  await checks.check('callFunction with an enum parameter: RetrieveCurrentOrganization', async () => {
    const answer = await client.callFunction<{ Detail: Row }>({
      name: 'RetrieveCurrentOrganization',
      parameters: { AccessType: "Microsoft.Dynamics.CRM.EndpointAccessType'Default'" },
    });
    equal(answer.Detail['OrganizationId'], (await api.row('WhoAmI')).OrganizationId);
  });
  await checks.check('callFunction bound to a row: RetrievePrincipalAccess', async () => {
    const account = await api.create('accounts', { name: 'Whose' });
    const { UserId } = await api.row('WhoAmI');
    const answer = await client.callFunction<Row>({
      collection: 'systemusers',
      key: UserId,
      name: 'Microsoft.Dynamics.CRM.RetrievePrincipalAccess',
      parameters: { Target: { '@odata.id': `accounts(${account})` } },
    });
    match(String(answer['AccessRights']), /ReadAccess.*WriteAccess/);
  });
}

async function checkActions({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('callAction unbound: WinOpportunity closes the opportunity', async () => {
    const opportunity = await api.create('opportunities', { name: 'To win' });
    await client.callAction({
      actionName: 'WinOpportunity',
      action: {
        Status: 3,
        OpportunityClose: {
          subject: 'Won',
          'opportunityid@odata.bind': `/opportunities(${opportunity})`,
        },
      },
    });
    equal((await api.row(`opportunities(${opportunity})`)).statecode, 1);
  });
  await checks.check('callAction unbound: GrantAccess shares the row', async () => {
    const account = await api.create('accounts', { name: 'Shared' });
    const { value } = await api.row("systemusers?$select=systemuserid&$filter=fullname eq 'Teo Marchetti'");
    const user = value[0].systemuserid;
    await client.callAction({
      actionName: 'GrantAccess',
      action: {
        Target: { accountid: account, '@odata.type': 'Microsoft.Dynamics.CRM.account' },
        PrincipalAccess: {
          Principal: { systemuserid: user, '@odata.type': 'Microsoft.Dynamics.CRM.systemuser' },
          AccessMask: 'ReadAccess',
        },
      },
    });
    const shared = await api.row(
      `RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={"@odata.id":"accounts(${account})"}`,
    );
    equal(
      shared.PrincipalAccesses[0].Principal.systemuserid ?? shared.PrincipalAccesses[0].Principal.ownerid,
      user,
    );
  });
  await checks.check('callAction bound to a set: CreateMultiple', async () => {
    const { Ids } = await client.callAction<{ Ids: string[] }>({
      collection: 'accounts',
      actionName: 'Microsoft.Dynamics.CRM.CreateMultiple',
      action: {
        Targets: ['First', 'Second'].map((name) => ({
          '@odata.type': 'Microsoft.Dynamics.CRM.account',
          name,
        })),
      },
    });
    equal(Ids.length, 2);
    equal((await api.row(`accounts(${Ids[1]})`)).name, 'Second');
  });
}

async function checkBackground({ checks, client, api }: ClientBench): Promise<void> {
  let operation: BackgroundOperationResponse | undefined;
  await checks.check('callAction with respondAsync answers with a background operation', async () => {
    const account = await api.create('accounts', { name: 'Background' });
    operation = await client.callAction<BackgroundOperationResponse>({
      collection: 'accounts',
      actionName: 'Microsoft.Dynamics.CRM.UpdateMultiple',
      respondAsync: true,
      action: {
        Targets: [
          { '@odata.type': 'Microsoft.Dynamics.CRM.account', accountid: account, name: 'In the background' },
        ],
      },
    });
    match(operation.backgroundOperationId, /^[0-9a-f-]{36}$/);
    ok(operation.location.endsWith(operation.backgroundOperationId), operation.location);
    equal((await api.row(`accounts(${account})`)).name, 'In the background');
  });
  await checks.check('getBackgroundOperationStatus shows it as succeeded', async () => {
    const status = await client.getBackgroundOperationStatus(operation?.backgroundOperationId ?? '');
    deepEqual([status.backgroundOperationStateCode, status.backgroundOperationStatusCode], [3, 30]);
  });
  await checks.check('cancelBackgroundOperation of one that has ended leaves it succeeded', async () => {
    const status = await client.cancelBackgroundOperation(operation?.backgroundOperationId ?? '');
    equal(status.backgroundOperationStatusCode, 30);
  });
}
