import fc from 'fast-check';
import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => {
  client = await startClient({ demo: { size: 1, seed: 11 } });
  for (const [name, count, uses, tested, birthday] of ROWS) {
    await made('demo_samples', {
      demo_name: `f-${name}`,
      demo_code: `f-${name}`,
      demo_count: count,
      demo_uses: uses,
      demo_tested: tested,
      demo_birthday: birthday,
    });
  }
});
afterAll(() => client.close());

/** The clock stands at noon of Wednesday, July 1st 2026, when the tests begin. */
const ROWS: readonly [
  name: string,
  count: number | null,
  uses: string | null,
  tested: string | null,
  birthday: string | null,
][] = [
  ['a', 1, '100000000', '2026-07-01T00:00:00Z', '2026-07-01'],
  ['b', 5, '100000000,100000001', '2026-07-01T11:59:59Z', '2026-06-30'],
  ['c', 10, '100000002', '2026-07-01T12:00:01Z', '2026-07-02'],
  ['d', 50, null, '2026-06-30T23:59:59Z', '2026-01-01'],
  ['e', null, '100000001,100000002', '2026-06-24T08:00:00Z', '2025-12-31'],
  ['f', 100, null, '2026-05-15T08:00:00Z', '2024-02-29'],
  ['g', 7, null, '2025-07-01T00:00:00Z', null],
  ['h', 8, null, '2025-02-01T00:00:00Z', null],
  ['i', 9, null, '2026-07-02T00:00:00Z', null],
  ['j', 12, null, '2026-07-08T23:59:59Z', null],
  ['k', 13, null, '2026-08-15T00:00:00Z', null],
  ['l', 14, null, '2027-06-30T00:00:00Z', null],
  ['m', 15, null, null, null],
];

async function made(set: string, body: Record<string, unknown>): Promise<Record<string, string>> {
  const answer = await client.post(set, body, { Prefer: 'return=representation' });
  expect({ status: answer.status, error: answer.json?.error }).toEqual({ status: 201, error: undefined });
  return answer.json;
}

/** The letters of the rows that match. */
async function letters(filter: string): Promise<string> {
  const query = encodeURIComponent(`startswith(demo_name,'f-') and (${filter})`);
  const { status, json } = await client.get(`demo_samples?$select=demo_name&$filter=${query}`);
  expect({ status, error: json.error }).toEqual({ status: 200, error: undefined });
  const names: string[] = json.value.map((row: Record<string, string>) => row['demo_name']);
  return names
    .map((name) => name.slice(2))
    .sort()
    .join('');
}

const call = (name: string, parameters = '', property = 'demo_tested') =>
  `Microsoft.Dynamics.CRM.${name}(PropertyName='${property}'${parameters === '' ? '' : `,${parameters}`})`;

