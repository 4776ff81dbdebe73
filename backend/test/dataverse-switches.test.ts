import { setTimeout as sleep } from 'node:timers/promises';
import { Outsider } from '../demo/outsider.ts';
import type { ChangeEvent, DataverseClient, TableDetails } from '../src/dataverse/index.ts';
import { DataverseError } from '../src/dataverse/index.ts';
import { collect } from '../src/dataverse/files/bytes.ts';
import { openLimitedService, type LimitedService, type LimitedVisit } from './support/limited-service.ts';
import { startSimulator, type Simulator } from './support/simulator.ts';

/*
 * The sources of our facts conflict or are silent in places, and the simulator can show each of the ways. Here our
 * client meets all of them, each in the situation that the switch is about. Whoever adds a switch adds a scenario.
 */

type Value = string | number | boolean;
type Scenario = (value: Value) => Promise<void>;

let simulator: Simulator;
let client: DataverseClient;
let outsider: Outsider;
/** Where the limits are on; in the other they are off. */
let limitedService: LimitedService;

beforeAll(async () => {
  simulator = await startSimulator('--open', '--special-tables');
  client = simulator.connect().client;
  outsider = new Outsider(simulator.url, 'any');
  limitedService = await openLimitedService();
});
afterAll(() => simulator.close());

const nowhere = '00000000-0000-0000-0000-000000000009';
let made = 0;
const nextId = () => `50000000-0000-4000-8000-${String((made += 1)).padStart(12, '0')}`;

async function table(name: string): Promise<TableDetails> {
  const [details] = await client.readTableDetails([name]);
  return details!;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const idsOf = (events: readonly ChangeEvent[]) =>
  events.flatMap((event) => (event.kind === 'row' ? [event.id] : []));
const goneOf = (events: readonly ChangeEvent[]) =>
  events.flatMap((event) => (event.kind === 'gone' ? [event.id] : []));
const linkOf = (events: readonly ChangeEvent[]) =>
  events.flatMap((event) => (event.kind === 'page-end' ? [event.deltaLink ?? event.nextLink] : [])).at(-1) ??
  '';

/** Ids as an outsider counts them. */
async function outsidersIds(set: string, id: string): Promise<string[]> {
  const { value } = await outsider.get(`${set}?$select=${id}`);
  return (value as Record<string, string>[]).map((row) => row[id]!).sort(); // rows of a small table
}

/** `done`, or the kind of the error; anything but a `DataverseError` fails the test. */
async function told(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof DataverseError) return error.kind;
    throw error;
  }
}

