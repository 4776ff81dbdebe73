import type { ManyToManyDefinition, TableDefinition } from '../model/definitions.ts';
import { covers, requirePrivilege } from '../security/rights.ts';
import type { Row } from '../store/table-store.ts';
import type { RequestContext } from './context.ts';
import { runAfter, runBefore } from './hooks/run-hooks.ts';
import type { Environment } from './environment.ts';
import { accessDenied, badRequest, duplicateLink, rowNotFound } from './errors.ts';

/** The intersect row that joins the two, if they are joined. */
export function findLink(
  environment: Environment,
  link: ManyToManyDefinition,
  id1: string,
  id2: string,
): Row | undefined {
  const store = environment.database.store(link.intersectTable);
  for (const rowId of store.referrers(link.column1, id1)) {
    const row = store.get(rowId);
    if (row?.values[link.column2] === id2) return row;
  }
  return undefined;
}

/** Intersect rows that join the row with others, whichever end it is. */
export function linkRowsOf(
  environment: Environment,
  table: TableDefinition,
  id: string,
): { readonly table: string; readonly row: Row }[] {
  return environment.schema.links(table.logicalName).flatMap((link) => {
    const store = environment.database.store(link.intersectTable);
    const columns = [
      ...(link.table1 === table.logicalName ? [link.column1] : []),
      ...(link.table2 === table.logicalName ? [link.column2] : []),
    ];
    const ids = new Set(columns.flatMap((column) => store.referrers(column, id)));
    return [...ids].flatMap((rowId) => {
      const row = store.get(rowId);
      return row === undefined ? [] : [{ table: link.intersectTable, row }];
    });
  });
}

/** Rows on the other side. `side` is the end on which `id` stands. */
export function linkedRows(
  environment: Environment,
  link: ManyToManyDefinition,
  side: 1 | 2,
  id: string,
): Row[] {
  const store = environment.database.store(link.intersectTable);
  const [own, other] = side === 1 ? [link.column1, link.column2] : [link.column2, link.column1];
  const table = side === 1 ? link.table2 : link.table1;
  return store.referrers(own, id).flatMap((rowId) => {
    const target = store.get(rowId)?.values[other];
    const row = typeof target === 'string' ? environment.database.get(table, target) : undefined;
    return row === undefined ? [] : [row];
  });
}

/** Joins two rows; the intersect row's own id is always new. 412 where they are joined already. */
export function insertLink(
  environment: Environment,
  link: ManyToManyDefinition,
  id1: string,
  id2: string,
): void {
  if (findLink(environment, link, id1, id2) !== undefined) throw duplicateLink();
  const id = environment.newId();
  const primaryId = environment.schema.table(link.intersectTable)?.primaryId ?? `${link.intersectTable}id`;
  environment.database.put(link.intersectTable, id, {
    [primaryId]: id,
    [link.column1]: id1,
    [link.column2]: id2,
  });
}

/** Append on one table and AppendTo on the other are both needed. */
export function associate(
  context: RequestContext,
  link: ManyToManyDefinition,
  side: 1 | 2,
  ownId: string,
  otherId: string,
): void {
  const [id1, id2] = inOrder(side, ownId, otherId);
  checkRights(context, link);
  const { environment } = context;
  refuseDefaultTeam(environment, link, [id1, id2]);
  if (environment.database.get(link.table1, id1) === undefined) throw rowNotFound(link.table1, id1);
  if (environment.database.get(link.table2, id2) === undefined) throw rowNotFound(link.table2, id2);
  checkAccess(context, link, [id1, id2]);
  withHooks(context, link, 'Associate', [id1, id2], () => insertLink(environment, link, id1, id2));
}

/** 404 where there is no such link. */
export function disassociate(
  context: RequestContext,
  link: ManyToManyDefinition,
  side: 1 | 2,
  ownId: string,
  otherId: string,
): void {
  const [id1, id2] = inOrder(side, ownId, otherId);
  checkRights(context, link);
  const row = findLink(context.environment, link, id1, id2);
  if (row === undefined) throw rowNotFound(link.intersectTable, otherId);
  checkAccess(context, link, [id1, id2]);
  withHooks(context, link, 'Disassociate', [id1, id2], () =>
    context.environment.database.remove(link.intersectTable, row.id),
  );
}

/** Logic on links is registered for either end. */
function withHooks(
  context: RequestContext,
  link: ManyToManyDefinition,
  message: 'Associate' | 'Disassociate',
  [id1, id2]: readonly [string, string],
  work: () => void,
): void {
  const { schema } = context.environment;
  const events = [
    { table: schema.table(link.table1), id: id1 },
    { table: schema.table(link.table2), id: id2 },
  ].flatMap(({ table, id }) => (table === undefined ? [] : [{ event: { table, message }, id }]));
  for (const { event, id } of events) runBefore(context, event, id);
  work();
  for (const { event, id } of events) runAfter(context, event, id);
}

/** The id of the first table's row, then that of the second's. */
function inOrder(side: 1 | 2, ownId: string, otherId: string): readonly [string, string] {
  return side === 1 ? [ownId, otherId] : [otherId, ownId];
}

/** The default team of a business unit has the users of the unit as its members, by itself. */
function refuseDefaultTeam(
  { database }: Environment,
  link: ManyToManyDefinition,
  ids: readonly [string, string],
): void {
  if (link.intersectTable !== 'teammembership') return;
  const team = database.get('team', ids[link.table1 === 'team' ? 0 : 1]);
  if (team?.values['isdefault'] === true)
    throw badRequest("Can't add members to the default business unit team.", '0x8004830b');
}

/** What joining two rows needs on the table of each. */
function ends(link: ManyToManyDefinition) {
  return [
    { name: link.table1, verb: 'Append' },
    { name: link.table2, verb: 'AppendTo' },
  ] as const;
}

function checkRights(context: RequestContext, link: ManyToManyDefinition): void {
  for (const { name, verb } of ends(link)) {
    const table = context.environment.schema.table(name);
    if (table !== undefined) requirePrivilege(context.caller, table, verb);
  }
}

/** The rights must reach the very rows, too. @throws ServiceError 403 */
function checkAccess(
  context: RequestContext,
  link: ManyToManyDefinition,
  ids: readonly [string, string],
): void {
  const { schema, database } = context.environment;
  for (const [at, { name, verb }] of ends(link).entries()) {
    const table = schema.table(name);
    const row = database.get(name, ids[at] ?? '');
    if (table === undefined || row === undefined) continue;
    if (!covers(context.caller, table, verb, row, database)) throw accessDenied();
  }
}
