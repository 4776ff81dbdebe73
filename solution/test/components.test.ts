import { child, children, textOf, type Element } from '../pack/xml.ts';
import { rootComponents } from '../pack/manifest.ts';
import { pack, textIn, unzip, xmlIn, type Entries } from './support/packed.ts';
import { all, section, tablesOf, text } from './support/solution.ts';

let entries: Entries;
let customizations: Element;
let manifest: Element;
beforeAll(async () => {
  entries = unzip(await pack());
  customizations = xmlIn(entries, 'customizations.xml');
  manifest = xmlIn(entries, 'solution.xml');
});

const attribute = (elements: readonly Element[], name: string): readonly string[] =>
  elements.map((element) => element.attributes[name] ?? '');
const names = (sectionName: string, leaf: string): readonly string[] =>
  section(customizations, sectionName).map((element) => text(element, leaf));

test('root components and packed components are the same', () => {
  const packed = new Map<number, readonly string[]>([
    [1, tablesOf(customizations).map((table) => table.name)],
    [20, attribute(section(customizations, 'Roles'), 'id')],
    [61, names('WebResources', 'Name')],
    [62, names('AppModuleSiteMaps', 'SiteMapUniqueName')],
    [66, names('CustomControls', 'Name')],
    [70, attribute(section(customizations, 'FieldSecurityProfiles'), 'fieldsecurityprofileid')],
    [80, names('AppModules', 'UniqueName')],
  ]);
  const listed = rootComponents(manifest);
  expect(new Set(listed.map((root) => root.type))).toEqual(new Set(packed.keys()));
  for (const [type, ids] of packed) {
    expect(
      listed
        .filter((root) => root.type === type)
        .map((root) => root.name)
        .sort(),
    ).toEqual([...ids].sort());
  }
});

test('every file that a component names is in the zip, and icons are drawings', () => {
  const files = ['WebResources', 'CustomControls'].flatMap((name) => names(name, 'FileName'));
  expect(files.length).toBe(5);
  for (const file of files) expect(Object.keys(entries)).toContain(file.slice(1));
  for (const file of names('WebResources', 'FileName'))
    expect(textIn(entries, file.slice(1))).toMatch(/^<svg /);
});

test('everything carries the prefix of the publisher', () => {
  const all = rootComponents(manifest).filter((root) => !root.name.startsWith('{'));
  for (const root of all) expect(root.name).toMatch(/^rowback_/);
});

