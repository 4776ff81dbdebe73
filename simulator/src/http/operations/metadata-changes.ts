import { stringify } from 'lossless-json';
import type { SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { Schema } from '../../model/schema.ts';
import { parseArguments, unquote } from '../../odata/url.ts';
import type { Environment } from '../../service/environment.ts';
import { badRequest, expiredToken } from '../../service/errors.ts';
import { parseObject, type JsonObject } from '../../service/json.ts';
import { changedTables, deletedBetween, type DeletedKind } from '../../service/schema/diff-definitions.ts';
import { objectMember } from '../../service/schema/metadata-json.ts';
import { json, type ApiResponse, type Call } from '../api.ts';
import { cutShape, readMetadataQuery, type MetadataQuery } from '../metadata/metadata-query.ts';
import { tableNode, type Node } from '../metadata/nodes.ts';
import type { Shape } from '../metadata/table-shape.ts';
import type { Operation } from './operation.ts';

const DAY_MS = 24 * 3600 * 1000;
const RELATIONSHIPS = [
  'OneToManyRelationships',
  'ManyToOneRelationships',
  'ManyToManyRelationships',
] as const;

export const metadataChangeOperations = {
  RetrieveMetadataChanges: { method: 'GET', run: retrieveMetadataChanges },
} satisfies Record<string, Operation>;

/** Definitions that a query chooses; with the stamp of an earlier answer, only those changed since, and what is gone. */
function retrieveMetadataChanges(call: Call, argument: string): ApiResponse {
  const { environment } = call.context;
  const given = parseArguments(argument, call.url.query);
  const stamp = given.get('ClientVersionStamp');
  const before = stamp === undefined ? undefined : definitionAt(environment, unquote(stamp));
  const queryText = given.get('Query');
  const query = queryText === undefined ? undefined : parseObject(queryText, 'RetrieveMetadataChanges');
  const filters = given.get('DeletedMetadataFilters');
  const members = {
    '@odata.context': `${call.context.serviceRoot}$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse`,
    ServerVersionStamp: stampOf(environment),
    EntityMetadata: entities(
      environment.schema,
      query,
      stamp === undefined ? undefined : (before ?? environment.schema.definition),
    ),
    DeletedMetadata:
      stamp === undefined || filters === undefined ? null : deleted(environment, before, filters),
  };
  return json(200, stringify(members) ?? '');
}

function entities(
  schema: Schema,
  query: JsonObject | undefined,
  before: SchemaDefinition | undefined,
): Shape[] {
  const chosen = readMetadataQuery(query);
  const changed = changedTables(before, schema.definition);
  const found: Shape[] = [];
  for (const table of schema.tables) {
    if (before !== undefined && !changed(table)) continue;
    const node = tableNode(schema, table);
    if (!chosen.passes(node.shape)) continue;
    const shape = cutShape({ ...node.shape, HasChanged: before === undefined ? null : true }, chosen);
    found.push({ ...shape, ...collections(node, query, chosen, unchangedColumns(before, table)) });
  }
  return found;
}

/** Ids of the columns that are still the same objects as before. */
function unchangedColumns(before: SchemaDefinition | undefined, table: TableDefinition): ReadonlySet<string> {
  const old = before?.tables.find((one) => one.logicalName === table.logicalName);
  const same = [...table.columns.values()].filter(
    (column) => old?.columns.get(column.logicalName) === column,
  );
  return new Set(same.map((column) => column.metadataId));
}

/** Columns, keys and relationships as their own queries ask; columns in the `Complex…` form of this message. */
function collections(
  node: Node,
  query: JsonObject | undefined,
  chosen: MetadataQuery,
  unchanged: ReadonlySet<string>,
): Shape {
  const wants = (name: string) => chosen.properties === undefined || chosen.properties.has(name);
  const shapes = (name: string, own: MetadataQuery): Shape[] => {
    const nodes = node.navigations[name]?.() ?? [];
    const list = Array.isArray(nodes) ? (nodes as readonly Node[]) : []; // these navigations lead to lists
    return list
      .filter((one) => own.passes(one.shape) && !unchanged.has(String(one.shape['MetadataId'])))
      .map((one) => complexShape(one, own));
  };
  const result: Shape = {};
  const sub = (name: string) => readMetadataQuery(objectMember(query ?? {}, name));
  if (wants('Attributes')) result['Attributes'] = shapes('Attributes', sub('AttributeQuery'));
  if (wants('Keys')) result['Keys'] = shapes('Keys', sub('KeyQuery'));
  for (const name of RELATIONSHIPS) if (wants(name)) result[name] = shapes(name, sub('RelationshipQuery'));
  return result;
}

function complexShape(node: Node, query: MetadataQuery): Shape {
  const type = `#Microsoft.Dynamics.CRM.Complex${node.type}`;
  const sets = query.properties === undefined || query.properties.has('OptionSet');
  const own = node.navigations['OptionSet']?.() ?? node.navigations['GlobalOptionSet']?.();
  const set = sets && own !== undefined && !Array.isArray(own) ? { OptionSet: (own as Node).shape } : {}; // not a list
  return { ...cutShape({ ...node.shape, '@odata.type': type }, query), ...set };
}

/** `Keys` and `Values` are parallel: a kind of definition and the ids of those that are gone. */
function deleted(environment: Environment, before: SchemaDefinition | undefined, filters: string) {
  const wanted = wantedKinds(filters);
  const all =
    before === undefined
      ? new Map<DeletedKind, readonly string[]>()
      : deletedBetween(before, environment.schema.definition);
  const found = [...all].filter(([kind]) => wanted(kind));
  return {
    Count: found.length,
    IsReadOnly: false,
    Keys: found.map(([kind]) => kind),
    Values: found.map(([, ids]) => ({ Count: ids.length, Items: ids })),
  };
}

function wantedKinds(filters: string): (kind: DeletedKind) => boolean {
  const names = filters.replace(/^Microsoft\.Dynamics\.CRM\.DeletedMetadataFilters/, '').replaceAll("'", '');
  const list = names.split(',').map((name) => name.trim());
  return (kind) => list.includes('All') || list.includes('Default') || list.includes(kind);
}

/** `<metadata version>!<MM/dd/yyyy HH:mm:ss>` in UTC. */
function stampOf(environment: Environment): string {
  const [day = '', time = ''] = environment.timestamp().slice(0, 19).split('T');
  const [year, month, dayOfMonth] = day.split('-');
  return `${environment.metadataVersion}!${month}/${dayOfMonth}/${year} ${time}`;
}

/** @throws ServiceError `0x80044352` when the stamp is older than `expiresubscriptionsindays` */
function definitionAt(environment: Environment, stamp: string): SchemaDefinition | undefined {
  const match = /^(\d+)!(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}:\d{2})$/.exec(stamp);
  if (match === null) throw badRequest(`The version stamp '${stamp}' is not valid.`, '0x80040203');
  const [, version, month, day, year, time] = match;
  const days = Number(environment.setting('expiresubscriptionsindays') ?? 90);
  const madeAtMs = Date.parse(`${year}-${month}-${day}T${time}Z`);
  if (environment.now() - madeAtMs > days * DAY_MS) throw expiredToken();
  return environment.schemaHistory.atVersion(Number(version));
}