test.each([
  ['Yesterday', '', 'd'],
  ['Today', '', 'abc'],
  ['Tomorrow', '', 'i'],
  ['Last7Days', '', 'abde'],
  ['Next7Days', '', 'cij'],
  ['LastWeek', '', 'e'],
  ['ThisWeek', '', 'abcdi'],
  ['NextWeek', '', 'j'],
  ['LastMonth', '', 'de'],
  ['ThisMonth', '', 'abcij'],
  ['NextMonth', '', 'k'],
  ['LastYear', '', 'gh'],
  ['ThisYear', '', 'abcdefijk'],
  ['NextYear', '', 'l'],
  ['LastXHours', 'PropertyValue=1', 'b'],
  ['LastXHours', 'PropertyValue=13', 'abd'],
  ['NextXHours', 'PropertyValue=12', 'ci'],
  ['LastXDays', 'PropertyValue=1', 'abd'],
  ['NextXDays', 'PropertyValue=1', 'ci'],
  ['LastXWeeks', 'PropertyValue=1', 'abde'],
  ['NextXWeeks', 'PropertyValue=1', 'cij'],
  ['LastXMonths', 'PropertyValue=2', 'abdef'],
  ['NextXMonths', 'PropertyValue=2', 'cijk'],
  ['LastXYears', 'PropertyValue=1', 'abdefg'],
  ['NextXYears', 'PropertyValue=1', 'cijkl'],
  ['OlderThanXMinutes', 'PropertyValue=1', 'adefgh'],
  ['OlderThanXHours', 'PropertyValue=1', 'adefgh'],
  ['OlderThanXDays', 'PropertyValue=1', 'efgh'],
  ['OlderThanXWeeks', 'PropertyValue=1', 'fgh'],
  ['OlderThanXMonths', 'PropertyValue=1', 'fgh'],
  ['OlderThanXYears', 'PropertyValue=1', 'h'],
  ['On', "PropertyValue='2026-07-01'", 'abc'],
  ['OnOrAfter', "PropertyValue='2026-07-02'", 'ijkl'],
  ['OnOrBefore', "PropertyValue='2025-07-01'", 'gh'],
  ['ThisFiscalYear', '', 'abcdefijk'],
  ['LastFiscalYear', '', 'gh'],
  ['NextFiscalYear', '', 'l'],
  ['LastXFiscalYears', 'PropertyValue=2', 'gh'],
  ['NextXFiscalYears', 'PropertyValue=2', 'l'],
  ['InFiscalYear', 'PropertyValue=2025', 'gh'],
  ['ThisFiscalPeriod', '', 'abcijk'],
  ['LastFiscalPeriod', '', 'def'],
  ['NextFiscalPeriod', '', ''],
  ['LastXFiscalPeriods', 'PropertyValue=4', 'defg'],
  ['NextXFiscalPeriods', 'PropertyValue=3', 'l'],
  ['InFiscalPeriod', 'PropertyValue=3', 'abcgijk'],
  ['InFiscalPeriodAndYear', 'PropertyValue1=3,PropertyValue2=2025', 'g'],
  ['InOrBeforeFiscalPeriodAndYear', 'PropertyValue1=3,PropertyValue2=2025', 'gh'],
  ['InOrAfterFiscalPeriodAndYear', 'PropertyValue1=4,PropertyValue2=2026', 'l'],
])('dates: %s(%s)', async (name, parameters, expected) => {
  expect(await letters(call(name, parameters))).toBe(expected);
});

test.each([
  ['Today', '', 'a'],
  ['LastXDays', 'PropertyValue=1', 'ab'],
  ['ThisYear', '', 'abcd'],
  ['On', "PropertyValue='2024-02-29'", 'f'],
])('days without a time: %s(%s)', async (name, parameters, expected) => {
  expect(await letters(call(name, parameters, 'demo_birthday'))).toBe(expected);
});

test.each([
  [call('In', "PropertyValues=['1','5']", 'demo_count'), 'ab'],
  [call('In', 'PropertyValues=["f-a","f-b"]', 'demo_name'), 'ab'],
  [call('NotIn', "PropertyValues=['1','5','10']", 'demo_count'), 'defghijklm'],
  [call('Between', 'PropertyValues=["5","9"]', 'demo_count'), 'bghi'],
  [call('NotBetween', 'PropertyValues=["2","99"]', 'demo_count'), 'aef'],
  [call('ContainValues', "PropertyValues=['100000000']", 'demo_uses'), 'ab'],
  [call('ContainValues', "PropertyValues=['100000001','100000002']", 'demo_uses'), 'bce'],
  [call('DoesNotContainValues', "PropertyValues=['100000000']", 'demo_uses'), 'cdefghijklm'],
  ["contains(demo_name,'-A')", 'a'],
  ["startswith(demo_name,'f-[a-c]')", 'abc'],
  ["endswith(demo_name,'[^a-k]')", 'lm'],
  ["startswith(demo_name,'f__')", 'abcdefghijklm'],
  ["not contains(demo_name,'a')", 'bcdefghijklm'],
  ['demo_count gt 50', 'f'],
  ['demo_count ge 50', 'df'],
  ['demo_count lt 5', 'a'],
  ['demo_count le 5', 'ab'],
  ['5 ge demo_count', 'ab'],
  ['demo_count ne 5', 'acdefghijklm'],
  ['demo_count eq null', 'e'],
  ['demo_count ne null', 'abcdfghijklm'],
  ['demo_count gt null', ''],
  ['(demo_count eq 1 or demo_count eq 5) and not (demo_count eq 1)', 'b'],
  ['demo_count eq 1 or demo_count eq 5 and demo_count eq 1', 'a'],
  ["demo_name eq 'F-A'", 'a'],
  ['demo_name eq demo_code', 'abcdefghijklm'],
  ['demo_tested ge 2026-07-01T14:00:00%2B02:00 and demo_tested lt 2026-07-02', 'c'],
  ['demo_birthday eq 2024-02-29', 'f'],
])('%s', async (filter, expected) => {
  expect(await letters(decodeURIComponent(filter))).toBe(expected);
});