async function turn(settings: Readonly<Record<string, Value>>): Promise<Response> {
  return fetch(`${simulator.url}/_simulator/switches`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
}

async function newAccount(name = 'made for a switch'): Promise<string> {
  const id = nextId();
  await client.createRow(await table('account'), { name }, { id });
  return id;
}

/** Somebody without special rights. */
async function mira(): Promise<{ readonly client: DataverseClient; readonly id: string }> {
  const users = await table('systemuser');
  const columns = ['azureactivedirectoryobjectid'];
  const [row] = await all(client.readWhere(users, columns, "domainname eq 'mira.falk@lindqvist.example'"));
  const entraId = row?.values['azureactivedirectoryobjectid'];
  if (row === undefined || typeof entraId !== 'string') throw new Error('the demo has no Mira');
  return { client: client.as(entraId), id: row.id };
}

const newColumn = (name: string) => ({
  '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
  SchemaName: name,
  MaxLength: 100,
  RequiredLevel: { Value: 'None' },
  DisplayName: { LocalizedLabels: [{ Label: name, LanguageCode: 1033 }] },
});

async function addColumn(to: string): Promise<string> {
  const name = `new_added${(made += 1)}`;
  await outsider.send('POST', `EntityDefinitions(LogicalName='${to}')/Attributes`, newColumn(name));
  return name;
}

/** Every page size and way of reading a table gives the same rows, each once. */
async function readsWhole(pageSize: number): Promise<void> {
  const contact = await table('contact');
  const expected = await outsidersIds('contacts', 'contactid');
  expect(idsOf(await all(client.readAll(contact, ['lastname'], null, { pageSize }))).sort()).toEqual(
    expected,
  );
  const query = `<fetch count="${Math.min(pageSize, 5000)}"><entity name="contact"><attribute name="lastname"/></entity></fetch>`;
  const fetched = await all(client.readFetch(contact, ['lastname'], query));
  expect(fetched.map(({ id }) => id).sort()).toEqual(expected);
}

/** A filter that the service may refuse: the rows, or an error that says so. */
async function filterOrRefusal(filter: string, value: Value): Promise<void> {
  const account = await table('account');
  const rows = all(client.readWhere(account, ['name'], filter));
  if (value === 'refused')
    await expect(rows).rejects.toMatchObject({ kind: 'bad-request', table: 'account' });
  else expect((await rows).length).toBeGreaterThan(0);
}

async function stateOrRefusal(name: string, values: object, state: number, status: number): Promise<void> {
  const details = await table(name);
  const id = nextId();
  await outsider.send('POST', details.entitySet ?? '', { [details.primaryId ?? '']: id, ...values });
  const said = await told(client.setState(details, id, state, status));
  const row = await client.readRow(details, id, ['statecode']);
  expect(['done', 'bad-request']).toContain(said);
  expect(row?.values['statecode']).toBe(said === 'done' ? state : 0);
}

const reading = {
  pageSizeAboveCap: () => readsWhole(9000),
  topWithNextLink: async () => {
    const rows = await all(client.readWhere(await table('contact'), [], 'contactid ne null', { top: 3 }));
    expect(rows).toHaveLength(3);
  },
  shortPages: () => readsWhole(7),
  guidOrderInFilter: (value) => filterOrRefusal(`accountid gt ${nowhere}`, value),
  versionNumberInFilter: (value) => filterOrRefusal('versionnumber gt 1', value),
  ieee754Compatible: async () => {
    const quoting: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('accept', 'application/json;IEEE754Compatible=true');
      return fetch(input, { ...init, headers });
    };
    const sample = await table('demo_sample');
    const id = nextId();
    const values = {
      demo_name: 'x',
      demo_big: '9223372036854775807',
      demo_decimal: '99999999999.0123456789',
    };
    await client.createRow(sample, values, { id });
    const row = await simulator.connect(quoting).client.readRow(sample, id, Object.keys(values));
    expect(row?.values).toEqual(values);
  },
  securedColumns: async () => {
    const sample = await table('demo_sample');
    const readers = await all(
      client.readWhere(await table('systemuser'), ['azureactivedirectoryobjectid'], 'isdisabled eq false'),
    );
    let looked = 0;
    for (const { id, values } of readers) {
      const entraId = values['azureactivedirectoryobjectid'];
      if (typeof entraId !== 'string' || (await client.readableSecuredColumns(id, sample)).size > 0) continue;
      const rows = all(client.as(entraId).readAll(sample, ['demo_secret']));
      if ((await told(rows)) === 'forbidden') continue;
      for (const event of await rows)
        if (event.kind === 'row') expect(event.values).toEqual({ demo_secret: null });
      looked += 1;
    }
    expect(looked).toBeGreaterThan(0);
  },
  zoneOfIndependentTimes: async () => {
    const sample = await table('demo_sample');
    const id = nextId();
    await client.createRow(sample, { demo_name: 'x', demo_opens: '1753-01-01T08:30:00Z' }, { id });
    const row = await client.readRow(sample, id, ['demo_opens']);
    expect(row?.values).toEqual({ demo_opens: '1753-01-01T08:30:00Z' });
  },
  fetchAllLinks: async () => {
    const link =
      '<link-entity name="contact" from="parentcustomerid" to="accountid" link-type="all"><filter><condition attribute="lastname" operator="not-null"/></filter></link-entity>';
    const query = `<fetch count="5"><entity name="account"><attribute name="name"/>${link}</entity></fetch>`;
    const paged = await all(client.readFetch(await table('account'), ['name'], query));
    const whole = await outsider.get(
      `accounts?fetchXml=${encodeURIComponent(query.replace(' count="5"', ''))}`,
    );
    expect(paged.map(({ id }) => id)).toEqual(
      (whole['value'] as { accountid: string }[]).map((row) => row.accountid),
    );
  },
  sqlTop: async (value) => {
    const rows = client.query(`accounts?sql=${encodeURIComponent('SELECT TOP 2 name FROM account')}`);
    expect(await told(rows)).toBe(value === 'allowed' ? 'done' : 'bad-request');
  },
  sqlPagingCookie: async () => {
    // Rows may come twice then; the read ends all the same, for the links themselves differ.
    const account = await table('account');
    const link = `accounts?sql=${encodeURIComponent('SELECT accountid, name FROM account')}`;
    const ids = new Set(idsOf(await all(client.readAll(account, ['name'], link, { pageSize: 50 }))));
    expect([...ids].sort()).toEqual(await outsidersIds('accounts', 'accountid'));
  },
} satisfies Record<string, Scenario>;

