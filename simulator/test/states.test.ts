import { startClient, type Client } from './support/client.ts';
import { changeTable, create } from './support/rows.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const customer = async () => {
  const { accountid } = await create(client, 'accounts', { name: 'customer' });
  return { 'customerid_account@odata.bind': `/accounts(${accountid})` };
};

test('a create takes the status of the default state only, and drops the state without a word [W4]', async () => {
  const row = await create(client, 'tasks', { subject: 't', statecode: 1 });
  expect(row).toMatchObject({ statecode: 0, statuscode: 2 });
  const answer = await client.post('tasks', { subject: 't', statuscode: 5 });
  expect(answer).toMatchObject({ status: 400, code: '0x80048408' });
  expect(answer.json.error.message).toMatch(
    /^5 is not a valid status code for state code TaskState\.Open on task with Id /,
  );
});

test('columns that can only be updated are left out of a create and taken afterwards [W4]', async () => {
  const column = client.server.environment.schema.table('account')!.columns.get('lastusedincampaign')!;
  expect(column).toMatchObject({ validForCreate: false, validForUpdate: true });
  const lastusedincampaign = '2026-01-02T00:00:00Z';
  const row = await create(client, 'accounts', { name: 'A', lastusedincampaign });
  expect(row.lastusedincampaign).toBeNull();
  await client.patch(`accounts(${row.accountid})`, { lastusedincampaign });
  expect((await client.get(`accounts(${row.accountid})`)).json.lastusedincampaign).toBe(lastusedincampaign);
});

test('rules of a table for its states hold when the state changes, not within it: 0x8004f00e [W5]', async () => {
  changeTable(client, 'demo_sample', (table) => {
    const status = table.columns.get('statuscode')!;
    const options = status.options!.map((option) =>
      option.value === 1 ? { ...option, transitions: [2] } : option,
    );
    const columns = new Map(table.columns).set('statuscode', { ...status, options });
    return { ...table, columns, enforceStateTransitions: true };
  });
  const { demo_sampleid } = await create(client, 'demo_samples', { demo_name: 's' });
  const path = `demo_samples(${demo_sampleid})`;
  const scrapped = { statecode: 1, statuscode: 100000001 };
  const refused = await client.patch(path, scrapped);
  expect(refused).toMatchObject({ status: 400, code: '0x8004f00e' });
  const ask = (status: number) =>
    client.get(
      `IsValidStateTransition(Entity=@p1,NewState='Inactive',NewStatus=${status})?@p1={'@odata.id':'${path}'}`,
    );
  expect((await ask(100000001)).json.IsValid).toBe(false);
  expect((await ask(2)).json.IsValid).toBe(true);
  expect((await client.patch(path, { statuscode: 100000000 })).status).toBe(204);
  expect((await client.patch(path, scrapped)).status).toBe(204);
  const metadata = await client.get(
    "EntityDefinitions(LogicalName='demo_sample')/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet",
  );
  const [first] = metadata.json.OptionSet.Options;
  expect(first.TransitionData).toContain('<allowedtransition sourcestatusid="1" targetstatusid="2" />');
});

test('a lead gets from one end to the other only through Open [W5]', async () => {
  const { leadid } = await create(client, 'leads', { subject: 'L', lastname: 'x' });
  const path = `leads(${leadid})`;
  expect((await client.patch(path, { statecode: 1 })).status).toBe(204);
  expect(await client.patch(path, { statecode: 2 })).toMatchObject({ status: 400, code: '0x8004f00e' });
  expect((await client.patch(path, { statecode: 0 })).status).toBe(204);
  expect((await client.patch(path, { statecode: 2 })).status).toBe(204);
});

test('QualifyLead closes the lead and makes only what it is asked for', async () => {
  const { leadid } = await create(client, 'leads', { subject: 'Deal', lastname: 'Ek', companyname: 'Ek AB' });
  const flags = { CreateAccount: true, CreateContact: false, CreateOpportunity: true, Status: 3 };
  const { status, json } = await client.post(`leads(${leadid})/Microsoft.Dynamics.CRM.QualifyLead`, flags);
  expect(status).toBe(200);
  const kinds = json.value.map((row: { '@odata.type': string }) => row['@odata.type']);
  expect(kinds).toEqual(['#Microsoft.Dynamics.CRM.account', '#Microsoft.Dynamics.CRM.opportunity']);
  expect((await client.get(`leads(${leadid})`)).json).toMatchObject({ statecode: 1, statuscode: 3 });
  expect((await client.get(`accounts(${json.value[0].accountid})`)).json.name).toBe('Ek AB');
});

