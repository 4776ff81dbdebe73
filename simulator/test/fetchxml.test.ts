import type { Switches } from '../src/service/switches.ts';
import { startClient, type Answer, type Client } from './support/client.ts';

let client: Client;
const ids = new Map<string, string>();
beforeAll(async () => {
  client = await startClient({ demo: { size: 1, seed: 5 } });
  await seed();
});
afterAll(() => client.close());

const ALL = { Prefer: 'odata.include-annotations="*"' };

async function made(set: string, key: string, label: string, body: Record<string, unknown>): Promise<void> {
  const answer = await client.post(set, body, { Prefer: 'return=representation' });
  expect({ status: answer.status, error: answer.json?.error }).toEqual({ status: 201, error: undefined });
  ids.set(label, answer.json[key]);
}

/**
 * Accounts P (contacts p1, p2), Q (contact q1) and R (none); samples s1…s5 under them.
 * `description` marks what belongs to these tests.
 */
async function seed(): Promise<void> {
  for (const name of ['P', 'Q', 'R']) {
    const parent = name === 'P' ? {} : { 'parentaccountid@odata.bind': `/accounts(${ids.get('P')})` };
    await made('accounts', 'accountid', name, { name, description: 'fx', ...parent });
  }
  for (const [label, owner, title] of [
    ['p1', 'P', 'chief'],
    ['p2', 'P', 'clerk'],
    ['q1', 'Q', 'clerk'],
  ] as const) {
    await made('contacts', 'contactid', label, {
      lastname: label,
      description: 'fx',
      jobtitle: title,
      'parentcustomerid_account@odata.bind': `/accounts(${ids.get(owner)})`,
    });
  }
  for (const [label, owner, count, big, decimal, price, tested, uses] of [
    ['s1', 'P', 1, '9007199254740993', '0.1', '10.5', '2026-03-25T10:00:00Z', '100000000'],
    ['s2', 'P', 2, '9007199254740993', '0.2', '0.25', '2026-08-27T10:00:00Z', '100000000,100000001'],
    ['s3', 'Q', 2, '1', '0.3', null, '2025-08-01T00:00:00Z', null],
    ['s4', 'Q', null, null, null, null, null, null],
    ['s5', null, 10, null, null, null, null, null],
  ] as const) {
    const raw = JSON.stringify({
      demo_name: label,
      demo_notes: 'fx',
      demo_count: count,
      demo_uses: uses,
      demo_tested: tested,
      ...(owner === null ? {} : { 'demo_AccountId@odata.bind': `/accounts(${ids.get(owner)})` }),
    });
    const numbers = [
      ['demo_big', big],
      ['demo_decimal', decimal],
      ['demo_price', price],
    ].flatMap(([name, text]) => (text === null ? [] : [`"${name}":${text}`]));
    const answer = await client.call('POST', 'demo_samples', {
      raw: `${raw.slice(0, -1)}${numbers.map((one) => `,${one}`).join('')}}`,
      headers: { 'Content-Type': 'application/json', Prefer: 'return=representation' },
    });
    expect(answer.status).toBe(201);
    ids.set(label, answer.json.demo_sampleid);
  }
}

const MINE = '<condition attribute="description" operator="eq" value="fx"/>';
const MY_SAMPLES = '<condition attribute="demo_notes" operator="like" value="fx"/>';

function send(set: string, xml: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return client.get(`${set}?fetchXml=${encodeURIComponent(xml)}`, headers);
}

type Rows = readonly Record<string, unknown>[];

async function run(set: string, xml: string, headers: Readonly<Record<string, string>> = {}): Promise<Rows> {
  const { status, json } = await send(set, xml, headers);
  expect({ status, error: json.error }).toEqual({ status: 200, error: undefined });
  return json.value;
}

/** The values of one member, in the order of the rows. */
async function column(set: string, xml: string, name: string): Promise<unknown[]> {
  return (await run(set, xml)).map((row) => row[name]);
}

const accounts = (inner: string, attributes = '') =>
  `<fetch ${attributes}><entity name="account"><attribute name="name"/><order attribute="name"/>${inner}</entity></fetch>`;

const contactsOf = (type: string, inner = '') =>
  `<link-entity name="contact" from="parentcustomerid" to="accountid" alias="c" link-type="${type}">${inner}</link-entity>`;
