import { escapeXml } from '../../../odata/paging.ts';
import type { EnumFact, OperationFact, ServiceModel, TypeFact, TypeName } from './service-model.ts';

/** Metadata objects have names beside their ids. */
const ALTERNATE_KEYS: Readonly<Record<string, string>> = {
  AttributeMetadata: 'LogicalName',
  EntityMetadata: 'LogicalName',
  EntityKeyMetadata: 'LogicalName',
  ManagedPropertyMetadata: 'LogicalName',
  OptionSetMetadataBase: 'Name',
  RelationshipMetadataBase: 'SchemaName',
};

/** Classes of the metadata, complex types, enumerations, actions and functions, in the order of the recording. */
export function printModel(model: ServiceModel): string {
  return [
    ...Object.entries(model.metadataTypes).map(([name, fact]) => structured('EntityType', name, fact)),
    ...Object.entries(model.complexTypes).map(([name, fact]) => structured('ComplexType', name, fact)),
    ...Object.entries(model.enums).map(([name, fact]) => enumeration(name, fact)),
    ...model.functions.map((operation) => printOperation('Function', operation)),
    ...model.actions.map((operation) => printOperation('Action', operation)),
  ].join('');
}

/** Unbound operations are called by way of the container. */
export function printImports(model: ServiceModel): string {
  const imports = (kind: 'Action' | 'Function', operations: readonly OperationFact[]) =>
    [...new Set(operations.filter((one) => one.bound !== true).map((one) => one.name))].map(
      (name) => `<${kind}Import Name="${name}" ${kind}="Microsoft.Dynamics.CRM.${name}" />`,
    );
  return [...imports('Action', model.actions), ...imports('Function', model.functions)].join('');
}

function structured(element: 'EntityType' | 'ComplexType', name: string, fact: TypeFact): string {
  const base = fact.base === undefined ? '' : ` BaseType="${fact.base}"`;
  const abstract = fact.abstract === true ? ' Abstract="true"' : '';
  return (
    `<${element} Name="${name}"${base}${abstract}>${key(fact.key)}` +
    `${fact.properties.map(([member, type]) => property(member, type)).join('')}` +
    `${(fact.navigations ?? []).map(navigation).join('')}` +
    `${alternateKey(ALTERNATE_KEYS[name])}</${element}>`
  );
}

const key = (name: string | undefined) =>
  name === undefined ? '' : `<Key><PropertyRef Name="${name}" /></Key>`;

export function property(name: string, type: TypeName, inside = ''): string {
  const facets = type.includes('Edm.String')
    ? ' Unicode="false"'
    : type === 'Edm.Decimal'
      ? ' Scale="Variable"'
      : '';
  const head = `<Property Name="${escapeXml(name)}" Type="${type}"${facets}`;
  return inside === '' ? `${head} />` : `${head}>${inside}</Property>`;
}

function navigation([name, type, contained]: readonly [string, TypeName, boolean?]): string {
  const nullable = type.startsWith('Collection(') ? '' : ' Nullable="false"';
  const contains = contained === true ? ' ContainsTarget="true"' : '';
  return `<NavigationProperty Name="${name}" Type="${type}"${nullable}${contains} />`;
}

/** A key beside the primary one, in the vocabulary that the recording uses. */
export function alternateKey(name: string | undefined): string {
  return name === undefined ? '' : alternateKeys([[name]]);
}

export function alternateKeys(keys: readonly (readonly string[])[]): string {
  const reference = (column: string) =>
    '<Record Type="OData.Community.Keys.V1.PropertyRef">' +
    `<PropertyValue Property="Alias" String="${column}" />` +
    `<PropertyValue Property="Name" PropertyPath="${column}" /></Record>`;
  const records = keys.map(
    (columns) =>
      '<Record Type="OData.Community.Keys.V1.AlternateKey"><PropertyValue Property="Key"><Collection>' +
      `${columns.map(reference).join('')}</Collection></PropertyValue></Record>`,
  );
  return `<Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection>${records.join('')}</Collection></Annotation>`;
}

function enumeration(name: string, { flags, members }: EnumFact): string {
  const values = Object.entries(members).map(
    ([member, value]) => `<Member Name="${member}" Value="${value}" />`,
  );
  return `<EnumType Name="${name}"${flags === true ? ' IsFlags="true"' : ''}>${values.join('')}</EnumType>`;
}

function printOperation(element: 'Action' | 'Function', operation: OperationFact): string {
  const bound = operation.bound === true ? ' IsBound="true"' : '';
  const composable = operation.composable === true ? ' IsComposable="true"' : '';
  const returns =
    operation.returns === undefined ? '' : `<ReturnType Type="${operation.returns}" Nullable="false" />`;
  return (
    `<${element} Name="${operation.name}"${bound}${composable}>` +
    `${(operation.parameters ?? []).map(parameter).join('')}${returns}</${element}>`
  );
}

function parameter([name, type, kind]: readonly [string, TypeName, ('nullable' | 'optional')?]): string {
  const nullable = kind === undefined ? ' Nullable="false"' : '';
  const head = `<Parameter Name="${name}" Type="${type}"${nullable}${type.includes('Edm.String') ? ' Unicode="false"' : ''}`;
  return kind === 'optional'
    ? `${head}><Annotation Term="Org.OData.Core.V1.OptionalParameter" /></Parameter>`
    : `${head} />`;
}