const tablesAndChanges = {
  metadataChangeExpiresTokens: async (value) => {
    const contact = await table('contact');
    const link = linkOf(await all(client.readChanges(contact, ['lastname'], null)));
    await newAccount();
    await addColumn('contact');
    const said = await told(all(client.readChanges(contact, ['lastname'], link)));
    expect(said).toBe(value === true ? 'expired-token' : 'done');
  },
  expiredTokenStatus: async () => {
    await turn({ metadataChangeExpiresTokens: true });
    const contact = await table('contact');
    const link = linkOf(await all(client.readChanges(contact, ['lastname'], null)));
    await newAccount();
    await addColumn('contact');
    expect(await told(all(client.readChanges(contact, ['lastname'], link)))).toBe('expired-token');
    await turn({ metadataChangeExpiresTokens: false });
  },
  trackingWhereDisabled: async () => {
    const journal = await table('demo_journal');
    expect(await told(all(client.readChanges(journal, [], null)))).toBe('not-tracked');
  },
  changeWatermark: async (value) => {
    const account = await table('account');
    const changes = client.readChanges(account, ['name'], null, { pageSize: 5 })[Symbol.asyncIterator]();
    const first = (await changes.next()).value as ChangeEvent; // the table has rows
    if (first.kind !== 'row') throw new Error('the first event of a full table is a row');
    await outsider.send('PATCH', `accounts(${first.id})`, { name: 'changed behind the cursor' });
    const rest = await all({ [Symbol.asyncIterator]: () => changes });
    const later = idsOf(await all(client.readChanges(account, ['name'], linkOf(rest))));
    // With the token of the last page this change is in no delta; the keys with their versions still show it.
    expect(later).toEqual(value === 'firstPage' ? [first.id] : []);
    const key = (await all(client.readKeys(account))).find(({ id }) => id === first.id);
    expect(`W/"${key?.version}"`).not.toBe(first.etag);
  },
  rowMadeAgain: async (value) => {
    const account = await table('account');
    const id = await newAccount();
    const link = linkOf(await all(client.readChanges(account, ['name'], null)));
    await outsider.send('DELETE', `accounts(${id})`);
    await outsider.send('POST', 'accounts', { accountid: id, name: 'again' });
    const events = await all(client.readChanges(account, ['name'], link));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'row', id, values: { name: 'again' } }));
    // A tombstone behind its own row: that the row is there is told by looking for it.
    expect(goneOf(events)).toEqual(value === 'row' ? [] : [id]);
    expect([...(await client.readRows(account, goneOf(events), [])).keys()]).toEqual(goneOf(events));
  },
  formattedValuesDropDeltaLink: async () => {
    expect(linkOf(await all(client.readChanges(await table('account'), ['name'], null)))).toContain(
      '$deltatoken',
    );
  },
  filesInChanges: async (value) => {
    const sample = await table('demo_sample');
    const id = nextId();
    await client.createRow(sample, { demo_name: 'x' }, { id });
    const link = linkOf(await all(client.readChanges(sample, ['demo_name'], null)));
    await client.writeFile(sample, id, 'demo_document', contentOf(10));
    expect(idsOf(await all(client.readChanges(sample, ['demo_name'], link)))).toEqual(
      value === true ? [id] : [],
    );
    expect((await client.readRow(sample, id, ['demo_document']))?.values['demo_document']).not.toBeNull();
  },
  intersectTracking: async (value) => {
    const link = await table('demo_event_contact');
    expect(await told(all(client.readChanges(link, [], null)))).toBe(value === true ? 'done' : 'not-tracked');
  },
  metadataCacheSeconds: async () => {
    await table('account');
    const name = await addColumn('account');
    expect((await table('account')).columns.map((column) => column.name)).toContain(name);
  },
  elasticSessionLag: async () => {
    const log = await table('demo_reading');
    const row = { id: nextId(), partition: 'own' };
    await client.createMultiple(log, [{ ...row, values: { demo_name: 'new' } }]);
    expect((await client.readRow(log, row, ['demo_name']))?.values).toEqual({ demo_name: 'new' });
    await client.updateRow(log, row, { demo_name: 'newer' });
    const rows = await client.readRows(log, [row], ['demo_name']);
    expect([...rows.values()].map(({ values }) => values)).toEqual([{ demo_name: 'newer' }]);
  },
  expiredRowsInChanges: async (value) => {
    const log = await table('demo_reading');
    const row = { id: nextId(), partition: 'short' };
    await client.createMultiple(log, [{ ...row, values: { demo_name: 'short', ttlinseconds: 1 } }]);
    const link = linkOf(await all(client.readChanges(log, ['demo_name'], null)));
    await sleep(1500);
    const gone = goneOf(await all(client.readChanges(log, ['demo_name'], link)));
    expect(gone).toEqual(value === true ? [row.id] : []);
    expect((await all(client.readKeys(log))).map(({ id }) => id)).not.toContain(row.id);
    expect(await client.readRow(log, row, ['demo_name'])).toBeNull();
  },
  partitionInPatchUrl: async () => {
    const log = await table('demo_reading');
    const id = nextId();
    const [a, b] = ['a', 'b'].map((partition) => ({ id, partition })) as [
      { id: string; partition: string },
      { id: string; partition: string },
    ];
    for (const row of [a, b]) await client.createMultiple(log, [{ ...row, values: { demo_name: 'old' } }]);
    await client.updateRow(log, a, { demo_name: 'new' });
    const names = await client.readRows(log, [a, b], ['demo_name']);
    expect([...names].map(([key, { values }]) => [key, values['demo_name']]).sort()).toEqual([
      [`${id}|a`, 'new'],
      [`${id}|b`, 'old'],
    ]);
  },
  virtualProvider: async (value) => {
    const catalog = await table('demo_catalogitem');
    expect(catalog.kind).toBe('virtual');
    const rows = all(client.readAll(catalog, ['demo_name']));
    if (value === 'answers') expect(idsOf(await rows)).toHaveLength(7);
    else await expect(rows).rejects.toMatchObject({ kind: 'not-supported', table: 'demo_catalogitem' });
  },
  retainedRows: async (value) => {
    const query =
      '<fetch datasource="retained"><entity name="account"><attribute name="name"/></entity></fetch>';
    const said = await told(all(client.readFetch(await table('account'), ['name'], query)));
    if (value === 'refused') expect(said).not.toBe('done');
    else expect(['done', 'bad-request']).toContain(said);
  },
  elasticTracking: async (value) => {
    const log = await table('demo_reading');
    expect(await told(all(client.readChanges(log, ['demo_name'], null)))).toBe(
      value === true ? 'done' : 'not-tracked',
    );
  },
} satisfies Record<string, Scenario>;

