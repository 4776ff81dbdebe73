import { builtInSchema } from '../../../data/index.ts';
import { Schema } from '../../../model/schema.ts';
import { declaredModel, operationNames } from './declared-model.ts';
import { printDocument } from './document.ts';

const schema = Schema.of(builtInSchema());

test('every operation that this service answers is declared in $metadata', () => {
  const model = declaredModel(schema);
  const declared = new Set([...model.actions, ...model.functions].map((operation) => operation.name));
  expect([...operationNames()].filter((name) => !declared.has(name))).toEqual([]);
});

test('an operation of the platform that this service lacks is not declared', () => {
  const { actions } = declaredModel(schema);
  expect(actions.map((action) => action.name)).not.toContain('InstantiateTemplate');
});

test('activities derive from activitypointer, users and teams from principal, and declare only what is their own', () => {
  const xml = printDocument(schema, false);
  const type = (name: string) =>
    new RegExp(`<EntityType Name="${name}".*?</EntityType>`).exec(xml)?.[0] ?? '';
  expect(type('email')).toContain('BaseType="mscrm.activitypointer"');
  expect(type('email')).not.toContain('Name="subject"');
  expect(type('activitypointer')).toContain('Name="subject"');
  expect(type('systemuser')).toContain('BaseType="mscrm.principal"><Key><PropertyRef Name="ownerid" />');
});

test('navigation properties carry partner and constraint as recorded', () => {
  expect(printDocument(schema, false)).toContain(
    '<NavigationProperty Name="primarycontactid" Type="mscrm.contact" Nullable="false" Partner="account_primary_contact">' +
      '<ReferentialConstraint Property="_primarycontactid_value" ReferencedProperty="contactid" /></NavigationProperty>',
  );
});

test('annotations=true tells tables with change tracking and columns that are read-only', () => {
  const xml = printDocument(schema, true);
  expect(xml).toContain('Term="Org.OData.Capabilities.V1.ChangeTracking"');
  expect(xml).toMatch(/<Property Name="createdon"[^>]*>.*?Term="Org\.OData\.Core\.V1\.Computed" Bool="true"/);
  expect(printDocument(schema, false)).not.toContain('ChangeTracking"');
});
