import { methodNotAllowed } from '../../service/errors.ts';
import { classOf } from '../../service/schema/metadata-json.ts';
import {
  changeOneToMany,
  createManyToMany,
  createOneToMany,
  deleteManyToMany,
  deleteOneToMany,
} from '../../service/schema/relationships.ts';
import { metadataNotFound } from '../../service/schema/schema-errors.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { created, keyText, metadataBody, requireRight } from './metadata-request.ts';

/** `RelationshipDefinitions` and `RelationshipDefinitions(…)`. */
export function writeRelationship(call: Call, argument: string | undefined): ApiResponse {
  if (argument === undefined) return createRelationship(call);
  const { environment } = call.context;
  const wanted = keyText(call, argument);
  const named = (one: { readonly metadataId: string; readonly schemaName: string }) =>
    one.metadataId === wanted || one.schemaName.toLowerCase() === wanted;
  const { oneToMany, manyToMany } = environment.schema.definition;
  const relationship = oneToMany.find(named);
  const link = manyToMany.find(named);
  if (relationship === undefined && link === undefined) throw metadataNotFound('the relationship', wanted);
  if (call.method === 'PUT') {
    requireRight(call, 'Write', 'Relationship');
    // Of a many-to-many only labels and menus can change, which say nothing here.
    if (relationship !== undefined) changeOneToMany(environment, relationship, metadataBody(call));
  } else if (call.method === 'DELETE') {
    requireRight(call, 'Delete', 'Relationship');
    if (relationship !== undefined) deleteOneToMany(environment, relationship);
    else if (link !== undefined) deleteManyToMany(environment, link);
  } else throw methodNotAllowed(call.method);
  return noContent();
}

function createRelationship(call: Call): ApiResponse {
  if (call.method !== 'POST') throw methodNotAllowed(call.method);
  requireRight(call, 'Create', 'Relationship');
  const { environment } = call.context;
  const body = metadataBody(call);
  const many = classOf(body) === 'ManyToManyRelationshipMetadata' || 'Entity1LogicalName' in body;
  const made = many ? createManyToMany(environment, body) : createOneToMany(environment, body);
  return created(call, `RelationshipDefinitions(${made.metadataId})`);
}