test('parameters may be aliases, the name of the property too', async () => {
  const filter = encodeURIComponent('Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)');
  const answer = await client.get(
    `demo_samples?$select=demo_name&$filter=${filter}&@p1='demo_name'&@p2=["f-c","O'Brian"]`,
  );
  expect(answer.json.value.map((row: Record<string, string>) => row['demo_name'])).toEqual(['f-c']);
});

test('hierarchies: above and below a row, with it or without', async () => {
  const top = await made('demo_samples', { demo_name: 'h-1' });
  const middle = await made('demo_samples', { demo_name: 'h-2', ...parent(top) });
  const leaf = await made('demo_samples', { demo_name: 'h-3', ...parent(middle) });
  const run = async (name: string, id: string | undefined) => {
    const filter = encodeURIComponent(
      `startswith(demo_name,'h-') and ${call(name, `PropertyValue='${id}'`, 'demo_sampleid')}`,
    );
    const { json } = await client.get(`demo_samples?$select=demo_name&$orderby=demo_name&$filter=${filter}`);
    return json.value.map((row: Record<string, string>) => row['demo_name']);
  };
  expect(await run('Above', leaf['demo_sampleid'])).toEqual(['h-1', 'h-2']);
  expect(await run('AboveOrEqual', leaf['demo_sampleid'])).toEqual(['h-1', 'h-2', 'h-3']);
  expect(await run('Under', top['demo_sampleid'])).toEqual(['h-2', 'h-3']);
  expect(await run('UnderOrEqual', top['demo_sampleid'])).toEqual(['h-1', 'h-2', 'h-3']);
  expect(await run('NotUnder', middle['demo_sampleid'])).toEqual(['h-1', 'h-2']);
});

const parent = (row: Record<string, string>) => ({
  'demo_ParentId@odata.bind': `/demo_samples(${row['demo_sampleid']})`,
});

test('the caller: user, business unit, teams, people below, language', async () => {
  const who = (await client.get('WhoAmI')).json;
  const owned = async (name: string, property = 'ownerid') => {
    const filter = encodeURIComponent(call(name, '', `_${property}_value`));
    const { status, json } = await client.get(`accounts?$select=_ownerid_value&$filter=${filter}`);
    expect({ status, error: json.error }).toEqual({ status: 200, error: undefined });
    return new Set<string>(json.value.map((row: Record<string, string>) => row['_ownerid_value']));
  };
  await made('accounts', { name: 'mine' });
  expect(await owned('EqualUserId')).toEqual(new Set([who.UserId]));
  expect((await owned('NotEqualUserId')).has(who.UserId)).toBe(false);
  expect((await owned('NotEqualUserId')).size).toBeGreaterThan(0);
  expect((await owned('EqualUserOrUserTeams')).has(who.UserId)).toBe(true);
  expect((await owned('EqualUserTeams')).has(who.UserId)).toBe(false);
  expect((await owned('EqualBusinessId', 'owningbusinessunit')).has(who.UserId)).toBe(true);
  expect((await owned('NotEqualBusinessId', 'owningbusinessunit')).has(who.UserId)).toBe(false);
  const { environment } = client.server;
  const below = [...environment.database.store('systemuser').values()].find((row) => row.id !== who.UserId)!;
  environment.database.put('systemuser', below.id, {
    ...below.values,
    parentsystemuserid: { table: 'systemuser', id: who.UserId },
  });
  await made('accounts', { name: 'theirs', 'ownerid@odata.bind': `/systemusers(${below.id})` });
  expect(await owned('EqualUserOrUserHierarchy')).toEqual(new Set([who.UserId, below.id]));
  expect([...(await owned('EqualUserOrUserHierarchyAndTeams'))]).toEqual(
    expect.arrayContaining([who.UserId, below.id]),
  );
  const language = encodeURIComponent(call('EqualUserLanguage', '', 'demo_count'));
  await made('demo_samples', { demo_name: 'english', demo_count: 1033 });
  const { json } = await client.get(`demo_samples?$select=demo_name&$filter=${language}`);
  expect(json.value.map((row: Record<string, string>) => row['demo_name'])).toEqual(['english']);
});

