import type { TableDefinition } from '../model/definitions.ts';
import { covers, type Navigation } from '../model/schema.ts';
import { entityUrl } from '../odata/expand.ts';
import { relatedRows } from '../odata/related.ts';
import { unquote, type Segment } from '../odata/url.ts';
import { badRequest, methodNotAllowed, rowNotFound } from '../service/errors.ts';
import { parseObject, textMember } from '../service/json.ts';
import { associate, disassociate } from '../service/links.ts';
import { resolveTarget, setName } from '../service/payload.ts';
import { setReference } from '../service/update-row.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, type Reference } from '../store/values.ts';
import { parseGuid } from '../model/guid.ts';
import { bodyText, json, noContent, type ApiResponse, type Call } from './api.ts';

/** `…/navigation/$ref`: reads, makes and removes links. */
export function references(
  call: Call,
  table: TableDefinition,
  row: Row,
  segment: Segment,
  navigation: Navigation,
): ApiResponse {
  switch (call.method) {
    case 'GET':
      return readReferences(call, table, row, segment.name, navigation);
    case 'POST':
    case 'PUT':
      addReference(call, table, row, segment.name, navigation);
      return noContent();
    case 'DELETE':
      removeReference(call, table, row, segment, navigation);
      return noContent();
    default:
      throw methodNotAllowed(call.method);
  }
}

function readReferences(
  call: Call,
  table: TableDefinition,
  row: Row,
  name: string,
  navigation: Navigation,
): ApiResponse {
  const { context } = call;
  const { table: targetName, rows } = relatedRows(context, table.logicalName, row, name);
  const target = context.environment.schema.table(targetName);
  const urls = target === undefined ? [] : rows.map((one) => entityUrl(context, target, one.id));
  if (navigation.kind === 'single') {
    if (urls[0] === undefined) return noContent();
    const body = { '@odata.context': `${context.serviceRoot}$metadata#$ref`, '@odata.id': urls[0] };
    return json(200, JSON.stringify(body));
  }
  const value = urls.map((url) => ({ '@odata.id': url }));
  return json(
    200,
    JSON.stringify({ '@odata.context': `${context.serviceRoot}$metadata#Collection($ref)`, value }),
  );
}

function addReference(
  call: Call,
  table: TableDefinition,
  row: Row,
  name: string,
  navigation: Navigation,
): void {
  const { context, method } = call;
  const id = textMember(parseObject(bodyText(call), setName(table)), '@odata.id');
  if (id === undefined) throw badRequest("The request body has no '@odata.id'.", '0x80048d19');
  const target = resolveTarget(context, id);
  if (navigation.kind === 'single') {
    refuseOther(context.environment.schema, navigation.relationship.referencedTable, target, name);
    return setReference(
      context,
      table.logicalName,
      row.id,
      navigation.relationship.referencingColumn,
      target,
    );
  }
  if (method !== 'POST') throw methodNotAllowed(method);
  if (navigation.kind === 'links') {
    const { relationship, side } = navigation;
    refuseOther(
      context.environment.schema,
      side === 1 ? relationship.table2 : relationship.table1,
      target,
      name,
    );
    return context.environment.database.transaction(() =>
      associate(context, relationship, side, row.id, target.id),
    );
  }
  const { referencingTable, referencingColumn } = navigation.relationship;
  refuseOther(context.environment.schema, referencingTable, target, name);
  setReference(context, target.table, target.id, referencingColumn, { table: table.logicalName, id: row.id });
}

function refuseOther(
  schema: Parameters<typeof covers>[2],
  declared: string,
  target: Reference,
  navigation: string,
): void {
  if (covers(declared, target.table, schema)) return;
  throw badRequest(`An entity of type '${target.table}' cannot be associated through '${navigation}'.`);
}

function removeReference(
  call: Call,
  table: TableDefinition,
  row: Row,
  segment: Segment,
  navigation: Navigation,
): void {
  const { context } = call;
  if (navigation.kind === 'single') {
    return setReference(context, table.logicalName, row.id, navigation.relationship.referencingColumn, null);
  }
  const otherId = removedId(call, segment);
  if (navigation.kind === 'links') {
    const { relationship, side } = navigation;
    return context.environment.database.transaction(() =>
      disassociate(context, relationship, side, row.id, otherId),
    );
  }
  const { referencingTable, referencingColumn } = navigation.relationship;
  const current = context.environment.database.get(referencingTable, otherId)?.values[referencingColumn];
  if (!isReference(current) || current.id !== row.id) throw rowNotFound(referencingTable, otherId);
  setReference(context, referencingTable, otherId, referencingColumn, null);
}

/** The row to let go: in the key after the navigation property, or in `?$id=`. */
function removedId(call: Call, segment: Segment): string {
  const inKey = segment.argument === undefined ? undefined : parseGuid(unquote(segment.argument));
  if (inKey !== undefined) return inKey;
  const url = call.url.query.get('$id') ?? call.url.query.get('$ref');
  const inUrl = url === undefined ? undefined : parseGuid(/\(([^)]*)\)\s*$/.exec(url)?.[1] ?? '');
  if (inUrl !== undefined) return inUrl;
  throw badRequest('The entity to disassociate is not given.');
}
