import { badRequest } from '../../service/errors.ts';
import { objectsMember, integerMember, objectMember } from '../../service/schema/metadata-json.ts';
import { deleteOption, insertOption, updateOption } from '../../service/schema/options.ts';
import { createLookup } from '../../service/schema/relationships.ts';
import { createTable } from '../../service/schema/tables.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { requireRight } from '../metadata/metadata-request.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, missingParameter } from './targets.ts';

/** Messages that change definitions and have no resource of their own. */
export const schemaOperations = {
  CreateEntities: { method: 'POST', run: createEntities },
  CreateCustomerRelationships: {
    method: 'POST',
    run: (call) => createRelationships(call, 'CreateCustomerRelationships', 'CustomerType'),
  },
  CreatePolymorphicLookupAttribute: {
    method: 'POST',
    run: (call) => createRelationships(call, 'CreatePolymorphicLookupAttribute', 'LookupType'),
  },
  InsertOptionValue: { method: 'POST', run: insertOptionValue },
  InsertStatusValue: { method: 'POST', run: insertStatusValue },
  UpdateOptionValue: { method: 'POST', run: updateOptionValue },
  DeleteOptionValue: { method: 'POST', run: deleteOptionValue },
} satisfies Record<string, Operation>;

/** Several tables in one call; the form in which Microsoft's Python client makes a table with its columns. */
function createEntities(call: Call): ApiResponse {
  requireRight(call, 'Create', 'Entity');
  const entities = objectsMember(actionBody(call, 'CreateEntities'), 'Entities');
  if (entities.length === 0) throw missingParameter('Entities', 'CreateEntities');
  for (const entity of entities) createTable(call.context.environment, entity);
  return noContent();
}

function createRelationships(call: Call, action: string, type: 'CustomerType' | 'LookupType'): ApiResponse {
  requireRight(call, 'Create', 'Relationship');
  const { environment } = call.context;
  const body = actionBody(call, action);
  const relationships = objectsMember(body, 'OneToManyRelationships');
  const lookup = objectMember(body, 'Lookup');
  if (lookup === undefined) throw missingParameter('Lookup', action);
  if (relationships.length === 0) throw missingParameter('OneToManyRelationships', action);
  const parents = relationships.map((one) => one['ReferencedEntity']);
  if (type === 'CustomerType' && !parents.every((name) => name === 'account' || name === 'contact'))
    throw badRequest('A customer lookup leads to account and contact only.', '0x80040203');
  const made = createLookup(environment, relationships, lookup, type);
  const [first] = made;
  const column = environment.schema
    .table(first?.referencingTable ?? '')
    ?.columns.get(first?.referencingColumn ?? '');
  return result(call, action, {
    RelationshipIds: made.map((one) => one.metadataId),
    AttributeId: column?.metadataId ?? null,
  });
}

function insertOptionValue(call: Call): ApiResponse {
  requireRight(call, 'Write', 'OptionSet');
  const NewOptionValue = insertOption(call.context.environment, actionBody(call, 'InsertOptionValue'));
  return result(call, 'InsertOptionValue', { NewOptionValue });
}

function insertStatusValue(call: Call): ApiResponse {
  requireRight(call, 'Write', 'OptionSet');
  const body = actionBody(call, 'InsertStatusValue');
  const state = integerMember(body, 'StateCode');
  if (state === undefined) throw missingParameter('StateCode', 'InsertStatusValue');
  const column = { AttributeLogicalName: 'statuscode', ...body };
  const NewOptionValue = insertOption(call.context.environment, column, state);
  return result(call, 'InsertStatusValue', { NewOptionValue });
}

function updateOptionValue(call: Call): ApiResponse {
  requireRight(call, 'Write', 'OptionSet');
  updateOption(call.context.environment, actionBody(call, 'UpdateOptionValue'));
  return noContent();
}

function deleteOptionValue(call: Call): ApiResponse {
  requireRight(call, 'Write', 'OptionSet');
  deleteOption(call.context.environment, actionBody(call, 'DeleteOptionValue'));
  return noContent();
}