const CLERKS = '<filter><condition attribute="jobtitle" operator="eq" value="clerk"/></filter>';
const LASTNAME = '<attribute name="lastname"/>';
const BY_LASTNAME = `${LASTNAME}<order attribute="lastname"/>`;

const filtered = (inner: string) => `<filter>${MINE}${inner}</filter>`;

describe('links', () => {
  test('inner joins repeat the parent for each child, outer ones keep parents without', async () => {
    const inner = await run('accounts', accounts(filtered('') + contactsOf('inner', BY_LASTNAME)));
    expect(inner.map((row) => [row['name'], row['c.lastname']])).toEqual([
      ['P', 'p1'],
      ['P', 'p2'],
      ['Q', 'q1'],
    ]);
    const outer = await run('accounts', accounts(filtered('') + contactsOf('outer', BY_LASTNAME)));
    expect(outer.map((row) => [row['name'], row['c.lastname']])).toEqual([
      ['P', 'p1'],
      ['P', 'p2'],
      ['Q', 'q1'],
      ['R', undefined],
    ]);
  });

  test('a filter in an outer link belongs to the join; with entityname it is judged after it', async () => {
    const joined = await run('accounts', accounts(filtered('') + contactsOf('outer', LASTNAME + CLERKS)));
    expect(joined.map((row) => [row['name'], row['c.lastname']])).toEqual([
      ['P', 'p2'],
      ['Q', 'q1'],
      ['R', undefined],
    ]);
    const absent = '<condition entityname="c" attribute="contactid" operator="null"/>';
    expect(await column('accounts', accounts(filtered(absent) + contactsOf('outer')), 'name')).toEqual(['R']);
  });

  test.each([
    ['exists', ['P', 'Q']],
    ['in', ['P', 'Q']],
    ['matchfirstrowusingcrossapply', ['P', 'Q', 'R']],
  ])('%s takes each parent once', async (type, expected) => {
    expect(await column('accounts', accounts(filtered('') + contactsOf(type)), 'name')).toEqual(expected);
  });

  test('matchfirstrowusingcrossapply shows one of the children', async () => {
    const link = contactsOf('matchfirstrowusingcrossapply', LASTNAME + CLERKS);
    const rows = await run('accounts', accounts(filtered('') + link));
    expect(rows.map((row) => row['c.lastname'])).toEqual(['p2', 'q1', undefined]);
  });

  test.each([
    ['any', 'inverted', 'PQ'],
    ['not any', 'inverted', 'R'],
    ['all', 'inverted', ''],
    ['not all', 'inverted', 'PQ'],
    ['any', 'literal', 'PQ'],
    ['not any', 'literal', 'R'],
    ['all', 'literal', 'QR'],
    ['not all', 'literal', 'P'],
  ] as const)('link type "%s" in a filter (%s)', async (type, fetchAllLinks, expected) => {
    const before = client.server.environment.switches;
    const set: Partial<Switches> = { fetchAllLinks };
    client.server.environment.switches = { ...before, ...set };
    const names = await column('accounts', accounts(filtered(contactsOf(type, CLERKS))), 'name');
    client.server.environment.switches = before;
    expect(names.join('')).toBe(expected);
  });

  test('"all" finds parents whose children all fail the filter', async () => {
    const chiefs = CLERKS.replace('clerk', 'chief');
    expect(await column('accounts', accounts(filtered(contactsOf('all', chiefs))), 'name')).toEqual(['Q']);
  });

  test('filter links stand beside conditions under "or"', async () => {
    const xml = accounts(
      `<filter type="and">${MINE}<filter type="or">${contactsOf('not any')}<condition attribute="name" operator="eq" value="P"/></filter></filter>`,
    );
    expect(await column('accounts', xml, 'name')).toEqual(['P', 'R']);
  });

  test('many-to-many through the intersect table', async () => {
    const team = await client.get('teams?$select=name,teamid&$top=1');
    const { UserId } = (await client.get('WhoAmI')).json;
    const { teamid, name } = team.json.value[0];
    await client.post(`teams(${teamid})/teammembership_association/$ref`, {
      '@odata.id': `systemusers(${UserId})`,
    });
    const xml = `<fetch><entity name="systemuser"><attribute name="fullname"/><filter><condition attribute="systemuserid" operator="eq-userid"/></filter>
      <link-entity name="teammembership" from="systemuserid" to="systemuserid" intersect="true">
      <link-entity name="team" from="teamid" to="teamid" alias="t"><attribute name="name"/></link-entity></link-entity></entity></fetch>`;
    expect((await run('systemusers', xml)).map((row) => row['t.name'])).toContain(name);
  });

  test('without from and to the only relationship between the tables is taken', async () => {
    const xml = `<fetch><entity name="demo_sample"><attribute name="demo_name"/><filter>${MY_SAMPLES}${condition('demo_price', 'not-null')}</filter><order attribute="demo_name"/><link-entity name="transactioncurrency" alias="t"><attribute name="isocurrencycode"/></link-entity></entity></fetch>`;
    const rows = await run('demo_samples', xml);
    expect(rows.map((row) => [row['demo_name'], typeof row['t.isocurrencycode']])).toEqual([
      ['s1', 'string'],
      ['s2', 'string'],
    ]);
    expect(await send('accounts', entity('<link-entity name="contact"/>'))).toMatchObject({
      code: '0x80041111',
    });
  });

  test('order by a joined column: no cookie, pages by number', async () => {
    const page = (number: number) =>
      `<fetch count="2" page="${number}"><entity name="contact"><attribute name="lastname"/><filter>${MINE}</filter>
       <link-entity name="account" from="accountid" to="parentcustomerid" alias="a"><attribute name="name"/><order attribute="name" descending="true"/></link-entity></entity></fetch>`;
    const first = await send('contacts', page(1), ALL);
    expect(first.json['@Microsoft.Dynamics.CRM.morerecords']).toBe(true);
    expect(first.json).not.toHaveProperty(['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie']);
    const second = await run('contacts', page(2));
    const names = [...first.json.value, ...second].map((row: Record<string, unknown>) => row['a.name']);
    expect(names).toEqual(['Q', 'P', 'P']);
  });

  test('children that a page splits are lost with the cookie, which tells the parent only', async () => {
    const xml = (attributes: string) => accounts(filtered('') + contactsOf('inner', LASTNAME), attributes);
    const first = await send('accounts', xml('count="1" page="1"'), ALL);
    expect(first.json.value).toHaveLength(1);
    expect(first.json.value[0]['c.lastname']).toMatch(/^p[12]$/);
    const second = await run('accounts', xml(`count="1" page="2" paging-cookie="${cookieOf(first)}"`));
    expect(second.map((row) => row['c.lastname'])).toEqual(['q1']);
  });
});

