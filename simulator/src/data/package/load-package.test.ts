import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { ColumnDefinition, SchemaDefinition } from '../../model/definitions.ts';
import type { SeedRow } from '../../model/seed.ts';
import { builtInSchema } from '../built-in-schema.ts';
import { checkSeed } from '../check-seed.ts';
import { loadPackage, type LoadedPackage } from './load-package.ts';
import { PackageError } from './package-error.ts';

const base = builtInSchema();
const folder = mkdtempSync(join(tmpdir(), 'package-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SCHEMA = `<?xml version="1.0" encoding="utf-8"?>
<entities>
  <entity name="account" displayname="Account" etc="1" primaryidfield="accountid" primarynamefield="name">
    <fields>
      <field displayname="Account" name="accountid" type="guid" primaryKey="true" />
      <field displayname="Account Name" name="name" type="string" />
      <field displayname="Description" name="description" type="string" />
      <field displayname="Revenue" name="revenue" type="money" />
      <field displayname="Owner" name="ownerid" type="owner" />
      <field displayname="Tags" name="zoo_tags" type="optionsetvaluecollection" customfield="true" />
      <field displayname="Keeper" name="zoo_keeperid" type="entityreference" lookupType="contact" customfield="true" />
    </fields>
  </entity>
  <entity name="zoo_animal" displayname="Animal" etc="10005" primaryidfield="zoo_animalid" primarynamefield="zoo_name">
    <fields>
      <field displayname="Animal" name="zoo_animalid" type="guid" primaryKey="true" />
      <field displayname="Name" name="zoo_name" type="string" customfield="true" />
      <field displayname="Born On" name="zoo_bornon" type="datetime" customfield="true" />
      <field displayname="Seen On" name="zoo_seenon" type="datetime" customfield="true" />
      <field displayname="Weight" name="zoo_weight" type="decimal" customfield="true" />
      <field displayname="Length" name="zoo_length" type="float" customfield="true" />
      <field displayname="Chip" name="zoo_chip" type="bigint" customfield="true" />
      <field displayname="Legs" name="zoo_legs" type="number" customfield="true" />
      <field displayname="Tame" name="zoo_tame" type="bool" customfield="true" />
      <field displayname="Kind" name="zoo_kind" type="optionsetvalue" customfield="true" />
      <field displayname="Home" name="zoo_home" type="entityreference" lookupType="account|contact" customfield="true" />
      <field displayname="Portrait" name="entityimage" type="imagedata" />
      <field displayname="Status" name="statecode" type="state" />
      <field displayname="Status Reason" name="statuscode" type="status" />
      <field displayname="Visits" name="zoo_visits" type="number" customfield="true" />
      <field displayname="Visits (Last Updated On)" name="zoo_visits_date" type="datetime" customfield="true" />
      <field displayname="Visits (State)" name="zoo_visits_state" type="number" customfield="true" />
    </fields>
    <relationships>
      <relationship name="zoo_animal_friends" manyToMany="true" isreflexive="true" m2mTargetEntity="zoo_animal" m2mTargetEntityPrimaryKey="zoo_animalid" />
      <relationship name="zoo_animal_account" manyToMany="true" m2mTargetEntity="account" m2mTargetEntityPrimaryKey="accountid" />
    </relationships>
  </entity>
  <entity name="appointment" displayname="Appointment" etc="4201" primaryidfield="activityid" primarynamefield="subject">
    <fields>
      <field displayname="Appointment" name="activityid" type="guid" primaryKey="true" />
      <field displayname="Subject" name="subject" type="string" />
      <field displayname="Organizer" name="organizer" type="partylist" />
      <field displayname="Regarding" name="regardingobjectid" type="entityreference" lookupType="account|zoo_animal|nowhere" />
    </fields>
  </entity>
</entities>`;

const ACCOUNT = 'aaaaaaaa-0000-0000-0000-000000000001';
const ANIMAL = 'bbbbbbbb-0000-0000-0000-000000000001';
const FRIEND = 'bbbbbbbb-0000-0000-0000-000000000002';
const VISIT = 'cccccccc-0000-0000-0000-000000000001';
const USER = 'dddddddd-0000-0000-0000-000000000001';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const DATA = `<?xml version="1.0" encoding="utf-8"?>
<entities timestamp="4/5/2019 8:59:23 AM">
  <entity name="account" displayname="Account"><records>
    <record id="${ACCOUNT.toUpperCase()}">
      <field name="accountid" value="${ACCOUNT}" />
      <field name="name" value="Zoë &amp; Söhne — 動物園 🦁" />
      <field name="description" value="first line&#xD;&#xA;second &lt;b&gt;&#x9;line&quot;" />
      <field name="revenue" value="10000.0000" />
      <field name="ownerid" value="${USER}" lookupentity="systemuser" lookupentityname="Ada" />
      <field name="zoo_tags" value="[-1,494280003,494280011,-1]" />
      <field name="zoo_keeperid" value="" lookupentity="" lookupentityname="" />
    </record>
  </records></entity>
  <entity name="zoo_animal" displayname="Animal"><records>
    <record id="${ANIMAL}">
      <field name="zoo_animalid" value="${ANIMAL}" />
      <field name="zoo_name" value="Leo" />
      <field name="zoo_bornon" value="10/2/2018 12:48:12 AM" />
      <field name="zoo_seenon" value="2022-12-01T19:18:04.0000000Z" />
      <field name="zoo_weight" value="1.2300000000" />
      <field name="zoo_length" value="-119.0187" />
      <field name="zoo_chip" value="9007199254740993" />
      <field name="zoo_legs" value="4" />
      <field name="zoo_tame" value="False" />
      <field name="zoo_kind" value="7" />
      <field name="zoo_home" value="${ACCOUNT}" lookupentity="account" lookupentityname="Zoë" />
      <field name="entityimage" value="${PNG}" />
      <field name="statecode" value="1" />
      <field name="statuscode" value="494280000" />
      <field name="zoo_visits" value="3" />
      <field name="zoo_visits_state" value="1" />
    </record>
    <record id="${FRIEND}"><field name="zoo_animalid" value="${FRIEND}" /></record>
  </records>
  <m2mrelationships>
    <m2mrelationship sourceid="${ANIMAL}" targetentityname="zoo_animal" targetentitynameidfield="zoo_animalid" m2mrelationshipname="zoo_animal_friends">
      <targetids><targetid>${FRIEND}</targetid></targetids>
    </m2mrelationship>
    <m2mrelationship sourceid="${ANIMAL}" targetentityname="account" targetentitynameidfield="accountid" m2mrelationshipname="zoo_animal_account">
      <targetids><targetid>${ACCOUNT}</targetid></targetids>
    </m2mrelationship>
  </m2mrelationships></entity>
  <entity name="appointment" displayname="Appointment"><records>
    <record id="${VISIT}">
      <field name="activityid" value="${VISIT}" />
      <field name="subject" value="Feeding" />
      <field name="organizer" value="" lookupentity="" lookupentityname="">
        <activitypointerrecords id="eeeeeeee-0000-0000-0000-000000000001">
          <field name="partyid" value="${USER}" lookupentity="systemuser" lookupentityname="Ada" />
          <field name="activityid" value="${VISIT}" lookupentity="activitypointer" />
          <field name="participationtypemask" value="7" />
          <field name="activitypartyid" value="eeeeeeee-0000-0000-0000-000000000001" />
        </activitypointerrecords>
      </field>
      <field name="regardingobjectid" value="${ANIMAL}" lookupentity="zoo_animal" lookupentityname="Leo" />
    </record>
  </records></entity>
</entities>`;

function write(name: string, files: Record<string, string>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const zoo = loadPackage(write('zoo', { 'data.xml': DATA, 'data_schema.xml': SCHEMA }), base);

function rowOf(loaded: LoadedPackage, table: string, id: string): SeedRow {
  const found = loaded.seed.rows.find((row) => row.table === table && row.id === id);
  if (!found) throw new Error(`no row ${table} ${id}`);
  return found;
}

function columnOf(schema: SchemaDefinition, table: string, column: string): ColumnDefinition {
  const found = schema.tables.find((one) => one.logicalName === table)?.columns.get(column);
  if (!found) throw new Error(`no column ${table}.${column}`);
  return found;
}

test('values keep their text, their scale and their lines', () => {
  expect(rowOf(zoo, 'account', ACCOUNT).values).toMatchObject({
    name: 'Zoë & Söhne — 動物園 🦁',
    description: 'first line\r\nsecond <b>\tline"',
    revenue: '10000.0000',
    zoo_tags: '494280003,494280011',
    ownerid: { table: 'systemuser', id: USER },
  });
  expect(rowOf(zoo, 'account', ACCOUNT).values).not.toHaveProperty('zoo_keeperid');
  expect(rowOf(zoo, 'zoo_animal', ANIMAL).values).toMatchObject({
    zoo_bornon: '2018-10-02T00:48:12Z',
    zoo_seenon: '2022-12-01T19:18:04Z',
    zoo_weight: '1.2300000000',
    zoo_length: -119.0187,
    zoo_chip: '9007199254740993',
    zoo_legs: 4,
    zoo_tame: false,
    zoo_kind: 7,
    zoo_home: { table: 'account', id: ACCOUNT },
    statecode: 1,
    statuscode: 494280000,
  });
});

test('an image column becomes a file with its bytes', () => {
  const image = rowOf(zoo, 'zoo_animal', ANIMAL).files?.['entityimage'];
  expect(image?.mimeType).toBe('image/png');
  expect(Buffer.from(image?.bytes ?? []).toString('base64')).toBe(PNG);
});

test('a table that the schema lacks is derived, with the columns that every table has', () => {
  const animal = zoo.schema.tables.find((table) => table.logicalName === 'zoo_animal');
  expect(animal).toMatchObject({
    schemaName: 'zoo_Animal',
    entitySetName: 'zoo_animals',
    ownership: 'UserOwned',
    objectTypeCode: 10005,
    primaryImage: 'entityimage',
  });
  for (const name of [
    'createdon',
    'modifiedby',
    'ownerid',
    'owningbusinessunit',
    'versionnumber',
    'overriddencreatedon',
  ]) {
    expect(animal?.columns.has(name)).toBe(true);
  }
  expect(columnOf(zoo.schema, 'zoo_animal', 'zoo_bornon').schemaName).toBe('zoo_BornOn');
  expect(columnOf(zoo.schema, 'zoo_animal', 'zoo_weight')).toMatchObject({
    type: 'DecimalType',
    precision: 10,
  });
  expect(columnOf(zoo.schema, 'zoo_animal', 'zoo_kind').options).toEqual([{ value: 7, label: 'Option 7' }]);
  expect(columnOf(zoo.schema, 'zoo_animal', 'statuscode').options?.at(-1)).toMatchObject({
    value: 494280000,
    state: 1,
  });
  expect(columnOf(zoo.schema, 'zoo_animal', 'zoo_visits')).toMatchObject({
    sourceType: 2,
    validForUpdate: false,
  });
  expect(columnOf(zoo.schema, 'zoo_animal', 'zoo_visits_state')).toMatchObject({ validForCreate: false });
});

test('lookups become relationships, one for each target that exists', () => {
  const navigations = zoo.schema.oneToMany
    .filter((one) => ['zoo_home', 'zoo_keeperid', 'regardingobjectid'].includes(one.referencingColumn))
    .filter((one) => ['zoo_animal', 'account', 'appointment'].includes(one.referencingTable))
    .map((one) => `${one.referencingTable}.${one.referencingNavigation} > ${one.referencedTable}`);
  expect(navigations).toEqual(
    expect.arrayContaining([
      'zoo_animal.zoo_Home_account > account',
      'zoo_animal.zoo_Home_contact > contact',
      'account.zoo_Keeperid > contact',
      'appointment.regardingobjectid_zoo_animal_appointment > zoo_animal',
      'appointment.regardingobjectid_account_appointment > account',
    ]),
  );
  expect(columnOf(zoo.schema, 'appointment', 'regardingobjectid').targets).toContain('zoo_animal');
  expect(columnOf(zoo.schema, 'appointment', 'regardingobjectid').targets).not.toContain('nowhere');
});

test('many-to-many pairs get their tables; one that leads back to its own table tells its ends apart', () => {
  expect(zoo.seed.links).toEqual([
    { relationship: 'zoo_animal_friends', id1: ANIMAL, id2: FRIEND },
    { relationship: 'zoo_animal_account', id1: ANIMAL, id2: ACCOUNT },
  ]);
  const friends = zoo.schema.manyToMany.find((link) => link.schemaName === 'zoo_animal_friends');
  expect(friends).toMatchObject({
    column1: 'zoo_animalidone',
    column2: 'zoo_animalidtwo',
    navigation2: 'zoo_animal_friends_referenced',
  });
  const intersect = zoo.schema.tables.find((table) => table.logicalName === 'zoo_animal_account');
  expect(intersect).toMatchObject({ intersect: true, entitySetName: 'zoo_animal_accountset' });
  expect(columnOf(zoo.schema, 'zoo_animal_account', 'accountid').type).toBe('UniqueidentifierType');
});

test('parties become rows of activityparty', () => {
  expect(rowOf(zoo, 'activityparty', 'eeeeeeee-0000-0000-0000-000000000001').values).toMatchObject({
    partyid: { table: 'systemuser', id: USER },
    activityid: { table: 'activitypointer', id: VISIT },
    participationtypemask: 7,
  });
  expect(rowOf(zoo, 'appointment', VISIT).values).not.toHaveProperty('organizer');
});

test('rows that are pointed to and missing are made, and named', () => {
  expect(zoo.outside).toEqual([{ table: 'systemuser', id: USER, outside: true }]);
  expect(rowOf(zoo, 'systemuser', USER).values).toMatchObject({ fullname: 'Ada', isdisabled: false });
  expect(zoo.notes).toContain('Made 1 rows that the package points to and does not hold: systemuser 1.');
});

test('an environment comes with it: organization, unit, currency, people who may sign in', () => {
  for (const table of ['organization', 'businessunit', 'transactioncurrency']) {
    expect(zoo.seed.rows.filter((row) => row.table === table)).toHaveLength(1);
  }
  expect(zoo.seed.users.map((user) => user.fullname)).toEqual([
    'Administrator',
    'svc-import',
    'Rowback service',
  ]);
  expect(rowOf(zoo, 'zoo_animal', FRIEND).values).toMatchObject({
    statecode: 0,
    statuscode: 1,
    createdon: '2019-04-05T08:59:23Z',
  });
});

test('the seed is sound', () => {
  expect(checkSeed(zoo.schema, zoo.seed)).toEqual([]);
});

test('a zip reads like its folder', () => {
  const path = join(folder, 'zoo.zip');
  writeFileSync(path, zipSync({ 'data.xml': strToU8(`\uFEFF${DATA}`), 'data_schema.xml': strToU8(SCHEMA) }));
  expect(loadPackage(path, base)).toEqual(zoo);
});

test.each([
  ['package-not-found', 'nothing', {}, /no folder or file/],
  ['package-incomplete', 'half', { 'data.xml': DATA }, /has no data_schema\.xml/],
  [
    'package-xml-invalid',
    'cut',
    { 'data.xml': DATA.slice(0, 900), 'data_schema.xml': SCHEMA },
    /data\.xml is not well-formed XML: line \d+/,
  ],
  ['package-schema-invalid', 'html', { 'data.xml': DATA, 'data_schema.xml': '<html/>' }, /lists no tables/],
  [
    'package-schema-invalid',
    'wrongdata',
    { 'data.xml': '<html/>', 'data_schema.xml': SCHEMA },
    /does not hold package data/,
  ],
  [
    'package-schema-invalid',
    'stranger',
    { 'data.xml': DATA.replaceAll('"zoo_legs"', '"zoo_wings"'), 'data_schema.xml': SCHEMA },
    /zoo_animal\.zoo_wings is not in/,
  ],
  [
    'package-value-invalid',
    'value',
    { 'data.xml': DATA.replace('value="4"', 'value="four"'), 'data_schema.xml': SCHEMA },
    /line \d+: zoo_animal .* zoo_legs cannot hold “four”/,
  ],
])('%s: %s is refused with the reason', (code, name, files, message) => {
  const path = code === 'package-not-found' ? join(folder, name) : write(name, files);
  let thrown: unknown;
  try {
    loadPackage(path, base);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PackageError);
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a file that is no zip is refused', () => {
  const path = join(folder, 'text.zip');
  writeFileSync(path, 'not a zip');
  expect(() => loadPackage(path, base)).toThrow(/is not a zip file/);
});