function contentOf(bytes: number) {
  return {
    name: 'a.bin',
    mimeType: 'application/octet-stream',
    bytes,
    open: async function* () {
      yield await Promise.resolve(Buffer.alloc(bytes, 7));
    },
  };
}

const writing = {
  bindToMissingRow: async () => {
    const contact = await table('contact');
    const values = { lastname: 'x', parentcustomerid: { table: 'account', id: nowhere } };
    const id = nextId();
    expect(await told(client.createRow(contact, values, { id }))).toBe('not-found');
    expect(await client.readRow(contact, id, ['lastname'])).toBeNull();
  },
  restrictedDelete: async () => {
    const currencies = await table('transactioncurrency');
    const [used] = await all(client.readWhere(currencies, [], 'transactioncurrencyid ne null', { top: 1 }));
    const said = client.deleteRow(currencies, used!.id);
    await expect(said).rejects.toMatchObject({ kind: 'bad-request', serviceCode: '0x80040227' });
  },
  createdOnOverride: async () => {
    const account = await table('account');
    const id = nextId();
    await client.createRow(account, { name: 'old' }, { id, createdOn: '2001-02-03T04:05:06Z' });
    expect((await client.readRow(account, id, ['createdon']))?.values['createdon']).toBe(
      '2001-02-03T04:05:06Z',
    );
  },
  createdOnOverrideTime: async (value) => {
    const account = await table('account');
    const id = nextId();
    await client.createRow(account, { name: 'old' }, { id, createdOn: '2001-02-03T04:05:06Z' });
    const createdOn = (await client.readRow(account, id, ['createdon']))?.values['createdon'];
    expect(createdOn).toBe(value === 'kept' ? '2001-02-03T04:05:06Z' : '2001-02-03T00:00:00Z');
  },
  createdOnOverrideWithoutRight: async (value) => {
    const { client: hers } = await mira();
    const account = await table('account');
    const id = nextId();
    const said = await told(
      hers.createRow(account, { name: 'x' }, { id, createdOn: '2001-02-03T04:05:06Z' }),
    );
    expect(said).toBe(value === 'refused' ? 'forbidden' : 'done');
    expect((await client.readRow(account, id, [])) === null).toBe(said !== 'done');
  },
  explicitAutoNumber: async (value) => {
    const sample = await table('demo_sample');
    const id = nextId();
    await client.createRow(sample, { demo_name: 'x', demo_code: 'OWN-1' }, { id });
    const code = (await client.readRow(sample, id, ['demo_code']))?.values['demo_code'];
    if (value === 'kept') expect(code).toBe('OWN-1');
    else expect(code).not.toBe('OWN-1');
    await client.deleteRow(sample, id);
  },
  owningUnitWhenOff: async (value) => {
    const account = await table('account');
    const unit = (await client.whoAmI()).businessUnitId;
    const id = nextId();
    const values = { name: 'x', owningbusinessunit: { table: 'businessunit', id: unit } };
    const said = await told(client.createRow(account, values, { id }));
    expect(value === 'ignored' ? [said] : ['done', 'bad-request', 'forbidden']).toContain(said);
    expect((await client.readRow(account, id, [])) === null).toBe(said !== 'done');
  },
  duplicateRuleRefusal: async () => {
    const rule = { name: 'same fax', baseentityname: 'account', matchingentityname: 'account' };
    const made = await outsider.send('POST', 'duplicaterules', rule);
    const ruleId = /\(([0-9a-f-]{36})\)/.exec(made.headers.get('odata-entityid') ?? '')?.[1] ?? '';
    await outsider.send('POST', 'duplicateruleconditions', {
      baseattributename: 'fax',
      matchingattributename: 'fax',
      operatorcode: 0,
      ignoreblankvalues: true,
      'regardingobjectid@odata.bind': `/duplicaterules(${ruleId})`,
    });
    await outsider.send('POST', `duplicaterules(${ruleId})/Microsoft.Dynamics.CRM.PublishDuplicateRule`, {});
    const status = async () =>
      String((await outsider.get(`duplicaterules(${ruleId})?$select=statuscode`))['statuscode']);
    for (let tries = 0; tries < 50 && (await status()) !== '2'; tries += 1) await sleep(200);
    const account = await table('account');
    const fax = nextId();
    await client.createRow(account, { name: 'one', fax }, { id: nextId() });
    const again = client.createRow(account, { name: 'two', fax }, { id: nextId(), detectDuplicates: true });
    await expect(again).rejects.toMatchObject({ kind: 'duplicate', table: 'account' });
    await outsider.send('POST', 'UnpublishDuplicateRule', { DuplicateRuleId: ruleId });
  },
  cancelCaseByUpdate: async () => {
    const account = await newAccount();
    await stateOrRefusal(
      'incident',
      { title: 'x', 'customerid_account@odata.bind': `/accounts(${account})` },
      2,
      6,
    );
  },
  qualifyLeadByUpdate: () => stateOrRefusal('lead', { subject: 'x', lastname: 'x' }, 1, 3),
  repeatedConnection: async (value) => {
    const connection = await table('connection');
    const [a, b] = [await newAccount(), await newAccount()];
    const values = { record1id: { table: 'account', id: a }, record2id: { table: 'account', id: b } };
    expect(await told(client.createRow(connection, values, { id: nextId() }))).toBe('done');
    const id = nextId();
    const said = await told(client.createRow(connection, values, { id }));
    if (value === 'made') expect(said).toBe('done');
    else expect(['duplicate', 'bad-request']).toContain(said);
    expect((await client.readRow(connection, id, [])) === null).toBe(said !== 'done');
  },
  sharingAgain: async (value) => {
    const { id: user } = await mira();
    const account = await table('account');
    const id = await newAccount();
    for (const AccessMask of ['ShareAccess', 'AssignAccess']) {
      await outsider.send('POST', 'GrantAccess', {
        Target: { '@odata.type': 'Microsoft.Dynamics.CRM.account', accountid: id },
        PrincipalAccess: {
          Principal: { '@odata.type': 'Microsoft.Dynamics.CRM.systemuser', systemuserid: user },
          AccessMask,
        },
      });
    }
    const rights = await client.rightsOn(user, account, id);
    const shown = await outsider.get(
      `systemusers(${user})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)?@t={'@odata.id':'accounts(${id})'}`,
    );
    const expected = String(shown['AccessRights'])
      .split(/,\s*/)
      .filter((one) => one !== 'None')
      .map((one) => one.replace('Access', ''));
    expect([...(rights ?? [])].sort()).toEqual(expected.sort());
    expect(['adds', 'replaces']).toContain(value);
  },
  failedChangeSet: async () => {
    const [a, b] = [await newAccount('a'), await newAccount('b')];
    const patch = (id: string, group?: string) => ({
      method: 'PATCH' as const,
      url: `accounts(${id})`,
      headers: { 'If-Match': '*' },
      body: '{"name":"new"}',
      ...(group === undefined ? {} : { group }),
    });
    const requests = [patch(a, 'g'), patch(nowhere, 'g'), patch(b)];
    const outcomes = await client.batch(requests, { continueOnError: true });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rolled-back', 'refused', 'done']);
    const rows = await client.readRows(await table('account'), [a, b], ['name']);
    expect([a, b].map((id) => rows.get(id)?.values['name'])).toEqual(['a', 'new']);
  },
  emptyFile: async () => {
    const sample = await table('demo_sample');
    const id = nextId();
    await client.createRow(sample, { demo_name: 'x' }, { id });
    expect(await client.readFile(sample, id, 'demo_document')).toBeNull();
    expect(await client.readFile(sample, id, 'demo_document', nowhere)).toBeNull();
  },
  fileChunking: async () => {
    const sample = await table('demo_sample');
    const id = nextId();
    await client.createRow(sample, { demo_name: 'x' }, { id });
    await client.writeFile(sample, id, 'demo_document', contentOf(9 << 20));
    const file = await client.readFile(sample, id, 'demo_document');
    expect(Buffer.from(await collect(file!.stream)).equals(Buffer.alloc(9 << 20, 7))).toBe(true);
    const note = await table('annotation');
    const [row] = await all(client.readWhere(note, [], 'isdocument eq true', { top: 1 }));
    expect(
      (await collect((await client.readBody(note, row!.id, 'documentbody'))!.stream)).length,
    ).toBeGreaterThan(0);
  },
  disabledImpersonation: async () => {
    const users = await table('systemuser');
    const columns = ['azureactivedirectoryobjectid'];
    const [row] = await all(
      client.readWhere(users, columns, 'isdisabled eq true and azureactivedirectoryobjectid ne null'),
    );
    const entraId = row?.values['azureactivedirectoryobjectid'];
    if (typeof entraId !== 'string') throw new Error('the demo has nobody who is disabled');
    await expect(client.as(entraId).whoAmI()).rejects.toMatchObject({
      kind: 'forbidden',
      hint: expect.stringContaining('disabled') as string,
    });
  },
  bypassWithoutRight: async (value) => {
    const { client: hers, id: user } = await mira();
    const account = await table('account');
    const id = nextId();
    await client.createRow(account, { name: 'x', ownerid: { table: 'systemuser', id: user } }, { id });
    const said = await told(hers.updateRow(account, id, { name: 'y' }, { bypassCustomLogic: true }));
    expect(said).toBe(value === 'refused' ? 'forbidden' : 'done');
    const name = (await client.readRow(account, id, ['name']))?.values['name'];
    expect(name).toBe(said === 'done' ? 'y' : 'x');
  },
} satisfies Record<string, Scenario>;

