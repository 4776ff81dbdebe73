import { parseGuid } from '../../model/guid.ts';
import { parseArguments, unquote } from '../../odata/url.ts';
import { missingPrivilege, privilegeDepth } from '../../security/rights.ts';
import { parseObject, type JsonObject } from '../../service/json.ts';
import { MISCELLANEOUS_PRIVILEGES } from '../../service/roles.ts';
import { bodyText, noContent, type ApiResponse, type Call } from '../api.ts';

/** What requests that change definitions have in common. */

/** 403 where the caller may not customise. */
export function requireRight(
  call: Call,
  verb: 'Create' | 'Write' | 'Delete',
  what: 'Entity' | 'Attribute' | 'Relationship' | 'OptionSet' | 'EntityKey',
): void {
  const name = `prv${verb}${what}`;
  if (privilegeDepth(call.context.caller, name) !== 0) return;
  throw missingPrivilege(call.context.caller, { name, id: MISCELLANEOUS_PRIVILEGES[name] ?? '' });
}

export function metadataBody(call: Call): JsonObject {
  return parseObject(bodyText(call), 'EntityMetadata');
}

export function created(call: Call, path: string): ApiResponse {
  const url = `${call.context.serviceRoot}${path}`;
  return noContent({ 'OData-EntityId': url, Location: url });
}

/** `<MetadataId>`, `LogicalName='…'`, `Name='…'` or `SchemaName='…'`: what stands there, in lower case. */
export function keyText(call: Call, argument: string): string {
  const id = parseGuid(unquote(argument));
  if (id !== undefined) return id;
  const [value] = parseArguments(argument, call.url.query).values();
  return unquote(value ?? argument).toLowerCase();
}
