import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLosslessNumber, parse, stringify } from 'lossless-json';
import { startClient, type Client } from './support/client.ts';

/**
 * Compares answers with recorded ones of real environments: the same property names, the same order where the
 * service keeps one, the same forms of numbers. Where the recordings are not at hand, the tests are skipped.
 */
const folder =
  process.env['ROWBACK_RECORDED'] ??
  join(import.meta.dirname, '../../..', 'shared', 'dataverse', 'real', 'webapi');
const present = existsSync(folder);
const recordedTest = present ? test : test.skip;
const named = (what: string) =>
  present ? what : `${what} (skipped: no recorded answers in ${folder}; set ROWBACK_RECORDED)`;

type Members = Record<string, unknown>;

function recorded(name: string): Members {
  return parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Members; // recorded answers are objects
}

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

async function answered(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Members> {
  const { status, text } = await client.get(path, headers);
  expect(status).toBe(200);
  return parse(text) as Members; // answers asked for here are objects
}

const list = (value: unknown) => value as readonly Members[]; // `value` of a collection
const names = (value: unknown) => Object.keys(value as Members);
/** Columns of solutions that are not built in, and of the platform's outside parties. */
const elsewhere = /^_?(adx|msa|mspp|msdyn|msft)_|externalparty/;

const REPLAYED = [
  'account-contact_customer_accounts',
  'account-record',
  'account-ref-collection',
  'contact-record',
  'entitydefinition-account',
  'organizations-annotated',
  'roles-list',
];

recordedTest(named('every recorded answer is replayed by a test here'), () => {
  expect(readdirSync(folder).sort()).toEqual(REPLAYED.map((name) => `${name}.json`));
});

recordedTest(
  named('a table definition with its relationships has the recorded members in order'),
  async () => {
    const lists = ['OneToManyRelationships', 'ManyToManyRelationships', 'ManyToOneRelationships'];
    const wanted = recorded('entitydefinition-account');
    const found = await answered(`EntityDefinitions(LogicalName='account')?$expand=${lists.join(',')}`);
    expect(names(found)).toEqual(names(wanted));
    for (const name of [...lists, 'Privileges']) {
      const [first] = list(wanted[name]);
      const [own] = list(found[name]);
      expect(names(own)).toEqual(names(first));
      for (const [member, value] of Object.entries(first ?? {})) {
        if (typeof value === 'object' && value !== null) expect(names(own?.[member])).toEqual(names(value));
      }
    }
  },
);

recordedTest(named('relationships that were recorded are the same here'), async () => {
  const wanted = recorded('entitydefinition-account');
  const found = await answered(
    "EntityDefinitions(LogicalName='account')?$expand=OneToManyRelationships,ManyToOneRelationships",
  );
  for (const name of ['OneToManyRelationships', 'ManyToOneRelationships']) {
    const own = new Map(list(found[name]).map((one) => [one['SchemaName'], one]));
    const shared = list(wanted[name]).filter((one) => own.has(one['SchemaName']));
    expect(shared.length).toBeGreaterThan(10);
    for (const one of shared) expect(own.get(one['SchemaName'])).toMatchObject(essence(one));
  }
});

function essence(relationship: Members): Members {
  const kept = /^(Referenc|SecurityTypes|RelationshipType|CascadeConfiguration|IsCustomRelationship)/;
  return Object.fromEntries(Object.entries(relationship).filter(([name]) => kept.test(name)));
}

recordedTest.each([
  ['account', 'accounts'],
  ['contact', 'contacts'],
])(named('a whole %s row has every recorded column'), async (name, set) => {
  const [row] = list((await answered(`${set}?$select=${name}id&$top=1`))['value']);
  const found = await answered(`${set}(${String(row?.[`${name}id`])})`);
  const lacking = names(recorded(`${name}-record`)).filter((one) => !(one in found) && !elsewhere.test(one));
  expect(lacking).toEqual([]);
  expect(names(found).slice(0, 2)).toEqual(['@odata.context', '@odata.etag']);
});

recordedTest(named('money, rates and decimals keep their scale as in the recorded row'), async () => {
  const { text } = await client.post(
    'accounts?$select=revenue,exchangerate,address1_latitude',
    { revenue: 5_000_000, address1_latitude: 47.63 },
    { Prefer: 'return=representation' },
  );
  const wanted = recorded('account-record');
  for (const name of ['revenue', 'exchangerate', 'address1_latitude']) {
    expect(text).toContain(`"${name}":${String(wanted[name])}`);
  }
});

recordedTest.each([
  ['account', 'accounts'],
  ['contact', 'contacts'],
])(
  named('the values of a recorded %s row, written here, are read back with the same text'),
  async (name, set) => {
    const wanted = recorded(`${name}-record`);
    const columns = await answered(
      `EntityDefinitions(LogicalName='${name}')/Attributes?$select=LogicalName,IsValidForCreate,AttributeType`,
    );
    const writable = list(columns['value'])
      .filter((one) => one['IsValidForCreate'] === true && one['AttributeType'] !== 'Uniqueidentifier')
      .map((one) => String(one['LogicalName']));
    const body = Object.fromEntries(
      writable.filter((one) => isPlain(wanted[one])).map((one) => [one, wanted[one]]),
    );
    expect(Object.keys(body).length).toBeGreaterThan(15);
    const made = await client.call('POST', set, {
      headers: { 'Content-Type': 'application/json', Prefer: 'return=representation' },
      raw: stringify(body) ?? '',
    });
    expect(made.status).toBe(201);
    const found = parse(made.text) as Members; // a row is an object
    const texts = (row: Members) =>
      Object.fromEntries(Object.keys(body).map((one) => [one, String(row[one])]));
    // The platform makes overriddencreatedon its own business.
    expect({ ...texts(found), overriddencreatedon: '' }).toEqual({
      ...texts(wanted),
      overriddencreatedon: '',
    });
  },
);

/** Set, and no object of its own. Lossless numbers are objects that print as they came. */
function isPlain(value: unknown): boolean {
  return value !== null && value !== undefined && (typeof value !== 'object' || isLosslessNumber(value));
}

recordedTest.each([
  ['account', 'accounts'],
  ['contact', 'contacts'],
])(named('a %s row shows what is set first, and then what is null'), async (name, set) => {
  const [row] = list((await answered(`${set}?$top=1`))['value']);
  for (const one of [recorded(`${name}-record`), row ?? {}]) {
    const nulls = names(one).map((column) => one[column] === null);
    expect(nulls.slice(nulls.indexOf(true))).not.toContain(false);
  }
});

recordedTest(named('a navigation collection and a list of references are shaped as recorded'), async () => {
  const [row] = list((await answered('contacts?$filter=_parentcustomerid_value ne null&$top=1'))['value']);
  const parent = String(row?.['_parentcustomerid_value']);
  const pathOf = (answer: Members) => String(answer['@odata.context']).split('$metadata')[1];
  for (const [name, below] of [
    ['account-contact_customer_accounts', 'contact_customer_accounts?$select=createdon'],
    ['account-ref-collection', 'contact_customer_accounts/$ref'],
  ] as const) {
    const wanted = recorded(name);
    const found = await answered(`accounts(${parent})/${below}`);
    expect(names(found)).toEqual(names(wanted));
    expect(pathOf(found)).toBe(pathOf(wanted));
    expect(names(list(found['value'])[0])).toEqual(names(list(wanted['value'])[0]));
  }
});

recordedTest(named('annotations of an organization row stand as recorded'), async () => {
  const wanted = list(recorded('organizations-annotated')['value'])[0] ?? {};
  const { value } = await answered('organizations', { Prefer: 'odata.include-annotations="*"' });
  const found = list(value)[0] ?? {};
  const annotated = (row: Members) => names(row).filter((name) => /^[a-z]\w*@/.test(name));
  const shared = annotated(found).filter((name) => name.split('@')[0]! in wanted && isSet(wanted, name));
  expect(shared.length).toBeGreaterThan(5);
  expect(shared.filter((name) => !(name in wanted))).toEqual([]);
  for (const row of [wanted, found]) {
    for (const name of annotated(row)) {
      // The annotations of a property come right before it.
      const after = names(row).slice(names(row).indexOf(name) + 1);
      expect(after.find((one) => !one.includes('@'))).toBe(name.split('@')[0]);
    }
  }
});

/** Null has no annotation, so only what is set in the recorded row can be compared. */
function isSet(row: Members, annotation: string): boolean {
  return row[annotation.split('@')[0]!] !== null;
}

/** Managed properties stand at the end of a row. */
const MANAGED = ['iscustomizable', 'canbedeleted'];

recordedTest(named('role rows have the recorded columns and managed properties'), async () => {
  const wanted = list(recorded('roles-list')['value'])[0] ?? {};
  const found = list((await answered('roles'))['value'])[0] ?? {};
  const newer = ['isinherited', '_roletemplateid_value'];
  expect(names(wanted).filter((name) => !(name in found))).toEqual(newer);
  for (const row of list(recorded('roles-list')['value'])) {
    expect(names(row).sort()).toEqual(names(wanted).sort());
    expect(row['@odata.etag']).toBe(`W/"${String(row['versionnumber'])}"`);
    expect(names(row).slice(-2)).toEqual(MANAGED);
  }
  expect(names(found).slice(-2).sort()).toEqual([...MANAGED].sort());
  expect(found['@odata.etag']).toBe(`W/"${String(found['versionnumber'])}"`);
  expect(names(found['canbedeleted'])).toEqual(names(wanted['canbedeleted']));
  expect(String(found['@odata.etag'])).toMatch(/^W\/"\d+"$/);
});