/** Reads several tables at once in small pages and gets what is there; something was refused, and nobody came early. */
async function readsBehind(
  options: Parameters<LimitedService['visit']>[0],
  usedBefore = 0,
): Promise<LimitedVisit> {
  const visit = await limitedService.visit(options);
  const details = await limitedService.outsider.readTableDetails([
    'account',
    'contact',
    'systemuser',
    'team',
  ]);
  await visit.useUp(usedBefore);
  const rowsOf = async (from: DataverseClient, pageSize: number) => {
    const events = await Promise.all(
      details.map((one) =>
        all(from.readAll(one, one.primaryName === null ? [] : [one.primaryName], null, { pageSize })),
      ),
    );
    return events.map((list) =>
      list.flatMap((event) =>
        event.kind === 'row' ? [{ id: event.id, etag: event.etag, values: event.values }] : [],
      ),
    );
  };
  const rows = await visit.run(rowsOf(visit.client, 10));
  expect(rows).toEqual(await rowsOf(limitedService.outsider, 5000));
  expect(visit.watch.refusals.length).toBeGreaterThan(0);
  expect(visit.watch.early).toBe(0);
  return visit;
}

const refusedAs = ({ watch }: LimitedVisit): string[] => [...new Set(watch.refusals.map(({ text }) => text))];