/** As a client makes it: decoded twice, then escaped for an XML attribute. */
function cookieOf(answer: Answer): string {
  const outer: string = answer.json['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie'];
  const inner = decodeURIComponent(decodeURIComponent(/pagingcookie="([^"]*)"/.exec(outer)![1]!));
  return inner
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const condition = (attribute: string, operator: string, values: readonly string[] | string = []) =>
  typeof values === 'string'
    ? `<condition attribute="${attribute}" operator="${operator}" value="${values}"/>`
    : `<condition attribute="${attribute}" operator="${operator}">${values.map((one) => `<value>${one}</value>`).join('')}</condition>`;

const samples = (inner: string, attributes = '') =>
  `<fetch ${attributes}><entity name="demo_sample"><attribute name="demo_name"/><filter>${MY_SAMPLES}${inner}</filter><order attribute="demo_name"/></entity></fetch>`;

describe('conditions', () => {
  test.each([
    [condition('demo_count', 'eq', '2'), 's2 s3'],
    [condition('demo_count', 'ne', '2'), 's1 s4 s5'],
    [condition('demo_count', 'neq', '2'), 's1 s4 s5'],
    [condition('demo_count', 'gt', '2'), 's5'],
    [condition('demo_count', 'ge', '2'), 's2 s3 s5'],
    [condition('demo_count', 'lt', '2'), 's1'],
    [condition('demo_count', 'le', '2'), 's1 s2 s3'],
    [condition('demo_count', 'null'), 's4'],
    [condition('demo_count', 'not-null'), 's1 s2 s3 s5'],
    [condition('demo_count', 'in', ['1', '10']), 's1 s5'],
    [condition('demo_count', 'not-in', ['1', '10']), 's2 s3 s4'],
    [condition('demo_count', 'between', ['2', '10']), 's2 s3 s5'],
    [condition('demo_count', 'not-between', ['2', '10']), 's1 s4'],
    [condition('demo_name', 'like', '_[1-3]'), 's1 s2 s3'],
    [condition('demo_name', 'not-like', '%[1-3]'), 's4 s5'],
    [condition('demo_name', 'begins-with', 'S'), 's1 s2 s3 s4 s5'],
    [condition('demo_name', 'not-begin-with', 's1'), 's2 s3 s4 s5'],
    [condition('demo_name', 'ends-with', '5'), 's5'],
    [condition('demo_name', 'not-end-with', '5'), 's1 s2 s3 s4'],
    [condition('demo_uses', 'contain-values', ['100000001']), 's2'],
    [condition('demo_uses', 'not-contain-values', ['100000001']), 's1 s3 s4 s5'],
    [condition('demo_tested', 'on', '2026-03-25'), 's1'],
    [condition('demo_tested', 'not-on', '2026-03-25'), 's2 s3 s4 s5'],
    [condition('demo_tested', 'on-or-after', '2026-03-25'), 's1 s2'],
    [condition('demo_tested', 'on-or-before', '2026-03-25'), 's1 s3'],
    [condition('demo_tested', 'last-x-months', '4'), 's1'],
    [condition('demo_tested', 'in-fiscal-period-and-year', ['3', '2026']), 's2'],
    [condition('demo_tested', 'olderthan-x-days', '10'), 's1 s3'],
    [condition('ownerid', 'eq-userid'), 's1 s2 s3 s4 s5'],
    [condition('ownerid', 'ne-userid'), ''],
    [
      `<filter type="or">${condition('demo_count', 'eq', '1')}<filter>${condition('demo_count', 'eq', '2')}${condition('demo_name', 'eq', 's3')}</filter></filter>`,
      's1 s3',
    ],
  ])('%s', async (inner, expected) => {
    expect((await column('demo_samples', samples(inner), 'demo_name')).join(' ')).toBe(expected);
  });

  test('columns are compared with columns, of joined tables too', async () => {
    const same = '<condition attribute="demo_name" operator="ne" valueof="demo_code"/>';
    expect((await column('demo_samples', samples(same), 'demo_name')).length).toBe(5);
    const xml = `<fetch><entity name="demo_sample"><attribute name="demo_name"/><filter>${MY_SAMPLES}<condition attribute="demo_name" operator="gt" valueof="a.name"/></filter>
      <link-entity name="account" from="accountid" to="demo_accountid" alias="a"/><order attribute="demo_name"/></entity></fetch>`;
    expect((await column('demo_samples', xml, 'demo_name')).join(' ')).toBe('s1 s2 s3 s4');
  });

  test('hierarchies: under a row, and how many children it has', async () => {
    const under = accounts(filtered(condition('accountid', 'under', ids.get('P'))));
    expect(await column('accounts', under, 'name')).toEqual(['Q', 'R']);
    const orEqual = accounts(filtered(condition('accountid', 'eq-or-above', ids.get('Q'))));
    expect(await column('accounts', orEqual, 'name')).toEqual(['P', 'Q']);
    const counted = accounts(
      `<attribute name="accountid" alias="kids" rowaggregate="CountChildren"/>${filtered('')}`,
    );
    expect((await run('accounts', counted)).map((row) => row['kids'])).toEqual([2, 0, 0]);
  });
});

const aggregate = (inner: string, attributes = '') =>
  `<fetch aggregate="true" ${attributes}><entity name="demo_sample">${inner}<filter>${MY_SAMPLES}</filter></entity></fetch>`;
const value = (name: string, fn: string, more = '') =>
  `<attribute name="${name}" alias="v_${fn}" aggregate="${fn}" ${more}/>`;
const group = (name: string, alias: string, more = '') =>
  `<attribute name="${name}" alias="${alias}" groupby="true" ${more}/>`;

describe('aggregates', () => {
  test('count, countcolumn, sum, avg, min and max leave nulls aside; sums are exact', async () => {
    const { text } = await send(
      'demo_samples',
      aggregate(
        ['count', 'countcolumn', 'sum', 'avg', 'min', 'max'].map((fn) => value('demo_count', fn)).join(''),
      ),
    );
    expect(text).toContain('[{"v_count":5,"v_countcolumn":4,"v_sum":15,"v_avg":3,"v_min":1,"v_max":10}]');
    const big = await send(
      'demo_samples',
      aggregate(value('demo_big', 'sum') + value('demo_big', 'max').replace('v_max', 'm')),
    );
    expect(big.text).toContain('[{"v_sum":18014398509481987,"m":9007199254740993}]');
    const decimal = await send(
      'demo_samples',
      aggregate(value('demo_decimal', 'sum') + value('demo_decimal', 'avg')),
    );
    expect(decimal.text).toContain('[{"v_sum":0.6000000000,"v_avg":0.2000000000}]');
    const money = await send(
      'demo_samples',
      aggregate(value('demo_price', 'sum') + value('demo_price', 'avg')),
      ALL,
    );
    expect(money.text).toContain('"v_sum":10.750000000');
    expect(money.text).toContain('"v_avg":5.375000000');
    expect(money.text).toMatch(/"v_sum@OData\.Community\.Display\.V1\.FormattedValue":".10\.7500"/);
    const distinct = await run(
      'demo_samples',
      aggregate(value('demo_count', 'countcolumn', 'distinct="true"')),
    );
    expect(distinct).toEqual([{ v_countcolumn: 3 }]);
  });

  test('groups, of joined columns too, are ordered by their alias; a group of nulls has no member', async () => {
    const xml = `<fetch aggregate="true"><entity name="demo_sample">${value('demo_count', 'sum')}<filter>${MY_SAMPLES}</filter>
      <link-entity name="account" from="accountid" to="demo_accountid" link-type="outer" alias="a">${group('name', 'account')}<order alias="account" descending="true"/></link-entity></entity></fetch>`;
    expect(await run('demo_samples', xml)).toEqual([
      { v_sum: 2, account: 'Q' },
      { v_sum: 3, account: 'P' },
      { v_sum: 10 },
    ]);
  });

  test('dates are grouped by day, week, month, quarter, year and fiscal parts', async () => {
    const parts = ['day', 'week', 'month', 'quarter', 'year', 'fiscal-period', 'fiscal-year'];
    const xml = aggregate(
      parts.map((part) => group('demo_tested', part.replace('-', '_'), `dategrouping="${part}"`)).join('') +
        value('demo_count', 'count'),
    );
    const rows = await run('demo_samples', xml, ALL);
    const plain = rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !name.includes('@'))),
    );
    expect(plain).toEqual([
      { v_count: 2 },
      {
        day: 1,
        week: 31,
        month: 8,
        quarter: 3,
        year: 2025,
        fiscal_period: 202503,
        fiscal_year: 2025,
        v_count: 1,
      },
      {
        day: 25,
        week: 13,
        month: 3,
        quarter: 1,
        year: 2026,
        fiscal_period: 202601,
        fiscal_year: 2026,
        v_count: 1,
      },
      {
        day: 27,
        week: 35,
        month: 8,
        quarter: 3,
        year: 2026,
        fiscal_period: 202603,
        fiscal_year: 2026,
        v_count: 1,
      },
    ]);
    expect(rows[3]!['fiscal_period@OData.Community.Display.V1.FormattedValue']).toBe('Quarter 3 FY2026');
  });

  test('without rows a count is zero and the rest is left out', async () => {
    const xml = aggregate(value('demo_count', 'count') + value('demo_count', 'sum')).replace(
      '"fx"',
      '"nobody"',
    );
    expect(await run('demo_samples', xml)).toEqual([{ v_count: 0 }]);
  });

  test('more input than aggregatelimit is refused with 0x8004E023', async () => {
    expect(
      await send('demo_samples', aggregate(value('demo_count', 'count'), 'aggregatelimit="4"')),
    ).toMatchObject({
      status: 400,
      code: '0x8004E023',
    });
    expect(
      await run('demo_samples', aggregate(value('demo_count', 'count'), 'aggregatelimit="5"')),
    ).toHaveLength(1);
  });
});

