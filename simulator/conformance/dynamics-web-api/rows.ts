import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { refusal, type ClientBench } from './client.ts';

type Row = Record<string, unknown>;
const MISSING = '00000000-0000-4000-8000-00000000dead';

export async function checkRows(bench: ClientBench): Promise<void> {
  await checkCreating(bench);
  await checkReading(bench);
  await checkUpdating(bench);
  await checkUpserting(bench);
  await checkDeleting(bench);
  await checkCallers(bench);
}

async function checkCreating({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('create answers with the id, and the row is there', async () => {
    const id = await client.create<Row, string>({
      collection: 'accounts',
      data: { name: 'Aurora Glass', revenue: 1234.5, numberofemployees: 12, donotphone: true },
    });
    const row = await api.row(`accounts(${id})`);
    equal(row.name, 'Aurora Glass');
    equal(row.revenue, 1234.5);
    equal(row.numberofemployees, 12);
    equal(row.donotphone, true);
  });
  await checks.check('create with returnRepresentation answers with the selected columns', async () => {
    const row = await client.create<Row>({
      collection: 'contacts',
      data: { firstname: 'Ida', lastname: 'Berg' },
      select: ['fullname', 'contactid'],
      returnRepresentation: true,
    });
    equal(row['fullname'], 'Ida Berg');
    match(String(row['@odata.etag']), /^W\/"\d+"$/);
    equal((await api.row(`contacts(${String(row['contactid'])})`)).lastname, 'Berg');
  });
  await checks.check('create with nested rows and a binding makes all of them', async () => {
    const account = await api.create('accounts', { name: 'Parent of many' });
    const id = await client.create<Row, string>({
      collection: 'accounts',
      data: {
        name: 'Deep',
        'parentaccountid@odata.bind': `accounts(${account})`,
        contact_customer_accounts: [{ lastname: 'One' }, { lastname: 'Two' }],
      },
    });
    equal((await api.row(`accounts(${id})`))._parentaccountid_value, account);
    const below = await api.row(
      `accounts(${id})/contact_customer_accounts?$select=lastname&$orderby=lastname`,
    );
    deepEqual(
      below.value.map((one: Row) => one['lastname']),
      ['One', 'Two'],
    );
  });
  await checks.check('create below a navigation property belongs to the parent', async () => {
    const account = await api.create('accounts', { name: 'Above' });
    await client.create({
      collection: 'accounts',
      key: account,
      navigationProperty: 'contact_customer_accounts',
      data: { lastname: 'Below' },
    });
    const below = await api.row(`accounts(${account})/contact_customer_accounts?$select=lastname`);
    equal(below.value[0].lastname, 'Below');
  });
  await checks.check('create with an unknown column is refused with 400', async () => {
    const error = await refusal(client.create({ collection: 'accounts', data: { nosuchcolumn: 1 } }));
    equal(error.status, 400);
    match(error.message, /nosuchcolumn/);
  });
}

async function checkReading({ checks, client, api, make }: ClientBench): Promise<void> {
  const account = await api.create('accounts', { name: 'Read me', accountnumber: 'R-1', creditlimit: 10 });
  const contact = await api.create('contacts', {
    lastname: 'Reader',
    'parentcustomerid_account@odata.bind': `/accounts(${account})`,
  });
  await checks.check('retrieve by id with select and a nested expand', async () => {
    const row = await client.retrieve<Row>({
      collection: 'contacts',
      key: contact,
      select: ['lastname'],
      expand: [{ property: 'parentcustomerid_account', select: ['name'] }],
    });
    equal(row['lastname'], 'Reader');
    equal((row['parentcustomerid_account'] as Row)['name'], 'Read me');
  });
  await checks.check(
    'retrieve with annotations shows formatted value, table and navigation property',
    async () => {
      const row = await client.retrieve<Row>({
        collection: 'contacts',
        key: contact,
        includeAnnotations: '*',
      });
      equal(row['_parentcustomerid_value'], account);
      equal(row['_parentcustomerid_value_Formatted'], 'Read me');
      equal(row['_parentcustomerid_value_LogicalName'], 'account');
      equal(row['_parentcustomerid_value_NavigationProperty'], 'parentcustomerid_account');
    },
  );
  await checks.check('retrieve through a single-valued navigation property', async () => {
    const row = await client.retrieve<Row>({
      collection: 'contacts',
      key: contact,
      navigationProperty: 'parentcustomerid_account',
      select: ['name'],
    });
    equal(row['accountid'], account);
  });
  await checks.check('retrieve of a reference names the set and the id', async () => {
    const row = await client.retrieve<Row>({
      collection: 'contacts',
      key: contact,
      select: ['parentcustomerid_account/$ref'],
    });
    deepEqual({ id: row['id'], collection: row['collection'] }, { id: account, collection: 'accounts' });
  });
  await checks.check('retrieve with the etag it has brings nothing; with another one the row', async () => {
    const { '@odata.etag': etag } = await api.row(`accounts(${account})?$select=name`);
    const same = await client.retrieve<Row | undefined>({
      collection: 'accounts',
      key: account,
      ifnonematch: etag,
    });
    equal(same, undefined);
    const row = await client.retrieve<Row>({ collection: 'accounts', key: account, ifnonematch: 'W/"1"' });
    equal(row['name'], 'Read me');
  });
  await checks.check('retrieve of a row that is not there is refused with 404 0x80040217', async () => {
    const error = await refusal(client.retrieve({ collection: 'accounts', key: MISSING }));
    deepEqual([error.status, error.code], [404, '0x80040217']);
  });
  await checks.check('retrieve by alternate key', async () => {
    const sample = await api.create('demo_samples', { demo_name: 'By key', demo_code: 'KEY-1' });
    const row = await client.retrieve<Row>({ collection: 'demo_samples', key: "demo_code='KEY-1'" });
    equal(row['demo_sampleid'], sample);
  });
  await checks.check('useEntityNames finds the set of a table by its logical name', async () => {
    const row = await make({ useEntityNames: true }).retrieve<Row>({ collection: 'account', key: account });
    equal(row['name'], 'Read me');
    equal(client.Utility.getCollectionName('systemuser'), 'systemusers');
  });
}

async function checkUpdating({ checks, client, api }: ClientBench): Promise<void> {
  const id = await api.create('accounts', { name: 'Before', telephone1: '1' });
  await checks.check('update changes what it names and leaves the rest', async () => {
    equal(await client.update({ collection: 'accounts', key: id, data: { name: 'After' } }), true);
    const row = await api.row(`accounts(${id})`);
    deepEqual([row.name, row.telephone1], ['After', '1']);
  });
  await checks.check('update with returnRepresentation answers with the new row', async () => {
    const row = await client.update<Row>({
      collection: 'accounts',
      key: id,
      data: { websiteurl: 'https://after.example' },
      select: ['websiteurl'],
      returnRepresentation: true,
    });
    equal(row['websiteurl'], 'https://after.example');
    equal((await api.row(`accounts(${id})`)).websiteurl, 'https://after.example');
  });
  await checks.check('update with an old etag changes nothing; with the right one it does', async () => {
    const { '@odata.etag': old } = await api.row(`accounts(${id})`);
    await client.update({ collection: 'accounts', key: id, data: { fax: '2' } });
    const late = { collection: 'accounts', key: id, data: { fax: '3' }, ifmatch: old };
    equal(await client.update(late), false);
    equal((await api.row(`accounts(${id})`)).fax, '2');
    const { '@odata.etag': etag } = await api.row(`accounts(${id})`);
    equal(await client.update({ ...late, ifmatch: etag }), true);
    equal((await api.row(`accounts(${id})`)).fax, '3');
  });
  await checks.check('update does not create what is not there', async () => {
    const error = await refusal(
      client.update({ collection: 'accounts', key: MISSING, data: { name: 'Ghost' } }),
    );
    equal(error.status, 404);
    equal((await api.get(`accounts(${MISSING})`)).status, 404);
  });
  await checks.check('updateSingleProperty writes one column', async () => {
    await client.updateSingleProperty({
      collection: 'accounts',
      key: id,
      fieldValuePair: { telephone1: '42' },
    });
    equal((await api.row(`accounts(${id})`)).telephone1, '42');
  });
}

async function checkUpserting({ checks, client, api }: ClientBench): Promise<void> {
  const id = '5a1f0c1e-0000-4000-8000-000000000001';
  await checks.check('upsert creates a row with the given id, then updates it', async () => {
    equal(await client.upsert({ collection: 'accounts', key: id, data: { name: 'Upserted' } }), id);
    equal((await api.row(`accounts(${id})`)).name, 'Upserted');
    await client.upsert({ collection: 'accounts', key: id, data: { name: 'Again' } });
    equal((await api.row(`accounts(${id})`)).name, 'Again');
  });
  await checks.check('upsert with If-None-Match * does not touch a row that is there', async () => {
    const done = await client.upsert({
      collection: 'accounts',
      key: id,
      data: { name: 'No' },
      ifnonematch: '*',
    });
    equal(done, null);
    equal((await api.row(`accounts(${id})`)).name, 'Again');
  });
  await checks.check('upsert with If-Match * does not create', async () => {
    const done = await client.upsert({
      collection: 'accounts',
      key: MISSING,
      data: { name: 'No' },
      ifmatch: '*',
    });
    equal(done, null);
    equal((await api.get(`accounts(${MISSING})`)).status, 404);
  });
  await checks.check('upsert by alternate key creates once and then updates', async () => {
    const upsert = (name: string) =>
      client.upsert({
        collection: 'demo_samples',
        key: "demo_code='UP-1'",
        data: { demo_name: name },
      });
    await upsert('First');
    await upsert('Second');
    const { value } = await api.row("demo_samples?$select=demo_name&$filter=demo_code eq 'UP-1'");
    deepEqual(
      value.map((one: Row) => one['demo_name']),
      ['Second'],
    );
  });
}

async function checkDeleting({ checks, client, api }: ClientBench): Promise<void> {
  const id = await api.create('accounts', { name: 'To go', fax: '9' });
  await checks.check('deleteRecord of a single column empties it', async () => {
    await client.deleteRecord({ collection: 'accounts', key: id, property: 'fax' });
    equal((await api.row(`accounts(${id})`)).fax, null);
  });
  await checks.check('deleteRecord with an old etag deletes nothing', async () => {
    equal(await client.deleteRecord({ collection: 'accounts', key: id, ifmatch: 'W/"1"' }), false);
    equal((await api.get(`accounts(${id})`)).status, 200);
  });
  await checks.check('deleteRecord deletes the row', async () => {
    equal(await client.deleteRecord({ collection: 'accounts', key: id }), true);
    equal((await api.get(`accounts(${id})`)).status, 404);
  });
}

async function checkCallers({ checks, client, api, simulator, token, make }: ClientBench): Promise<void> {
  const seller = simulator.users.find((user) => user.roles.includes('Salesperson'))!; // the demo has some
  const { UserId } = await api.row('WhoAmI');
  const { azureactivedirectoryobjectid: objectId } = await api.row(`systemusers(${seller.systemuserid})`);
  await checks.check('impersonate by systemuserid: created by that user, on behalf by us', async () => {
    const id = await client.create<Row, string>({
      collection: 'accounts',
      data: { name: 'For another' },
      impersonate: seller.systemuserid,
    });
    const row = await api.row(`accounts(${id})`);
    equal(row._createdby_value, seller.systemuserid);
    equal(row._createdonbehalfby_value, UserId);
    equal(row._ownerid_value, seller.systemuserid);
  });
  await checks.check('impersonateAAD by Entra object id, set for the whole client', async () => {
    const other = make({ impersonateAAD: objectId });
    const answer = await other.callFunction<Row>('WhoAmI');
    equal(answer['UserId'], seller.systemuserid);
  });
  await checks.check('a token that is none is refused with 401', async () => {
    const stranger = make({ onTokenRefresh: () => Promise.resolve('no token') });
    equal((await refusal(stranger.callFunction('WhoAmI'))).status, 401);
  });
  await checks.check('an aborted call ends with an error of its own', async () => {
    const stop = new AbortController();
    stop.abort();
    await checkAborted(client.retrieveMultiple({ collection: 'accounts', signal: stop.signal }));
  });
  await checks.check('a timeout set for the client leaves quick answers alone', async () => {
    const { value } = await make({ timeout: 60_000 }).retrieveMultiple({ collection: 'accounts', top: 1 });
    equal(value.length, 1);
  });
  await checks.check('headers and noCache go along and the answer is the same', async () => {
    const row = await client.retrieveMultiple<Row>({
      collection: 'accounts',
      select: ['name'],
      top: 1,
      noCache: true,
      headers: { 'x-ms-client-request-id': MISSING, Consistency: 'Strong' },
    });
    ok(row.value[0]?.['name']);
  });
  await checks.check('an instance of its own has its own settings; setConfig changes the first', async () => {
    const pages = client.initializeInstance({
      serverUrl: simulator.url,
      onTokenRefresh: () => Promise.resolve(token),
      maxPageSize: 2,
    });
    equal((await pages.retrieveMultiple({ collection: 'accounts', select: ['name'] })).value.length, 2);
    const own = make({});
    own.setConfig({ maxPageSize: 3 });
    equal((await own.retrieveMultiple({ collection: 'accounts', select: ['name'] })).value.length, 3);
  });
}

async function checkAborted(call: Promise<unknown>): Promise<void> {
  const error = await refusal(call);
  match(`${error.code} ${error.message}`, /abort/i);
}