/** Batches of creates, several at once, of which the limits let only some through at a time. */
async function createsInBatches(value: Value): Promise<void> {
  const visit = await limitedService.visit({ limits: { requests: 4, executionMs: 5_000 } });
  const batches = Array.from({ length: 6 }, (_, batch) =>
    Array.from({ length: 20 }, (_, row) => ({ id: nextId(), name: `${String(value)} ${batch} ${row}` })),
  );
  const sent = batches.map((rows) =>
    visit.client.batch(
      rows.map(({ id, name }) => ({
        method: 'POST',
        url: 'accounts',
        body: JSON.stringify({ accountid: id, name }),
      })),
      { continueOnError: true },
    ),
  );
  const outcomes = await visit.run(Promise.all(sent));
  expect(outcomes.flat().filter(({ kind }) => kind !== 'done')).toEqual([]);
  const [account] = await limitedService.outsider.readTableDetails(['account']);
  const ids = batches.flat().map(({ id }) => id);
  const rows = await limitedService.outsider.readRows(account!, ids, ['name']);
  expect(batches.flat().map(({ id }) => rows.get(id)?.values['name'])).toEqual(
    batches.flat().map(({ name }) => name),
  );
  expect(visit.traffic.counts.refused.requests).toBeGreaterThan(0);
  expect(visit.watch.refusals.length).toBeGreaterThan(0);
  expect(visit.watch.early).toBe(0);
}