describe('the fetch element', () => {
  test('no attributes means all columns; no-attrs none but the key', async () => {
    const all = await run(
      'accounts',
      `<fetch top="1"><entity name="account"><filter>${MINE}</filter></entity></fetch>`,
    );
    expect(all[0]).toHaveProperty('statecode');
    const none = await run(
      'accounts',
      `<fetch top="1"><entity name="account"><no-attrs/><filter>${MINE}</filter></entity></fetch>`,
    );
    expect(Object.keys(none[0]!).sort()).toEqual(['@odata.etag', 'accountid']);
  });

  test('distinct rows have no key unless it is asked for', async () => {
    const xml = `<fetch distinct="true"><entity name="contact"><attribute name="jobtitle"/><filter>${MINE}</filter><order attribute="jobtitle"/></entity></fetch>`;
    expect(await run('contacts', xml)).toEqual([{ jobtitle: 'chief' }, { jobtitle: 'clerk' }]);
  });

  test('aliases name the column they stand for', async () => {
    const xml = `<fetch top="1"><entity name="account"><attribute name="name" alias="title"/><filter>${MINE}</filter></entity></fetch>`;
    const [row] = await run('accounts', xml, ALL);
    expect(row).toMatchObject({
      title: expect.stringMatching(/^[PQR]$/),
      'title@OData.Community.Display.V1.AttributeName': 'name',
    });
  });

  test('returntotalrecordcount and $count=true count all rows beside a page', async () => {
    const counted = await send(
      'contacts',
      `<fetch count="1" returntotalrecordcount="true"><entity name="contact"><attribute name="lastname"/><filter>${MINE}</filter></entity></fetch>`,
      ALL,
    );
    expect(counted.json).toMatchObject({
      '@odata.count': 3,
      '@Microsoft.Dynamics.CRM.totalrecordcount': 3,
      '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': false,
    });
    expect(counted.json.value).toHaveLength(1);
    const plain = `<fetch count="1"><entity name="contact"><attribute name="lastname"/><filter>${MINE}</filter></entity></fetch>`;
    const { json } = await client.get(`contacts?fetchXml=${encodeURIComponent(plain)}&$count=true`);
    expect(json['@odata.count']).toBe(3);
  });

  test('min-active-row-version tells a version above every row', async () => {
    const xml =
      '<fetch top="1" min-active-row-version="true" no-lock="true" latematerialize="true" options="Recompile"><entity name="account"><attribute name="versionnumber"/></entity></fetch>';
    const { json } = await send('accounts', xml, ALL);
    const version = Number(json['@Microsoft.Dynamics.CRM.minactiverowversion']);
    expect(version).toBeGreaterThan(Number(json.value[0].versionnumber));
  });

  test('choices sort by label, or by value with useraworderby', async () => {
    const xml = (attributes: string) =>
      `<fetch ${attributes}><entity name="demo_sample"><attribute name="demo_kind"/><filter>${condition('demo_kind', 'not-null')}</filter><order attribute="demo_kind"/></entity></fetch>`;
    const values = (await column('demo_samples', xml('useraworderby="true"'), 'demo_kind')) as number[];
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values).size).toBeGreaterThan(2);
  });

  const inBatch = (xml: string): Promise<Answer> => {
    const path = `/api/data/v9.2/accounts?fetchXml=${encodeURIComponent(xml)}`;
    const raw = `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ${path} HTTP/1.1\r\nAccept: application/json\r\n\r\n--b--\r\n`;
    return client.call('POST', '$batch', {
      raw,
      headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    });
  };

  test('in a batch, where a longer query fits: 500 conditions are taken and 501 refused', async () => {
    expect((await inBatch(accounts(filtered('')))).text).toContain('"name":"P"');
    const conditions = (count: number) =>
      entity(`<filter>${'<condition attribute="fax" operator="null"/>'.repeat(count)}</filter>`);
    expect((await inBatch(conditions(500))).text).toContain('HTTP/1.1 200');
    expect((await inBatch(conditions(501))).text).toContain('0x8004430C');
  });
});

