import type { TableDefinition } from '../../model/definitions.ts';
import { parseGuid } from '../../model/guid.ts';
import { parseArguments } from '../../odata/url.ts';
import { badRequest, rowNotFound } from '../../service/errors.ts';
import {
  isObject,
  parseJson,
  parseObject,
  textMember,
  type Json,
  type JsonObject,
} from '../../service/json.ts';
import { parseReference, requireByKey } from '../../service/resolve.ts';
import type { Row } from '../../store/table-store.ts';
import { bodyText, type Call } from '../api.ts';

export function actionBody(call: Call, action: string): JsonObject {
  const text = bodyText(call);
  return text.trim() === '' ? {} : parseObject(text, action);
}

export function requireText(body: JsonObject, name: string, action: string): string {
  const value = textMember(body, name);
  if (value === undefined) throw missingParameter(name, action);
  return value;
}

export function missingParameter(name: string, action: string) {
  return badRequest(`Parameter '${name}' of '${action}' is missing or has the wrong type.`, '0x80048d19');
}

/** A function's entity parameter: JSON in the URL, whose texts may stand in single quotes. */
export function argumentValue(call: Call, argument: string, name: string, action: string): Json {
  const text = parseArguments(argument, call.url.query).get(name);
  if (text === undefined) throw missingParameter(name, action);
  return parseJson(text.replaceAll("'", '"'), action);
}

export function argumentTarget(
  call: Call,
  argument: string,
  name: string,
  action: string,
): { table: TableDefinition; row: Row } {
  return requireTarget(call, argumentValue(call, argument, name, action), action);
}

/** `{"accountid": "…", "@odata.type": "Microsoft.Dynamics.CRM.account"}` or `{"@odata.id": "accounts(…)"}`. */
export function requireTarget(
  call: Call,
  value: Json | undefined,
  action: string,
): { table: TableDefinition; row: Row } {
  const { table, id, body } = readTarget(call, value, action);
  if (id === undefined)
    throw badRequest(`The target of '${action}' has no key: ${Object.keys(body).join(', ')}.`);
  const row = call.context.environment.database.get(table.logicalName, id);
  if (row === undefined) throw rowNotFound(table.logicalName, id);
  return { table, row };
}

/** The table and, where it is given, the key of an entity parameter. Users and teams may be keyed by `ownerid`. */
export function readTarget(
  call: Call,
  value: Json | undefined,
  action: string,
): { table: TableDefinition; id: string | undefined; body: JsonObject } {
  if (!isObject(value)) throw missingParameter('Target', action);
  const { environment } = call.context;
  const url = textMember(value, '@odata.id');
  if (url !== undefined) {
    const { table, key } = parseReference(environment, url);
    const id = key.kind === 'id' ? key.id : requireByKey(environment, table, key)?.id;
    return { table, id, body: value };
  }
  const type = (textMember(value, '@odata.type') ?? '').replace(/^#?Microsoft\.Dynamics\.CRM\./, '');
  const table = environment.schema.table(type);
  if (table === undefined)
    throw badRequest(`The entity parameter of '${action}' has no known '@odata.type'.`, '0x80048d19');
  const key = textMember(value, table.primaryId) ?? textMember(value, 'ownerid');
  return { table, id: key === undefined ? undefined : parseGuid(key), body: value };
}
