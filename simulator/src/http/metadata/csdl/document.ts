import type { TableDefinition } from '../../../model/definitions.ts';
import type { Schema } from '../../../model/schema.ts';
import { escapeXml } from '../../../odata/paging.ts';
import { methodNotAllowed } from '../../../service/errors.ts';
import type { ApiResponse, Call } from '../../api.ts';
import { declaredModel } from './declared-model.ts';
import { declaredNavigations } from './navigations.ts';
import { printImports, printModel } from './print-model.ts';
import { principalType, tableType } from './table-types.ts';

const VOCABULARIES = ['OData.Community.Keys.V1 Keys', 'OData.Community.Display.V1 Display'];
/** Read beside what is annotated; the plain document names only the two above. */
const ANNOTATION_VOCABULARIES = ['Org.OData.Core.V1 Core', 'Org.OData.Capabilities.V1 Capabilities'];

/** `$metadata`: the whole service in CSDL. `annotations=true`, or the preference for all annotations, adds notes. */
export function metadataDocument(call: Call): ApiResponse {
  if (call.method !== 'GET') throw methodNotAllowed(call.method);
  const annotated =
    call.url.query.get('annotations') === 'true' || call.context.preferences.annotations === '*';
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: printDocument(
      call.context.environment.schemaSeen(call.headers.get('consistency') === 'Strong'),
      annotated,
    ),
  };
}

export function printDocument(schema: Schema, annotated: boolean): string {
  const tables = schema.tables.filter((table) => table.entitySetName !== null);
  const model = declaredModel(schema);
  const vocabularies = annotated ? [...VOCABULARIES, ...ANNOTATION_VOCABULARIES] : VOCABULARIES;
  return (
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">' +
    `${vocabularies.map(reference).join('')}<edmx:DataServices>` +
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">' +
    `<EntityType Name="crmbaseentity" Abstract="true" />${principalType(schema)}` +
    tables.map((table) => tableType(schema, table, annotated)).join('') +
    printModel(model) +
    ['associatednavigationproperty', 'lookuplogicalname']
      .map((name) => `<Term Name="${name}" Type="Edm.String" AppliesTo="PropertyValue" />`)
      .join('') +
    '<EntityContainer Name="System">' +
    tables.map((table) => entitySet(schema, table, annotated)).join('') +
    `${printImports(model)}${METADATA_SETS}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`
  );
}

function reference(vocabulary: string): string {
  const [namespace = '', alias = ''] = vocabulary.split(' ');
  return (
    `<edmx:Reference Uri="http://vocabularies.odata.org/${namespace}.xml"><edmx:Include Namespace="${namespace}" Alias="${alias}" />` +
    `<edmx:IncludeAnnotations TermNamespace="${namespace}" /></edmx:Reference>`
  );
}

function entitySet(schema: Schema, table: TableDefinition, annotated: boolean): string {
  const bindings = declaredNavigations(schema, table.logicalName).flatMap(({ name, target }) => {
    const set = schema.table(target)?.entitySetName ?? null;
    return set === null ? [] : [binding(escapeXml(name), set)];
  });
  const tracking =
    annotated && table.changeTracking
      ? '<Annotation Term="Org.OData.Capabilities.V1.ChangeTracking"><Record><PropertyValue Property="Supported" Bool="true" /></Record></Annotation>'
      : '';
  return `<EntitySet Name="${table.entitySetName}" EntityType="Microsoft.Dynamics.CRM.${table.logicalName}">${bindings.join('')}${tracking}</EntitySet>`;
}

function binding(path: string, target: string): string {
  return `<NavigationPropertyBinding Path="${path}" Target="${target}" />`;
}

const RELATIONSHIPS = ['ManyToManyRelationships', 'ManyToOneRelationships', 'OneToManyRelationships'];

/** The sets of the metadata itself; the service document does not list them. */
const METADATA_SETS =
  '<EntitySet Name="EntityDefinitions" EntityType="Microsoft.Dynamics.CRM.EntityMetadata">' +
  RELATIONSHIPS.map((path) => binding(path, 'RelationshipDefinitions')).join('') +
  ['Boolean', 'Enum']
    .map((kind) =>
      binding(
        `Microsoft.Dynamics.CRM.${kind}AttributeMetadata/GlobalOptionSet`,
        'GlobalOptionSetDefinitions',
      ),
    )
    .join('') +
  '</EntitySet>' +
  '<EntitySet Name="GlobalOptionSetDefinitions" EntityType="Microsoft.Dynamics.CRM.OptionSetMetadataBase" />' +
  '<EntitySet Name="ManagedPropertyDefinitions" EntityType="Microsoft.Dynamics.CRM.ManagedPropertyMetadata" />' +
  '<EntitySet Name="RelationshipDefinitions" EntityType="Microsoft.Dynamics.CRM.RelationshipMetadataBase" />';
