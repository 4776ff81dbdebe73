import { readFileSync } from 'node:fs';
import { child, children, parseXml, textOf, type Element } from '../pack/xml.ts';
import { controlManifest, pack, unzip, xmlIn } from './support/packed.ts';
import { all, section, tablesOf, text, type Table } from './support/solution.ts';

let customizations: Element;
let tables: readonly Table[];
beforeAll(async () => {
  customizations = xmlIn(unzip(await pack()), 'customizations.xml');
  tables = tablesOf(customizations);
});
const table = (name: string): Table => {
  const found = tables.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not in the solution`);
  return found;
};
const own = (one: Table): readonly string[] =>
  [...one.columns.keys()].filter((name) => name.startsWith('rowback_')).sort();

test('the tables have the columns that the form, the service and people use', () => {
  expect(own(table('rowback_request'))).toEqual([
    'rowback_environmentid',
    'rowback_input',
    'rowback_kind',
    'rowback_name',
    'rowback_requestid',
    'rowback_requeststatus',
    'rowback_result',
    'rowback_targetid',
    'rowback_targettable',
  ]);
  expect(own(table('rowback_restore'))).toEqual([
    'rowback_failed',
    'rowback_kept',
    'rowback_name',
    'rowback_requestid',
    'rowback_restored',
    'rowback_restoreid',
    'rowback_restorekey',
    'rowback_restorestatus',
    'rowback_skipped',
    'rowback_snapshotid',
    'rowback_summary',
    'rowback_targetid',
    'rowback_targettable',
  ]);
  expect(own(table('rowback_heartbeat'))).toEqual([
    'rowback_backedupat',
    'rowback_environmentid',
    'rowback_heartbeatid',
    'rowback_name',
    'rowback_snapshotid',
  ]);
});

test.each([
  ['rowback_request', 'rowback_kind', [0, 1, 2, 3, 4]],
  ['rowback_request', 'rowback_requeststatus', [0, 1, 2]],
  ['rowback_restore', 'rowback_restorestatus', [0, 1, 2, 3, 4]],
])("the choices of %s.%s lie in the publisher's range", (name, column, expected) => {
  const attribute = table(name).columns.get(column);
  const values =
    attribute === undefined
      ? []
      : all(attribute, 'option').map((option) => Number(option.attributes['value']));
  expect(values).toEqual(expected.map((value) => 714_200_000 + value));
});

test('exactly the status and the result of a request are secured, and wide enough for an answer', () => {
  const secured = tables.flatMap((one) =>
    [...one.columns]
      .filter(([, attribute]) => text(attribute, 'IsSecured') === '1')
      .map(([name]) => `${one.name}.${name}`),
  );
  expect(secured).toEqual(['rowback_request.rowback_requeststatus', 'rowback_request.rowback_result']);
  const result = table('rowback_request').columns.get('rowback_result');
  expect(result && text(result, 'MaxLength')).toBe('1048576');
});

test('every table and every column says what it is', () => {
  for (const one of tables) {
    const described = [one.entity, ...one.columns.values()];
    for (const element of described) {
      const texts = all(element, 'Description').map(
        (description) => description.attributes['description'] ?? '',
      );
      expect([one.name, texts.length > 0 && texts.every((sentence) => sentence.length > 5)]).toEqual([
        one.name,
        true,
      ]);
    }
  }
});

test('every lookup has a relationship to an existing table, and every relationship a column', () => {
  const relationships = section(customizations, 'EntityRelationships');
  const standard = ['systemuser', 'businessunit', 'owner', 'team', 'organization'];
  const covered = new Set<string>();
  for (const relationship of relationships) {
    const referencing = text(relationship, 'ReferencingEntityName').toLowerCase();
    const column = text(relationship, 'ReferencingAttributeName').toLowerCase();
    const referenced = text(relationship, 'ReferencedEntityName').toLowerCase();
    expect([...standard, ...tables.map((one) => one.name)]).toContain(referenced);
    expect(['lookup', 'owner']).toContain(
      text(table(referencing).columns.get(column) ?? customizations, 'Type'),
    );
    covered.add(`${referencing}.${column}`);
  }
  // The platform relates the delegates itself and exports no relationship for them.
  const delegates = ['createdonbehalfby', 'modifiedonbehalfby'];
  for (const one of tables) {
    for (const [name, attribute] of one.columns) {
      if (!['lookup', 'owner'].includes(text(attribute, 'Type')) || delegates.includes(name)) continue;
      expect([...covered]).toContain(`${one.name}.${name}`);
    }
  }
});

test('a restore points to its request under the name that programs use', () => {
  const relationship = section(customizations, 'EntityRelationships').find(
    (one) => one.attributes['Name'] === 'rowback_request_rowback_restore_RequestId',
  );
  const names = relationship === undefined ? [] : all(relationship, 'NavigationPropertyName').map(textOf);
  expect(names).toEqual(['rowback_RequestId', 'rowback_request_rowback_restore_RequestId']);
});

describe('views and forms', () => {
  test('each table has the five kinds of views, one of them the default', () => {
    for (const one of tables) {
      const kinds = new Set(one.views.map((view) => text(view, 'querytype')));
      expect([one.name, [...kinds].sort()]).toEqual([one.name, ['0', '1', '2', '4', '64']]);
      const defaults = one.views.filter(
        (view) => text(view, 'querytype') === '0' && text(view, 'isdefault') === '1',
      );
      expect([one.name, defaults.length]).toEqual([one.name, 1]);
    }
  });

  test('a view shows only columns that its table has and its query reads', () => {
    for (const one of tables) {
      for (const view of one.views) {
        const read = all(view, 'attribute').map((attribute) => attribute.attributes['name'] ?? '');
        const asked = [...all(view, 'condition'), ...all(view, 'order')].map(
          (element) => element.attributes['attribute'] ?? '',
        );
        for (const name of [...read, ...asked]) expect([...one.columns.keys()]).toContain(name);
        for (const cell of all(view, 'cell')) expect(read).toContain(cell.attributes['name']);
      }
    }
  });

  const classIds: Readonly<Record<string, readonly string[]>> = {
    '{4273EDBD-AC1D-40D3-9FB2-095C621B552D}': ['nvarchar'],
    '{270BD3DB-D9AF-4782-9025-509E298DEC0A}': ['lookup', 'owner'],
    '{3EF39988-22BB-4F0B-BBBE-64B5A3748AEE}': ['picklist'],
    '{5B773807-9FB2-42DB-97C3-7A91EFF8ADFF}': ['datetime'],
    '{E0DECE4B-6FC8-4A8F-A065-082708572369}': ['ntext'],
    '{C6D124CA-7EDA-4A60-AEA9-7FB8D318B68F}': ['int'],
    // Stands where a code component is.
    '{F9A8A302-114E-466A-B582-6771B2AE0D92}': ['nvarchar'],
  };

  test('a form shows only columns that its table has, each in a control of its type, and none can be changed', () => {
    for (const one of tables) {
      for (const control of one.forms.flatMap((form) => all(form, 'control'))) {
        const column = one.columns.get(control.attributes['datafieldname'] ?? '');
        expect(classIds[control.attributes['classid'] ?? '']).toContain(column && text(column, 'Type'));
        expect(control.attributes['disabled']).toBe('true');
      }
    }
  });

  test('the forms of request and restore show the history in a closed tab of its own that is not the first', () => {
    const manifest = parseXml(readFileSync(controlManifest, 'utf8'), controlManifest);
    const properties = all(manifest, 'property').map((property) => property.attributes['name']);
    const required = all(manifest, 'property').filter((p) => p.attributes['required'] === 'true');
    for (const one of [table('rowback_request'), table('rowback_restore')]) {
      const form = one.forms[0];
      if (form === undefined) throw new Error(`${one.name} has no form`);
      const placed = all(form, 'customControl').filter(
        (control) => control.attributes['formFactor'] !== undefined,
      );
      expect(placed.map((control) => control.attributes['formFactor'])).toEqual(['0', '1', '2']);
      for (const control of placed) {
        expect(control.attributes['name']).toBe('rowback_Rowback.RecordHistory');
        const bound = children(child(control, 'parameters') ?? control);
        for (const parameter of bound) {
          expect(properties).toContain(parameter.name);
          expect([...one.columns.keys()]).toContain(textOf(parameter));
        }
        for (const property of required)
          expect(bound.map((p) => p.name)).toContain(property.attributes['name']);
        expect(bound.map((p) => `${p.name}=${textOf(p)}`)).toEqual(
          expect.arrayContaining(['recordId=rowback_targetid', 'tableName=rowback_targettable']),
        );
      }
      const id = all(form, 'controlDescription')[0]?.attributes['forControl'];
      const tabs = all(form, 'tab').map((tab) =>
        all(tab, 'control').some((c) => c.attributes['uniqueid'] === id),
      );
      expect(tabs.indexOf(true)).toBeGreaterThan(0);
      expect(all(form, 'tab')[tabs.indexOf(true)]?.attributes['expanded']).toBe('false');
    }
  });
});
