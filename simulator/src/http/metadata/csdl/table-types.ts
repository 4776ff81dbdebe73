import type { TableDefinition } from '../../../model/definitions.ts';
import type { Property, Schema } from '../../../model/schema.ts';
import { escapeXml } from '../../../odata/paging.ts';
import { edmType } from './edm-type.ts';
import { declaredNavigations, isDeclared, type DeclaredNavigation } from './navigations.ts';
import { alternateKeys, property } from './print-model.ts';

const ACTIVITY = 'activitypointer';

/** What `principal`, the common base of users and teams, lends them. */
const PRINCIPALS = new Set(['systemuser', 'team']);

/** The base of users and teams. Its collections are those of the relationships that lead to an owner. */
export function principalType(schema: Schema): string {
  const owned = schema
    .children('owner')
    .filter((one) => one.referencedNavigation !== '' && isDeclared(schema, one.referencingTable));
  const collections = owned.map((one) =>
    printNavigation({
      name: one.referencedNavigation,
      target: one.referencingTable,
      many: true,
      partner: one.referencingNavigation,
      constraint: undefined,
    }),
  );
  return (
    '<EntityType Name="principal" BaseType="mscrm.crmbaseentity" Abstract="true"><Key><PropertyRef Name="ownerid" /></Key>' +
    `${property('ownerid', 'Edm.Guid')}${collections.join('')}</EntityType>`
  );
}

/**
 * A table's type. Activities derive from `activitypointer`, users and teams from `principal`; a derived type declares
 * only what its base does not.
 */
export function tableType(schema: Schema, table: TableDefinition, annotated: boolean): string {
  const name = table.logicalName;
  const base = baseOf(table);
  const inherited = base === ACTIVITY ? schema.properties(ACTIVITY) : new Map<string, Property>();
  const inheritedNavigations =
    base === ACTIVITY
      ? new Set(declaredNavigations(schema, ACTIVITY).map((one) => one.name))
      : new Set<string>();
  const properties = [...schema.properties(name).values()].filter(
    (one) => !inherited.has(one.name) && !(base === 'principal' && one.name === 'ownerid'),
  );
  const navigations = declaredNavigations(schema, name).filter((one) => !inheritedNavigations.has(one.name));
  const keyColumn = base === 'principal' ? 'ownerid' : table.primaryId;
  return (
    `<EntityType Name="${name}" BaseType="mscrm.${base}"${name === ACTIVITY ? ' Abstract="true"' : ''}>` +
    `<Key><PropertyRef Name="${keyColumn}" /></Key>` +
    `${properties.map((one) => printProperty(one, annotated)).join('')}` +
    `${navigations.map(printNavigation).join('')}` +
    `${table.keys.length === 0 ? '' : alternateKeys(table.keys.map((key) => key.columns))}` +
    `${annotated ? text('Org.OData.Core.V1.Description', table.displayName) : ''}</EntityType>`
  );
}

function baseOf(table: TableDefinition): string {
  if (PRINCIPALS.has(table.logicalName)) return 'principal';
  return table.activity && table.logicalName !== ACTIVITY ? ACTIVITY : 'crmbaseentity';
}

function printProperty({ name, column }: Property, annotated: boolean): string {
  const computed = !column.validForCreate && !column.validForUpdate;
  const notes = annotated
    ? text('OData.Community.Display.V1.DisplayName', column.displayName) +
      (computed ? '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true" />' : '')
    : '';
  return property(name, edmType(column), notes);
}

function text(term: string, value: string): string {
  return `<Annotation Term="${term}" String="${escapeXml(value)}" />`;
}

function printNavigation({ name, target, many, partner, constraint }: DeclaredNavigation): string {
  const type = many ? `Collection(mscrm.${target})` : `mscrm.${target}`;
  const back = partner === '' ? '' : ` Partner="${escapeXml(partner)}"`;
  const head = `<NavigationProperty Name="${escapeXml(name)}" Type="${type}"${many ? '' : ' Nullable="false"'}${back}`;
  return constraint === undefined
    ? `${head} />`
    : `${head}><ReferentialConstraint Property="${constraint.property}" ReferencedProperty="${constraint.referenced}" /></NavigationProperty>`;
}