test('related rows: by lookup, over two lookups, and by any and all over collections, nested too', async () => {
  const { accountid } = await made('accounts', {
    name: 'Lambda',
    primarycontactid: { lastname: 'Prime' },
    contact_customer_accounts: [
      { lastname: 'One', jobtitle: 'x', Contact_Tasks: [{ subject: 'call' }] },
      { lastname: 'Two', jobtitle: 'x' },
    ],
  });
  const matches = async (filter: string) => {
    const { status, json } = await client.get(
      `accounts?$select=name&$filter=${encodeURIComponent(`name eq 'Lambda' and (${filter})`)}`,
    );
    expect({ status, error: json.error }).toEqual({ status: 200, error: undefined });
    return json.value.some((row: Record<string, string>) => row['accountid'] === accountid);
  };
  expect(await matches("primarycontactid/lastname eq 'prime'")).toBe(true);
  expect(await matches("primarycontactid/lastname eq 'other'")).toBe(false);
  expect(await matches("primarycontactid/createdby/fullname ne 'nobody'")).toBe(true);
  expect(await matches('contact_customer_accounts/any()')).toBe(true);
  expect(await matches("contact_customer_accounts/any(c:c/lastname eq 'two')")).toBe(true);
  expect(await matches("contact_customer_accounts/any(c:c/lastname eq 'three')")).toBe(false);
  expect(await matches("contact_customer_accounts/all(c:c/jobtitle eq 'x')")).toBe(true);
  expect(await matches("contact_customer_accounts/all(c:c/lastname eq 'two')")).toBe(false);
  const nested = (subject: string) =>
    `contact_customer_accounts/any(c:c/jobtitle eq 'x' and c/Contact_Tasks/any(t:contains(t/subject,'${subject}')))`;
  expect(await matches(nested('cal'))).toBe(true);
  expect(await matches(nested('nope'))).toBe(false);
  const today = "Microsoft.Dynamics.CRM.Today(PropertyName='c/createdon')";
  expect(await matches(`contact_customer_accounts/any(c:${today})`)).toBe(true);
});