/** In this process and on a driven clock: what has to be waited for are minutes. */
const traffic = {
  requestLimit: async (value) => {
    const visit = await readsBehind({ limits: true }, Number(value) - 5);
    expect(refusedAs(visit).join()).toContain(`exceeded the limit of ${value} `);
  },
  refusedRequestsCount: async () => {
    const { traffic } = await readsBehind({ limits: { requests: 6 } });
    expect(traffic.counts.refused.requests).toBeGreaterThan(0);
  },
  earlyRequestsRefused: async () => {
    const { traffic } = await readsBehind({ limits: { executionMs: 150 } });
    expect(traffic.counts.refused.executionTime).toBeGreaterThan(0);
  },
  concurrencyRetryAfter: async (value) => {
    const visit = await readsBehind({ limits: { concurrent: 1 } });
    expect(visit.traffic.counts.refused.concurrency).toBeGreaterThan(0);
    const asked = visit.watch.refusals.filter(({ untilMs }) => untilMs !== null);
    expect(asked).toHaveLength(value === 'absent' ? 0 : visit.watch.refusals.length);
  },
  throttlingCode: async (value) => {
    const visit = await readsBehind({ limits: { requests: 6 } });
    expect(refusedAs(visit).join()).toContain(value === 'hex' ? '"0x80072322"' : '"-2147015902"');
  },
  throttledBatch: createsInBatches,
  rateLimitHeaders: async () => {
    const { traffic } = await readsBehind({ limits: { requests: 6 } });
    expect(traffic.counts.refused.requests).toBeGreaterThan(0);
  },
  // Also where it advises more than is allowed.
  dopHintHeader: async () => {
    const { traffic } = await readsBehind({ limits: { concurrent: 2 }, dopHint: 40 });
    expect(traffic.counts.refused.concurrency).toBeGreaterThan(0);
  },
  messageLanguage: async () => {
    const account = await table('account');
    expect(await client.readRow(account, nowhere, ['name'])).toBeNull();
    expect(await client.deleteRow(account, nowhere)).toBe(false);
    const id = await newAccount();
    expect(await told(client.createRow(account, { name: 'twice' }, { id }))).toBe('duplicate');
    const team = await table('team');
    const outcomes = await client.updateMultiple(team, [{ id: nowhere, values: { name: 'x' } }]);
    expect(outcomes).toMatchObject([{ kind: 'refused', error: { kind: 'not-found' } }]);
  },
} satisfies Record<string, Scenario>;