const entity = (inner: string, attributes = '') =>
  `<fetch ${attributes}><entity name="account">${inner}</entity></fetch>`;
const link = (attributes: string) => `<link-entity name="contact" ${attributes}/>`;

test.each([
  ['<fetch><entity name="contact"/></fetch>', '0x80041128'],
  ['<fetch><entity name="nothing"/></fetch>', '0x80041102'],
  ['<fetch/>', '0x80041123'],
  ['<fetch><entity name="account"', '0x80040203'],
  [entity('<attribute name="nope"/>'), '0x80041103'],
  [entity('<something/>'), '0x8004111c'],
  [entity('', 'nope="1"'), '0x8004111c'],
  [entity('', 'utc-offset="60"'), '0x8004111d'],
  [entity('', 'distinct="perhaps"'), '0x80041115'],
  [entity('', 'no-lock="perhaps"'), '0x80041118'],
  [entity('', 'min-active-row-version="perhaps"'), '0x8004111b'],
  [entity('', 'count="0"'), '0x8004110c'],
  [entity('', 'page="x"'), '0x8004110c'],
  [entity('', 'top="5" page="1"'), '0x80040203'],
  [entity('', 'top="5" returntotalrecordcount="true"'), '0x80040203'],
  [entity('', 'top="5001"'), '0x80040203'],
  [entity('', 'page="11" count="5000"'), '0x8004430A'],
  [entity('', 'page="2" paging-cookie="nonsense"'), '0x8004112A'],
  [
    entity(
      '<order attribute="name"/>',
      'page="2" paging-cookie="&lt;cookie page=&quot;1&quot;&gt;&lt;accountid last=&quot;{11111111-1111-1111-1111-111111111111}&quot; first=&quot;{11111111-1111-1111-1111-111111111111}&quot; /&gt;&lt;/cookie&gt;"',
    ),
    '0x80041129',
  ],
  [entity('', 'datasource="somewhere"'), '0x80040203'],
  [entity(link('from="parentcustomerid" to="accountid"'), 'datasource="retained"'), '0x80040203'],
  [entity('<order attribute="name" descending="perhaps"/>'), '0x80041119'],
  [entity('<order alias="x"/>'), '0x80041132'],
  [entity('<order/>'), '0x80041133'],
  [entity('<order attribute="name" entityname="x"/>'), '0x8004110a'],
  [entity('<filter type="xor"/>'), '0x80041122'],
  [entity(filtered('<condition attribute="name" operator="sounds-like" value="x"/>')), '0x80041120'],
  [entity(filtered('<condition operator="null"/>')), '0x8004111e'],
  [entity(filtered('<condition attribute="name" operator="eq"/>')), '0x80041106'],
  [entity(filtered('<condition attribute="name" operator="like" valueof="description"/>')), '0x80041106'],
  [entity(filtered('<condition attribute="name" operator="eq" valueof="revenue"/>')), '0x80041106'],
  [entity(filtered('<condition entityname="x" attribute="name" operator="null"/>')), '0x8004110a'],
  [entity(filtered(contactsOf('inner'))), '0x80041117'],
  [entity(link('from="parentcustomerid" to="accountid" link-type="sideways"')), '0x80041117'],
  [entity(link('from="parentcustomerid"')), '0x80041111'],
  [
    entity(
      Array.from({ length: 16 }, (_, at) =>
        link(`from="parentcustomerid" to="accountid" alias="a${at}"`),
      ).join(''),
    ),
    '0x8004430D',
  ],
  [entity(link('from="parentcustomerid" to="accountid" alias="a"').repeat(2)), '0x80041130'],
  [entity('<attribute name="name" aggregate="count" alias="n"/>'), '0x8004111a'],
  [entity('<attribute name="name" aggregate="count"/>', 'aggregate="true"'), '0x80041109'],
  [entity('<attribute name="name" alias="n"/>', 'aggregate="true"'), '0x80041107'],
  [
    entity('<attribute name="name" alias="n" aggregate="count" groupby="true"/>', 'aggregate="true"'),
    '0x80041137',
  ],
  [entity('<attribute name="name" alias="n" groupby="perhaps"/>', 'aggregate="true"'), '0x8004112E'],
  [entity('<attribute name="name" alias="n" aggregate="median"/>', 'aggregate="true"'), '0x8004111a'],
  [entity('<attribute name="name" alias="n" aggregate="sum"/>', 'aggregate="true"'), '0x8004112F'],
  [
    entity('<attribute name="name" alias="n" groupby="true" dategrouping="year"/>', 'aggregate="true"'),
    '0x80041135',
  ],
  [
    entity(
      '<attribute name="createdon" alias="n" groupby="true" dategrouping="decade"/>',
      'aggregate="true"',
    ),
    '0x80041135',
  ],
  [
    entity(
      '<attribute name="name" alias="n" aggregate="count"/><order attribute="name"/>',
      'aggregate="true"',
    ),
    '0x80041131',
  ],
  [
    entity('<attribute name="name" alias="n" aggregate="count"/><order alias="x"/>', 'aggregate="true"'),
    '0x80041134',
  ],
  [
    entity('<attribute name="name" alias="n" aggregate="count"/>', 'aggregate="true" aggregatelimit="50001"'),
    '0x80041108',
  ],
])('a query that the service does not take (%#) is refused with its code', async (xml, code) => {
  const answer = await send('accounts', xml);
  expect({ status: answer.status, code: answer.code }).toEqual({ status: 400, code });
});
