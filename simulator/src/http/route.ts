import { json, type ApiRequest, type ApiResponse, type Call } from './api.ts';
import { runInBackground, wantsBackground } from './background.ts';
import { answerBatch } from './batch/answer-batch.ts';
import { entitySet } from './entity-set.ts';
import { METADATA_ROOTS, readMetadata } from './metadata/read-metadata.ts';
import { metadataDocument } from './metadata/csdl/index.ts';
import { writeMetadata } from './metadata/write-metadata.ts';
import { OPERATIONS } from './operations/index.ts';
import { methodNotAllowed, operationNotFound, segmentNotFound } from '../service/errors.ts';

const TYPE_PREFIX = 'Microsoft.Dynamics.CRM.';

export type Inner = (request: ApiRequest) => Promise<ApiResponse>;

/** Finds what a resource path means: the service itself, metadata, a batch, an operation, or rows. */
export async function route(call: Call, inner: Inner): Promise<ApiResponse> {
  return wantsBackground(call) ? runInBackground(call, () => direct(call, inner)) : direct(call, inner);
}

async function direct(call: Call, inner: Inner): Promise<ApiResponse> {
  const [first, ...rest] = call.url.segments;
  if (first === undefined) return serviceDocument(call);
  if (first.name === '$batch') return answerBatch(call, inner);
  if (first.name === '$metadata') return metadataDocument(call);
  if (METADATA_ROOTS.has(first.name))
    return call.method === 'GET' ? readMetadata(call, first, rest) : writeMetadata(call, first, rest);
  const table = call.context.environment.schema.tableOfSet(first.name);
  if (table !== undefined) return entitySet(call, table, first, rest);
  const name = first.name.startsWith(TYPE_PREFIX) ? first.name.slice(TYPE_PREFIX.length) : first.name;
  const operation = OPERATIONS.get(name);
  if (operation === undefined || rest.length > 0) throw segmentNotFound(first.name);
  if (operation.method !== call.method)
    throw operationNotFound(`${call.context.serviceRoot}${call.url.rawPath}`);
  return operation.run(call, first.argument ?? '');
}

function serviceDocument(call: Call): ApiResponse {
  if (call.method !== 'GET') throw methodNotAllowed(call.method);
  const value = call.context.environment.schema.tables
    .flatMap((table) => (table.entitySetName === null ? [] : [table.entitySetName]))
    .sort()
    .map((name) => ({ name, kind: 'EntitySet', url: name }));
  return json(200, JSON.stringify({ '@odata.context': `${call.context.serviceRoot}$metadata`, value }));
}