test('no id is used for two things, and all are written alike', () => {
  const owners: readonly (readonly [string, string])[] = [
    ...all(customizations, 'formid').map((e) => ['form', textOf(e)] as const),
    ...all(customizations, 'savedqueryid').map((e) => ['view', textOf(e)] as const),
    ...['tab', 'section', 'cell', 'header'].flatMap((name) =>
      all(customizations, name).flatMap((e) =>
        e.attributes['id'] === undefined ? [] : [[name, e.attributes['id']] as const],
      ),
    ),
    ...all(customizations, 'control').flatMap((e) =>
      e.attributes['uniqueid'] === undefined ? [] : [['control', e.attributes['uniqueid']] as const],
    ),
    ...section(customizations, 'Roles').map((e) => ['role', e.attributes['id'] ?? ''] as const),
    ...section(customizations, 'FieldSecurityProfiles').map(
      (e) => ['profile', e.attributes['fieldsecurityprofileid'] ?? ''] as const,
    ),
    ...all(customizations, 'WebResourceId')
      .filter((e) => textOf(e).startsWith('{'))
      .map((e) => ['icon', textOf(e)] as const),
  ];
  const ids = owners.map(([, id]) => id);
  for (const id of ids) expect(id).toMatch(/^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test('ids that installations already know never change', () => {
  const roles = section(customizations, 'Roles').map((role) => [
    role.attributes['name'],
    role.attributes['id'],
  ]);
  const profiles = section(customizations, 'FieldSecurityProfiles').map((p) => [
    p.attributes['name'],
    p.attributes['fieldsecurityprofileid'],
  ]);
  const forms = all(customizations, 'formid').map((form) => ['form', textOf(form)]);
  expect([...roles, ...profiles, ...forms]).toMatchInlineSnapshot(`
    [
      [
        "Rowback Administrator",
        "{69ff83b1-1858-5e51-a987-88665765feb1}",
      ],
      [
        "Rowback Operator",
        "{e77b7c6f-e2da-5cd9-9e28-39176ba61726}",
      ],
      [
        "Rowback Service",
        "{12c5983a-b14e-5774-acee-8177531f1103}",
      ],
      [
        "Rowback User",
        "{caf4211f-006c-5c9e-a321-3f5780a1c0df}",
      ],
      [
        "Rowback request readers",
        "{67c5bebf-9848-5f1b-b57f-5e60fd39f0dc}",
      ],
      [
        "Rowback service",
        "{3a97a338-21fa-5c73-9bd1-6fe6cd7a1446}",
      ],
      [
        "form",
        "{9d73df98-564f-505c-beca-6c0b1aa7b32b}",
      ],
      [
        "form",
        "{a6e6dfdd-526d-56b5-9830-9663df2ecd2a}",
      ],
      [
        "form",
        "{42792d80-8389-5082-af85-f1681f2a8a82}",
      ],
    ]
  `);
});

describe('security', () => {
  const privileges = (role: string): readonly string[] => {
    const found = section(customizations, 'Roles').find((one) => one.attributes['name'] === role);
    return found === undefined
      ? []
      : all(found, 'RolePrivilege').map((p) => `${p.attributes['name']} ${p.attributes['level']}`);
  };

  test('a user may ask and read the own answers, and nothing more', () => {
    expect(privileges('Rowback User')).toEqual([
      'prvCreaterowback_Request Basic',
      'prvReadrowback_Heartbeat Global',
      'prvReadrowback_Request Basic',
      'prvReadrowback_Restore Basic',
    ]);
  });

  test('nobody but the service may write a request, a restore or the heartbeat', () => {
    for (const role of ['Rowback User', 'Rowback Operator', 'Rowback Administrator']) {
      expect(privileges(role).length).toBeGreaterThan(0);
      expect(privileges(role).filter((name) => /prv(Write|Share|Append)/.test(name))).toEqual([]);
      expect(privileges(role).filter((name) => /prvCreaterowback_(Restore|Heartbeat)/.test(name))).toEqual(
        [],
      );
    }
  });

  test('the service may do everything with the tables, and act for the user who asked', () => {
    const verbs = ['Append', 'AppendTo', 'Create', 'Delete', 'Read', 'Write'];
    const granted = privileges('Rowback Service');
    for (const table of ['Request', 'Restore', 'Heartbeat']) {
      for (const verb of verbs) expect(granted).toContain(`prv${verb}rowback_${table} Global`);
    }
    expect(granted).toContain('prvActOnBehalfOfAnotherUser Global');
  });

  test('auditing tells who asked what and how it ended, and never copies what a backup holds', () => {
    const audited = new Map(
      tablesOf(customizations).map((table) => [
        table.name,
        [...table.columns]
          .filter(([, column]) => text(column, 'IsAuditEnabled') === '1')
          .map(([name]) => name),
      ]),
    );
    expect(audited.get('rowback_request')).toEqual(
      expect.arrayContaining(['rowback_kind', 'rowback_requeststatus', 'rowback_targetid', 'ownerid']),
    );
    expect(audited.get('rowback_restore')).toEqual(
      expect.arrayContaining(['rowback_restorestatus', 'rowback_restorekey', 'rowback_targetid', 'ownerid']),
    );
    expect(audited.get('rowback_heartbeat')).toEqual([]);
    for (const name of ['rowback_input', 'rowback_result', 'rowback_summary'])
      expect([...audited.values()].flat()).not.toContain(name);
  });

  test('each table belongs to the organisation or to users, and privileges on the former are global', () => {
    for (const table of tablesOf(customizations)) {
      const entity = all(table.entity, 'entity')[0];
      const owned = entity === undefined ? '' : text(entity, 'OwnershipTypeMask');
      expect([table.name, owned]).toEqual([
        table.name,
        table.name === 'rowback_heartbeat' ? 'OrgOwned' : 'UserOwned',
      ]);
    }
    for (const role of section(customizations, 'Roles')) {
      for (const privilege of all(role, 'RolePrivilege')) {
        if (privilege.attributes['name']?.endsWith('rowback_Heartbeat'))
          expect(privilege.attributes['level']).toBe('Global');
      }
    }
  });

  test('the profiles cover exactly the secured columns: readers read, the service writes', () => {
    const secured = tablesOf(customizations).flatMap((table) =>
      [...table.columns]
        .filter(([, column]) => text(column, 'IsSecured') === '1')
        .map(([name]) => `${table.name}.${name}`),
    );
    for (const profile of section(customizations, 'FieldSecurityProfiles')) {
      const permissions = all(profile, 'FieldPermission');
      expect(permissions.map((p) => `${text(p, 'EntityName')}.${text(p, 'AttributeName')}`).sort()).toEqual(
        [...secured].sort(),
      );
      const write = profile.attributes['name'] === 'Rowback service' ? '4' : '0';
      for (const permission of permissions) {
        expect(['CanRead', 'CanCreate', 'CanUpdate'].map((name) => text(permission, name))).toEqual([
          '4',
          write,
          write,
        ]);
      }
    }
  });
});

test('the app opens tables, views, forms and roles that exist, and its map leads to its tables', () => {
  const app = section(customizations, 'AppModules')[0];
  const map = section(customizations, 'AppModuleSiteMaps')[0];
  if (app === undefined || map === undefined) throw new Error('the app is not in the solution');
  const known: Readonly<Record<string, readonly string[]>> = {
    '1': tablesOf(customizations).map((table) => table.name),
    '26': all(customizations, 'savedqueryid').map(textOf),
    '60': all(customizations, 'formid').map(textOf),
    '62': names('AppModuleSiteMaps', 'SiteMapUniqueName'),
  };
  for (const component of all(app, 'AppModuleComponent')) {
    const { type, schemaName, id } = component.attributes;
    expect(known[type ?? '']).toContain(schemaName ?? id);
  }
  const systemRoles = ['{119f245c-3cc8-4b62-b31c-d1a046ced15d}', '{627090ff-40a3-4053-8790-584edc5be201}'];
  const roles = [...attribute(section(customizations, 'Roles'), 'id'), ...systemRoles];
  for (const role of all(child(app, 'AppModuleRoleMaps') ?? app, 'Role'))
    expect(roles).toContain(role.attributes['id']);
  expect(attribute(all(map, 'SubArea'), 'Entity')).toEqual([
    'rowback_restore',
    'rowback_request',
    'rowback_heartbeat',
  ]);
  const icons = names('WebResources', 'Name').map((name) => `/WebResources/${name}`);
  for (const icon of attribute(all(map, 'SubArea'), 'VectorIcon')) expect(icons).toContain(icon);
  expect(children(map).length).toBeGreaterThan(0);
});
