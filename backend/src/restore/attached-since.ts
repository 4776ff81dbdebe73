import type { DataverseClient, OneToMany, TableDetails } from '../dataverse/index.ts';
import type { RestoreContext } from './context.ts';
import { literalId } from './literal.ts';
import type { PlannedRow, RestorePlan } from './plan.ts';
import { readDetails } from './record.ts';

/** Rows of these tables the platform makes by itself beside a row, or keeps about it: they attach nothing. */
const platformMade = new Set([
  'asyncoperation',
  'bulkdeletefailure',
  'customeraddress',
  'duplicaterecord',
  'fileattachment',
  'imagedescriptor',
  'mailboxtrackingfolder',
  'principalobjectattributeaccess',
  'processsession',
  'syncerror',
  'userentityinstancedata',
  'activityparty',
  'activitypointer',
]);

/**
 * What was attached to a row since a restore created it, in a sentence; null: nothing. Only the restore's own rows may
 * hang from a row that an undo deletes, because deleting it takes along what does.
 */
export async function isAttachedSince(
  context: RestoreContext,
  plan: RestorePlan,
  row: PlannedRow,
): Promise<string | null> {
  const details = await readDetails(context.client, row.table);
  if (details === null) return null;
  const ours = new Set(
    plan.rows.filter(({ action }) => action === 'delete').map(({ table, id }) => `${table}:${id}`),
  );
  const children = await childTables(context.client, details);
  for (const relation of details.oneToMany) {
    const child = children.get(relation.referencingTable);
    if (child === undefined) continue;
    const found = await firstChild(context.client, child, relation, row, ours);
    if (found !== null) return `${child.label} ${found} was attached to it since.`;
  }
  return null;
}

async function childTables(
  client: DataverseClient,
  details: TableDetails,
): Promise<Map<string, TableDetails>> {
  const exposed = new Set(
    (await client.readTables()).filter((table) => table.exposed).map(({ name }) => name),
  );
  const names = [...new Set(details.oneToMany.map(({ referencingTable }) => referencingTable))].filter(
    (name) => exposed.has(name) && !platformMade.has(name) && !name.startsWith('rowback_'),
  );
  const children = names.length === 0 ? [] : await client.readTableDetails(names);
  return new Map(children.map((child) => [child.name, child]));
}

async function firstChild(
  client: DataverseClient,
  child: TableDetails,
  relation: OneToMany,
  row: PlannedRow,
  ours: ReadonlySet<string>,
): Promise<string | null> {
  const column = child.columns.find(({ name }) => name === relation.referencingColumn);
  if (child.primaryId === null || column?.validForRead !== true || !column.validOData) return null;
  const filter = `_${column.name}_value eq ${literalId(row.id)}`;
  for await (const found of client.readWhere(child, [child.primaryId], filter)) {
    const isItself = child.name === row.table && found.id === row.id;
    if (!isItself && !ours.has(`${child.name}:${found.id}`)) return found.id;
  }
  return null;
}
