import type { Reference } from '../base/value.ts';
import type { DataverseClient } from '../dataverse/index.ts';
import { readDetails } from './record.ts';

/**
 * Targets that a lookup cannot be pointed at now, under `table:id`, with what is wrong with each. `known` need not be
 * asked about: they are restored together.
 */
export async function badTargetsOf(
  client: DataverseClient,
  references: readonly Reference[],
  known: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const wrong = new Map<string, string>();
  for (const [table, ids] of byTable(references, known)) {
    const found =
      table === 'systemuser' ? await usableUsers(client, ids, wrong) : await existing(client, table, ids);
    for (const id of ids) {
      if (!found.has(id)) wrong.set(`${table}:${id}`, `The ${table} ${id} that it points to is not there.`);
    }
  }
  return wrong;
}

function byTable(references: readonly Reference[], known: ReadonlySet<string>): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>();
  for (const { table, id } of references) {
    if (known.has(`${table}:${id}`)) continue;
    const ids = tables.get(table) ?? new Set<string>();
    tables.set(table, ids.add(id));
  }
  return tables;
}

async function existing(
  client: DataverseClient,
  table: string,
  ids: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const details = await readDetails(client, table);
  if (details?.primaryId == null) return new Set();
  const rows = await client.readRows(details, [...ids], [details.primaryId]);
  return new Set(rows.keys());
}

/** A disabled user is there but owns nothing new (`0x8004022b`). As other lookups' target they would do. */
async function usableUsers(
  client: DataverseClient,
  ids: ReadonlySet<string>,
  wrong: Map<string, string>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const id of ids) {
    const user = await client.userById(id);
    if (user === null) continue;
    found.add(id);
    if (!user.enabled) wrong.set(`owner:${id}`, `The owner ${user.fullName ?? id} is disabled.`);
  }
  return found;
}