test('a close activity keeps the key that the message gives it, and goes with a reopened row [W5]', async () => {
  const { opportunityid } = await create(client, 'opportunities', { name: 'O' });
  const activityid = 'dddddddd-0000-4000-8000-000000000001';
  const OpportunityClose = {
    activityid,
    subject: 'lost',
    'opportunityid@odata.bind': `/opportunities(${opportunityid})`,
  };
  expect((await client.post('LoseOpportunity', { Status: 5, OpportunityClose })).status).toBe(204);
  expect((await client.get(`opportunitycloses(${activityid})`)).json).toMatchObject({
    subject: 'lost',
    statecode: 1,
  });
  const path = `opportunities(${opportunityid})`;
  expect((await client.get(path)).json).toMatchObject({ statecode: 2, statuscode: 5 });
  expect((await client.patch(path, { statecode: 0, statuscode: 1 })).status).toBe(204);
  expect((await client.get(`opportunitycloses(${activityid})`)).status).toBe(200);
});

test('a quote is closed only from Active; an order is cancelled, an invoice paid by update [W5]', async () => {
  const quote = (await create(client, 'quotes', { name: 'Q', ...(await customer()) })).quoteid;
  const QuoteClose = { subject: 'x', 'quoteid@odata.bind': `/quotes(${quote})` };
  expect(await client.post('CloseQuote', { Status: 5, QuoteClose })).toMatchObject({ code: '0x80040233' });
  expect((await client.patch(`quotes(${quote})`, { statecode: 1 })).status).toBe(204);
  expect((await client.post('CloseQuote', { Status: 5, QuoteClose })).status).toBe(204);
  expect((await client.get(`quotes(${quote})`)).json).toMatchObject({ statecode: 3, statuscode: 5 });
  const order = (await create(client, 'salesorders', { name: 'S', ...(await customer()) })).salesorderid;
  const OrderClose = { subject: 'x', 'salesorderid@odata.bind': `/salesorders(${order})` };
  expect((await client.post('CancelSalesOrder', { Status: 4, OrderClose })).status).toBe(204);
  const invoice = (await create(client, 'invoices', { name: 'I', ...(await customer()) })).invoiceid;
  const paid = { statecode: 2, statuscode: 100001 };
  expect((await client.patch(`invoices(${invoice})`, paid)).status).toBe(204);
});

test('closing a case leaves its resolution; the case opens again by update [W5]', async () => {
  const { incidentid } = await create(client, 'incidents', { title: 'C', ...(await customer()) });
  const IncidentResolution = { subject: 'solved', 'incidentid@odata.bind': `/incidents(${incidentid})` };
  expect((await client.post('CloseIncident', { Status: 5, IncidentResolution })).status).toBe(204);
  const { json } = await client.get(
    `incidentresolutions?$filter=_incidentid_value eq ${incidentid}&$select=subject`,
  );
  expect(json.value).toMatchObject([{ subject: 'solved' }]);
  expect((await client.patch(`incidents(${incidentid})`, { statecode: 0 })).status).toBe(204);
});

test('a case with open activities is not closed: 0x8004440a [W5]', async () => {
  const { incidentid } = await create(client, 'incidents', { title: 'C', ...(await customer()) });
  const { activityid } = await create(client, 'tasks', {
    subject: 'still to do',
    'regardingobjectid_incident_task@odata.bind': `/incidents(${incidentid})`,
  });
  const IncidentResolution = { subject: 'solved', 'incidentid@odata.bind': `/incidents(${incidentid})` };
  const close = () => client.post('CloseIncident', { Status: 5, IncidentResolution });
  expect(await close()).toMatchObject({ status: 400, code: '0x8004440a' });
  expect((await client.get(`incidents(${incidentid})`)).json.statecode).toBe(0);
  await client.patch(`tasks(${activityid})`, { statecode: 2, statuscode: 6 });
  expect((await close()).status).toBe(204);
});
