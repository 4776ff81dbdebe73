import type { RequestContext } from '../service/context.ts';
import { covers } from '../model/schema.ts';
import { segmentNotFound } from '../service/errors.ts';
import { linkedRows } from '../service/links.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import { rowReader } from './read-rows.ts';

/** The rows that a navigation property of a row leads to and that the caller may see, and their table. */
export function relatedRows(
  context: RequestContext,
  tableName: string,
  row: Row,
  property: string,
): { table: string; rows: readonly Row[] } {
  const { environment } = context;
  const navigation = environment.schema.navigation(tableName, property);
  if (navigation === undefined) throw segmentNotFound(property);
  if (navigation.kind === 'single') return singleRow(context, row, navigation.relationship);
  if (navigation.kind === 'links') {
    const { relationship, side } = navigation;
    const table = side === 1 ? relationship.table2 : relationship.table1;
    return visible(context, table, linkedRows(environment, relationship, side, row.id));
  }
  const { referencingTable, referencingColumn } = navigation.relationship;
  const store = environment.database.store(referencingTable);
  const rows = store.referrers(referencingColumn, row.id).map((id) => store.get(id)!); // ids of the store itself
  return visible(context, referencingTable, rows);
}

/** Of a polymorphic lookup only the property of the table that it points to leads anywhere. */
function singleRow(
  context: RequestContext,
  row: Row,
  relationship: { readonly referencedTable: string; readonly referencingColumn: string },
): { table: string; rows: readonly Row[] } {
  const { environment } = context;
  const { referencedTable, referencingColumn } = relationship;
  const reference = row.values[referencingColumn];
  if (!isReference(reference)) return { table: referencedTable, rows: [] };
  const fits = covers(referencedTable, reference.table, environment.schema);
  const target = fits ? environment.database.get(reference.table, reference.id) : undefined;
  return visible(context, reference.table, target === undefined ? [] : [target]);
}

function visible(context: RequestContext, name: string, rows: readonly Row[]) {
  const table = context.environment.schema.table(name);
  if (table === undefined) return { table: name, rows };
  return { table: name, rows: rows.filter(rowReader(context.environment, context.caller, table)) };
}
