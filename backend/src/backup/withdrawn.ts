import type { DataverseClient } from '../dataverse/index.ts';
import type { TableSchema } from '../vault/index.ts';
import { leftOutAs } from './columns.ts';
import type { TablePlan } from './plan.ts';

/**
 * Column security hides these columns from us now, and the plan of the run reads them: what was read of them since may
 * be null where there is a value. Nothing of it is committed; the table is read again without them.
 */
export class ColumnsWithdrawn extends Error {
  readonly columns: readonly string[];

  constructor(table: string, columns: readonly string[]) {
    super(`Column security hides ${columns.join(', ')} of ${table} since the run was planned.`);
    this.columns = columns;
  }
}

/**
 * Asks, after pages were read and before their rows are committed, whether each secured column among them may still be
 * read. The service answers null for one that may not, and says nothing. Tables without such columns cost no request.
 * A permission that was taken away and given back between two askings leaves no trace, here or in the service.
 */
export function securityGuard(
  client: DataverseClient,
  userId: string,
  { details }: TablePlan,
  schema: TableSchema,
): () => Promise<void> {
  const captured = new Set(schema.columns.map(({ name }) => name));
  const secured = details.columns.filter((column) => column.secured && captured.has(column.name));
  return async () => {
    if (secured.length === 0) return;
    const readable = await client.readableSecuredColumns(userId, details);
    const withdrawn = secured.map(({ name }) => name).filter((name) => !readable.has(name));
    if (withdrawn.length > 0) throw new ColumnsWithdrawn(details.name, withdrawn);
  };
}

/** The plan without the columns, which it leaves out as secured. */
export function withoutColumns(plan: TablePlan, columns: readonly string[]): TablePlan {
  const kept = plan.schema.columns.filter(({ name }) => !columns.includes(name));
  return {
    ...plan,
    schema: { ...plan.schema, columns: kept },
    leftOut: [...plan.leftOut, ...columns.map((name) => leftOutAs(name, 'secured'))],
  };
}