const scenarios: Readonly<Record<string, Scenario>> = {
  ...reading,
  ...tablesAndChanges,
  ...writing,
  ...traffic,
};

/** Every switch with its values, as the simulator lists them when it is asked for one that is none. */
async function switches(): Promise<Readonly<Record<string, { readonly values: readonly Value[] }>>> {
  const answer = (await (await turn({ thereIsNoSuchSwitch: true })).json()) as {
    switches: Record<string, { values: Value[] }>;
  };
  return answer.switches;
}

test('no switch of the simulator is without a scenario of our client, and no scenario without a switch', async () => {
  const known = Object.keys(await switches());
  const missing = known.filter((name) => !(name in scenarios));
  const idle = Object.keys(scenarios).filter((name) => !known.includes(name));
  if (missing.length + idle.length === 0) return;
  throw new Error(
    `Add to ${import.meta.filename} a scenario for ${missing.join(', ') || 'none'}: what our client does where the ` +
      `switch matters, for each of its values. Remove those of ${idle.join(', ') || 'none'}.`,
  );
});

test.each(Object.keys(scenarios))(
  'our client does the right thing whichever way %s is turned',
  async (name) => {
    const { values } = (await switches())[name] ?? { values: [] };
    expect(values.length).toBeGreaterThan(1);
    for (const value of values) {
      expect((await turn({ [name]: value })).status).toBe(200);
      await limitedService.turn({ [name]: value });
      try {
        await scenarios[name]!(value);
      } catch (cause) {
        throw new Error(`${name}=${value}: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      } finally {
        await turn({ [name]: values[0]! });
        await limitedService.turn({ [name]: values[0]! });
      }
    }
  },
);