test.each([
  [
    'demo_samples',
    "Microsoft.Dynamics.CRM.NotOn(PropertyName='demo_tested',PropertyValue='2026-07-01')",
    '0x80060888',
  ],
  ['demo_samples', 'Microsoft.Dynamics.CRM.Today()', '0x80060888'],
  ['demo_samples', call('LastXDays'), '0x80060888'],
  ['demo_samples', call('LastXDays', 'PropertyValue=0'), '0x8004110c'],
  ['demo_samples', call('Today', '', 'demo_count'), '0x80041120'],
  ['demo_samples', call('LastXHours', 'PropertyValue=1', 'demo_birthday'), '0x80041120'],
  ['demo_samples', call('Today', '', 'nope'), '0x80060888'],
  ['demo_samples', call('Between', "PropertyValues=['1']", 'demo_count'), '0x80041106'],
  ['demo_samples', call('In', "PropertyValues=['x']", 'demo_notes'), '0x80044153'],
  ['demo_samples', call('In', "PropertyValues=['x']", 'demo_count'), '0x80041139'],
  [
    'demo_samples',
    call('Under', "PropertyValue='11111111-1111-1111-1111-111111111111'", '_transactioncurrencyid_value'),
    '0x80047020',
  ],
  ['demo_samples', call('ContainValues', "PropertyValues=['1']", 'demo_count'), '0x80041120'],
  ['demo_samples', "tolower(demo_name) eq 'x'", '0x80060888'],
  ['demo_samples', 'demo_count add 1 eq 2', '0x80060888'],
  ['demo_samples', "demo_name in ('a','b')", '0x80060888'],
  ['demo_samples', "demo_name eq 'O'Brian'", '0x80060888'],
  ['demo_samples', 'demo_name eq demo_count', '0x80060888'],
  ['demo_samples', "demo_name eq duration'P1D'", '0x80060888'],
  ['demo_samples', 'demo_name eq @p', '0x80060888'],
  ['demo_samples', '1 eq 1', '0x80060888'],
  ['demo_samples', "contains(demo_count,'1')", '0x80060888'],
  ['accounts', "primarycontactid/Contact_Tasks/any(t:t/subject eq 'x')", '0x80060888'],
  ['accounts', 'contact_customer_accounts/all()', '0x80060888'],
  ['accounts', Array.from({ length: 501 }, (_, at) => `name eq '${at}'`).join(' or '), '0x8004430C'],
])('%s: %s is refused', async (set, filter, code) => {
  const answer = await client.get(`${set}?$filter=${encodeURIComponent(filter)}`);
  expect({ status: answer.status, code: answer.code }).toEqual({ status: 400, code });
});

test('guids in order and versionnumber in $filter: allowed, or refused where that is switched', async () => {
  const { environment } = client.server;
  const order = 'contacts?$select=contactid&$filter=contactid gt 00000000-0000-0000-0000-000000000000';
  const version = 'contacts?$select=contactid&$filter=versionnumber gt 1';
  expect((await client.get(order)).json.value.length).toBeGreaterThan(0);
  expect((await client.get(version)).json.value.length).toBeGreaterThan(0);
  const before = environment.switches;
  environment.switches = { ...before, guidOrderInFilter: 'refused', versionNumberInFilter: 'refused' };
  expect(await client.get(order)).toMatchObject({ status: 400, code: '0x80060888' });
  expect(await client.get(version)).toMatchObject({ status: 400, code: '0x80060888' });
  const equal = 'contacts?$filter=contactid ne 00000000-0000-0000-0000-000000000000';
  expect((await client.get(equal)).status).toBe(200);
  environment.switches = before;
});

test('any filter of comparisons, and, or, not finds what plain logic finds', async () => {
  type Tree = { text: string; holds: (count: number | null) => boolean };
  const leaf: fc.Arbitrary<Tree> = fc
    .tuple(fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), fc.constantFrom(1, 5, 8, 10, 50))
    .map(([operator, value]) => ({
      text: `demo_count ${operator} ${value}`,
      holds: (count) => {
        if (count === null) return operator === 'ne';
        const outcomes: Record<string, boolean> = {
          eq: count === value,
          ne: count !== value,
          gt: count > value,
          ge: count >= value,
          lt: count < value,
          le: count <= value,
        };
        return outcomes[operator] === true;
      },
    }));
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      tie('tree').map((inner) => ({
        text: `not (${inner.text})`,
        holds: (count: number | null) => !inner.holds(count),
      })),
      fc.tuple(tie('tree'), tie('tree'), fc.boolean()).map(([left, right, both]) => ({
        text: `(${left.text}) ${both ? 'and' : 'or'} (${right.text})`,
        holds: (count: number | null) =>
          both ? left.holds(count) && right.holds(count) : left.holds(count) || right.holds(count),
      })),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(tree, async ({ text, holds }) => {
      const expected = ROWS.filter(([, count]) => holds(count)).map(([name]) => name);
      expect(await letters(text)).toBe(expected.join(''));
    }),
    { numRuns: 60 },
  );
});
