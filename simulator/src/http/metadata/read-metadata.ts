import { stringify } from 'lossless-json';
import { parseGuid } from '../../model/guid.ts';
import { parseFilter } from '../../odata/filter-parser.ts';
import { parseExpand, parseSelect, type ExpandItem } from '../../odata/query-options.ts';
import { metadataVersionMember } from '../../odata/read-collection.ts';
import { parseArguments, unquote, type Segment } from '../../odata/url.ts';
import {
  badRequest,
  methodNotAllowed,
  propertyNotFound,
  segmentNotFound,
  ServiceError,
} from '../../service/errors.ts';
import { json, noContent, type ApiResponse, type Call } from '../api.ts';
import { shapeMatches } from './filter-shape.ts';
import {
  globalOptionSets,
  managedPropertyNodes,
  relationshipNodes,
  shapeText,
  tableNode,
  type Node,
} from './nodes.ts';
import type { Shape } from './table-shape.ts';

export const METADATA_ROOTS = new Set([
  'EntityDefinitions',
  'RelationshipDefinitions',
  'GlobalOptionSetDefinitions',
  'ManagedPropertyDefinitions',
]);

const TYPE_PREFIX = 'Microsoft.Dynamics.CRM.';

/** What a metadata path has led to so far. */
interface Position {
  readonly nodes: readonly Node[];
  readonly single: boolean;
  /** Cast to a subclass: its own properties can be selected and it prints no `@odata.type`. */
  readonly cast: string | undefined;
  /** Base class of what is in the collection. */
  readonly declared: string;
  readonly contextPath: string;
}

/** `EntityDefinitions…`, `RelationshipDefinitions…`, `GlobalOptionSetDefinitions…`, `ManagedPropertyDefinitions…`: never paged. */
export function readMetadata(call: Call, root: Segment, rest: readonly Segment[]): ApiResponse {
  if (call.method !== 'GET') throw methodNotAllowed(call.method);
  let position = keyed(call, rootPosition(call, root), root);
  for (const [at, segment] of rest.entries()) {
    if (segment.name.startsWith(TYPE_PREFIX))
      position = cast(position, segment.name.slice(TYPE_PREFIX.length));
    else {
      const next = follow(position, segment.name);
      if (next === undefined) return propertyValue(call, position, segment.name, rest.slice(at + 1));
      position = keyed(call, next, segment);
    }
  }
  return print(call, position);
}

function rootPosition(call: Call, root: Segment): Position {
  const schema = call.context.environment.schemaSeen(call.headers.get('consistency') === 'Strong');
  const make = (declared: string, nodes: readonly Node[]): Position => ({
    nodes,
    single: false,
    cast: undefined,
    declared,
    contextPath: root.name,
  });
  if (root.name === 'RelationshipDefinitions')
    return make('RelationshipMetadataBase', relationshipNodes(schema));
  if (root.name === 'ManagedPropertyDefinitions')
    return make('ManagedPropertyMetadata', managedPropertyNodes());
  if (root.name === 'GlobalOptionSetDefinitions') {
    if (call.url.query.has('$filter')) throw badRequest('The query parameter $filter is not supported');
    return make('OptionSetMetadataBase', globalOptionSets(schema));
  }
  const name =
    root.argument === undefined
      ? undefined
      : parseArguments(named(root.argument), call.url.query).get('LogicalName');
  const tables =
    name === undefined ? schema.tables : schema.tables.filter((table) => table.logicalName === unquote(name));
  return make(
    'EntityMetadata',
    tables.map((table) => tableNode(schema, table)),
  );
}

function named(argument: string): string {
  return argument.includes('=') ? argument : '';
}

/** `(LogicalName='account')`, `(SchemaName='x')`, `(Name='x')` or `(<MetadataId>)`. */
function keyed(call: Call, position: Position, segment: Segment): Position {
  if (segment.argument === undefined) return position;
  const id = parseGuid(unquote(segment.argument));
  const wanted: [string, string][] =
    id === undefined
      ? [...parseArguments(segment.argument, call.url.query)].map(([key, value]) => [key, unquote(value)])
      : [['MetadataId', id]];
  const found = position.nodes.find((node) =>
    wanted.every(([key, value]) => String(node.shape[key]).toLowerCase() === value.toLowerCase()),
  );
  if (found === undefined) throw notFound(position, wanted);
  return { ...position, nodes: [found], single: true };
}

function notFound(position: Position, wanted: readonly (readonly [string, string])[]): ServiceError {
  const [[key, value] = ['', '']] = wanted;
  const kind = position.declared === 'EntityMetadata' ? 'an entity' : 'a component';
  return new ServiceError(
    404,
    '0x80060888',
    `Could not find ${kind} with the specified entity name: LogicalName = '${value}' (${key}).`,
  );
}

