import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { Segment } from '../../odata/url.ts';
import { methodNotAllowed, segmentNotFound } from '../../service/errors.ts';
import { changeColumn, createColumn, deleteColumn } from '../../service/schema/columns.ts';
import { createKey, deleteKey } from '../../service/schema/keys.ts';
import {
  changeGlobalSet,
  createGlobalSet,
  deleteGlobalSet,
  requireGlobalSet,
} from '../../service/schema/option-sets.ts';
import { metadataNotFound } from '../../service/schema/schema-errors.ts';
import { changeTable, createTable, deleteTable } from '../../service/schema/tables.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { created, keyText, metadataBody, requireRight } from './metadata-request.ts';
import { writeRelationship } from './write-relationship.ts';

const TYPE_PREFIX = 'Microsoft.Dynamics.CRM.';

/** POST, PUT and DELETE on definitions. Changes are of the whole database, so nothing of them is undone by a batch. */
export function writeMetadata(call: Call, root: Segment, rest: readonly Segment[]): ApiResponse {
  // A cast behind the key says only what the body says as well.
  const segments = rest.filter((segment) => !segment.name.startsWith(TYPE_PREFIX));
  switch (root.name) {
    case 'EntityDefinitions':
      return writeTable(call, root, segments);
    case 'RelationshipDefinitions':
      return writeRelationship(call, root.argument);
    default:
      return writeGlobalSet(call, root.argument);
  }
}

function writeTable(call: Call, root: Segment, [below, ...more]: readonly Segment[]): ApiResponse {
  const { environment } = call.context;
  if (root.argument === undefined) {
    if (call.method !== 'POST') throw methodNotAllowed(call.method);
    requireRight(call, 'Create', 'Entity');
    const table = createTable(environment, metadataBody(call));
    return created(call, `EntityDefinitions(${table.metadataId})`);
  }
  const table = findTable(call, root.argument);
  if (below !== undefined) {
    if (more.length > 0) throw segmentNotFound(more[0]!.name); // length checked
    return writeBelow(call, table, below);
  }
  if (call.method === 'PUT') {
    requireRight(call, 'Write', 'Entity');
    changeTable(environment, table, metadataBody(call));
  } else if (call.method === 'DELETE') {
    requireRight(call, 'Delete', 'Entity');
    deleteTable(environment, table);
  } else throw methodNotAllowed(call.method);
  return noContent();
}

function writeBelow(call: Call, table: TableDefinition, segment: Segment): ApiResponse {
  if (segment.name === 'Attributes') return writeColumn(call, table, segment.argument);
  if (segment.name === 'Keys') return writeKey(call, table, segment.argument);
  throw segmentNotFound(segment.name);
}

function writeColumn(call: Call, table: TableDefinition, argument: string | undefined): ApiResponse {
  const { environment } = call.context;
  if (argument === undefined) {
    if (call.method !== 'POST') throw methodNotAllowed(call.method);
    requireRight(call, 'Create', 'Attribute');
    const column = createColumn(environment, table, metadataBody(call));
    return created(call, `${addressed(call)}/Attributes(${column.metadataId})`);
  }
  const column = findColumn(call, table, argument);
  if (call.method === 'PUT') {
    requireRight(call, 'Write', 'Attribute');
    changeColumn(environment, table, column, metadataBody(call));
  } else if (call.method === 'DELETE') {
    requireRight(call, 'Delete', 'Attribute');
    deleteColumn(environment, table, column);
  } else throw methodNotAllowed(call.method);
  return noContent();
}

/** The table as the request names it, by name or by id: the answer's link begins the same way. */
function addressed(call: Call): string {
  const [root] = call.url.segments;
  return `EntityDefinitions(${root?.argument ?? ''})`;
}

function writeKey(call: Call, table: TableDefinition, argument: string | undefined): ApiResponse {
  const { environment } = call.context;
  if (argument === undefined) {
    if (call.method !== 'POST') throw methodNotAllowed(call.method);
    requireRight(call, 'Create', 'EntityKey');
    const key = createKey(environment, table, metadataBody(call));
    return created(call, `${addressed(call)}/Keys(${key.metadataId})`);
  }
  if (call.method !== 'DELETE') throw methodNotAllowed(call.method);
  requireRight(call, 'Delete', 'EntityKey');
  const wanted = keyText(call, argument);
  const key = table.keys.find((one) => [one.metadataId, one.logicalName].includes(wanted));
  if (key === undefined) throw metadataNotFound('the entity key', wanted);
  deleteKey(environment, table, key);
  return noContent();
}

function writeGlobalSet(call: Call, argument: string | undefined): ApiResponse {
  const { environment } = call.context;
  if (argument === undefined) {
    if (call.method !== 'POST') throw methodNotAllowed(call.method);
    requireRight(call, 'Create', 'OptionSet');
    const set = createGlobalSet(environment, metadataBody(call));
    return created(call, `GlobalOptionSetDefinitions(${set.metadataId})`);
  }
  const set = requireGlobalSet(environment.schema.definition, keyText(call, argument));
  if (call.method === 'PUT') {
    requireRight(call, 'Write', 'OptionSet');
    changeGlobalSet(environment, set, metadataBody(call));
  } else if (call.method === 'DELETE') {
    requireRight(call, 'Delete', 'OptionSet');
    deleteGlobalSet(environment, set);
  } else throw methodNotAllowed(call.method);
  return noContent();
}

function findTable(call: Call, argument: string): TableDefinition {
  const wanted = keyText(call, argument);
  const found = call.context.environment.schema.tables.find((table) =>
    [table.metadataId, table.logicalName].includes(wanted),
  );
  if (found === undefined) throw metadataNotFound('the entity', wanted);
  return found;
}

function findColumn(call: Call, table: TableDefinition, argument: string): ColumnDefinition {
  const wanted = keyText(call, argument);
  for (const column of table.columns.values())
    if (column.metadataId === wanted || column.logicalName === wanted) return column;
  throw metadataNotFound('the attribute', `${table.logicalName}.${wanted}`);
}
