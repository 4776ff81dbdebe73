import type { TableSchema } from '../vault/index.ts';

/**
 * Tables of Planner Premium and Project Operations whose rows the scheduling service writes: it refuses create, update
 * and delete of anybody else, and takes changes only as an operation set of its own API. `msdyn_project` and
 * `msdyn_projectteam` are not among them, since rows of these may also be made as rows of any table.
 * https://learn.microsoft.com/dynamics365/project-operations/project-management/schedule-api-preview
 */
const scheduled = new Set([
  'msdyn_projecttask',
  'msdyn_projecttaskdependency',
  'msdyn_resourceassignment',
  'msdyn_projectbucket',
  'msdyn_projectchecklist',
  'msdyn_projectlabel',
  'msdyn_projecttasktolabel',
  'msdyn_projectsprint',
]);

/** Why no row of the table can be restored; null: rows can, as far as their columns can be written. */
export function whyUnsupported({ table, kind }: Pick<TableSchema, 'table' | 'kind'>): string | null {
  if (kind === 'elastic') return 'elastic tables have another identity';
  if (table === 'audit') return 'the platform alone writes its audit';
  if (scheduled.has(table)) return 'the scheduling service of the platform takes changes only by its own API';
  return null;
}
