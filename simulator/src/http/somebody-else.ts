import { parseResource } from '../odata/url.ts';
import { parsePreferences, type RequestContext } from '../service/context.ts';
import { createRow } from '../service/create-row.ts';
import { deleteRow } from '../service/delete-row.ts';
import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import { updateRow } from '../service/update-row.ts';
import type { ApiRequest } from './api.ts';

/**
 * Inserts, changes or deletes a row of the table that `request` reads, by the ordinary way of writing and as the
 * administrator. What the platform refuses is not done. Says in words what was done.
 */
export function writeAsSomebodyElse(
  environment: Environment,
  request: ApiRequest,
  random: () => number,
): string {
  const [first] = parseResource(request.resource).segments;
  const table = environment.schema.tableOfSet(first?.name ?? '');
  if (table === undefined) return 'no table was read';
  const context: RequestContext = {
    environment,
    caller: { user: environment.security.rightsOf(environment.adminUserId), actor: undefined },
    serviceRoot: request.serviceRoot,
    preferences: parsePreferences(undefined),
    headers: new Map(),
  };
  const rows = [...environment.database.store(table.logicalName).values()];
  const row = rows[random() % Math.max(1, rows.length)];
  const name = table.primaryName ?? undefined;
  const text = `by somebody else, ${random()}`;
  const writes = [
    () => `inserted ${createRow(context, table, name === undefined ? {} : { [name]: text }).id}`,
    () => {
      if (row === undefined || name === undefined) return 'nothing to change';
      return `changed ${updateRow(context, table, row, { [name]: text }).id}`;
    },
    () => {
      if (row === undefined) return 'nothing to delete';
      deleteRow(context, table, row);
      return `deleted ${row.id}`;
    },
  ] as const;
  try {
    return environment.database.transaction(writes[random() % writes.length] ?? writes[0]);
  } catch (error) {
    if (error instanceof ServiceError) return `refused: ${error.code}`;
    throw error;
  }
}