function cast(position: Position, type: string): Position {
  if (type === 'EnumAttributeMetadata')
    throw badRequest(`Cannot cast to the abstract type '${TYPE_PREFIX}${type}'.`);
  const nodes = position.nodes.filter((node) => node.type === type || type === position.declared);
  if (position.single && nodes.length === 0) throw segmentNotFound(TYPE_PREFIX + type);
  return { ...position, nodes, cast: type, contextPath: `${position.contextPath}/${TYPE_PREFIX}${type}` };
}

/** Undefined where the name is no navigation property. */
function follow(position: Position, name: string): Position | undefined {
  const [node] = position.nodes;
  const step = position.single ? node?.navigations[name] : undefined;
  if (node === undefined || step === undefined) return undefined;
  const target = step();
  const list =
    target === undefined ? [] : Array.isArray(target) ? (target as readonly Node[]) : [target as Node]; // told apart by isArray
  return {
    nodes: list,
    single: !Array.isArray(target),
    cast: undefined,
    declared: name === 'Attributes' ? 'AttributeMetadata' : (list[0]?.type ?? name),
    contextPath: `${position.contextPath}('${String(node.shape['LogicalName'])}')/${name}`,
  };
}

function propertyValue(call: Call, position: Position, name: string, rest: readonly Segment[]): ApiResponse {
  const [node] = position.nodes;
  if (!position.single || node === undefined || !(name in node.shape) || rest.length > 1)
    throw segmentNotFound(name);
  const value = node.shape[name];
  if (value === null || value === undefined) return noContent();
  if (rest[0]?.name === '$value')
    return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: stringify(value) ?? '' };
  const url = `${call.context.serviceRoot}$metadata#${position.contextPath}(${String(node.shape['MetadataId'])})/${name}`;
  return json(200, stringify({ '@odata.context': url, value }) ?? '');
}

function print(call: Call, position: Position): ApiResponse {
  const { query } = call.url;
  const select = parseSelect(query.get('$select'));
  const expands = parseExpand(query.get('$expand'));
  const nodes = filtered(position.nodes, query, position);
  const names = [
    ...(select ?? []),
    ...expands.map((item) => `${item.navigation}(${item.options.get('$select') ?? ''})`),
  ];
  const path = `${position.contextPath}${names.length === 0 ? '' : `(${names.join(',')})`}${position.single ? '/$entity' : ''}`;
  const context = `"@odata.context":${JSON.stringify(`${call.context.serviceRoot}$metadata#${path}`)}`;
  const head = [context, ...metadataVersionMember(call.context)];
  const typeless = position.cast !== undefined;
  const base = !typeless && select !== undefined && position.declared === 'AttributeMetadata';
  const whole = select === undefined && expands.length === 0 && !typeless;
  const texts = nodes.map((node) =>
    whole ? node.text() : shapeText(shapeOf(node, select, expands, { base, typeless })),
  );
  if (!position.single) return json(200, `{${head.join(',')},"value":[${texts.join(',')}]}`);
  const [text] = texts;
  return text === undefined ? noContent() : json(200, `{${head.join(',')},${text.slice(1)}`);
}

function filtered(
  nodes: readonly Node[],
  query: ReadonlyMap<string, string>,
  position: Position,
): readonly Node[] {
  const text = query.get('$filter');
  if (text === undefined || text === '') return nodes;
  const filter = parseFilter(text, query);
  return nodes.filter((node) =>
    shapeMatches(filter, position.cast === undefined ? node.base : node.shape, position.declared),
  );
}

/** The selected properties; `MetadataId` always comes along. Expanded collections are added at the end. */
function shapeOf(
  node: Node,
  select: readonly string[] | undefined,
  expands: readonly ExpandItem[],
  options: { base: boolean; typeless: boolean },
): Shape {
  const all = options.base ? node.base : node.shape;
  const shape: Shape = {};
  if (!options.typeless && all['@odata.type'] !== undefined) shape['@odata.type'] = all['@odata.type'];
  for (const name of select ?? []) if (!(name in all)) throw propertyNotFound(name, node.type);
  for (const [name, value] of Object.entries(all)) {
    if (name === '@odata.type') continue;
    if (select === undefined || name === 'MetadataId' || select.includes(name)) shape[name] = value;
  }
  for (const item of expands) shape[item.navigation] = expanded(node, item);
  return shape;
}

/** Expanded attributes show the properties of the base class only. */
function expanded(node: Node, item: ExpandItem): unknown {
  const step = node.navigations[item.navigation];
  if (step === undefined) throw propertyNotFound(item.navigation, node.type);
  const target = step();
  const select = parseSelect(item.options.get('$select'));
  const nested = parseExpand(item.options.get('$expand'));
  const shapeFor = (one: Node) =>
    shapeOf(one, select, nested, { base: item.navigation === 'Attributes', typeless: false });
  if (target === undefined) return null;
  if (!Array.isArray(target)) return shapeFor(target as Node); // told apart by isArray
  const text = item.options.get('$filter');
  const filter = text === undefined ? undefined : parseFilter(text, new Map());
  const list = target as readonly Node[]; // told apart by isArray
  return list.filter((one) => filter === undefined || shapeMatches(filter, one.base, one.type)).map(shapeFor);
}
