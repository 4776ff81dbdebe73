import type { Value, Values } from '../base/value.ts';
import type { TableDetails } from '../dataverse/index.ts';
import type { Restore } from '../jobs/contract.ts';
import type { Environment } from '../jobs/environment.ts';
import type { Request } from './request.ts';

const status = {
  planned: 714200000,
  running: 714200001,
  done: 714200002,
  partly: 714200003,
  failed: 714200004,
} as const;

export interface RestoreRow {
  end(restore: Restore): Promise<void>;
  fail(why: string): Promise<void>;
}

/** Rows of `rowback_restore`: what was restored, for people to read in the app. The vault is the truth about it. */
export interface RestoreRows {
  begin(request: Request, restoreId: string): Promise<RestoreRow>;
}

/** `details` null: the table is not installed, and nothing is told. */
export function restoreRows(environment: Environment, details: TableDetails | null): RestoreRows {
  const { client, random } = environment;
  const nothing: RestoreRow = { end: () => Promise.resolve(), fail: () => Promise.resolve() };
  return {
    begin: async (request, restoreId) => {
      if (details === null) return nothing;
      const id = random.uuid();
      await client.createRow(details, beginning(request, restoreId), { id });
      return {
        end: async (restore) => void (await client.updateRow(details, id, ending(restore))),
        fail: async (why) =>
          void (await client.updateRow(details, id, {
            rowback_restorestatus: status.failed,
            rowback_summary: why,
          })),
      };
    },
  };
}

function beginning(request: Request, restoreId: string): Values {
  return {
    rowback_name: `${request.input.kind} ${request.table} ${request.row}`.slice(0, 100),
    rowback_targettable: request.table,
    rowback_targetid: request.row,
    rowback_restorekey: restoreId,
    rowback_restorestatus: status.running,
    rowback_requestid: { table: 'rowback_request', id: request.id },
    ownerid: { table: 'systemuser', id: request.userId },
  };
}

function ending({ plan, result, status: state }: Restore): Values {
  const counts: Record<string, Value> = {};
  for (const [name, count] of Object.entries(result?.counts ?? {})) counts[`rowback_${name}`] = count;
  return {
    ...counts,
    rowback_snapshotid: plan.selection.snapshot,
    rowback_restorestatus: status[state],
    rowback_summary: summary(result),
  };
}

function summary(result: Restore['result']): string | null {
  const lines = result?.rows.map(
    ({ table, id, name, kind, why }) => `${kind}: ${name ?? id} (${table})${why === null ? '' : `: ${why}`}`,
  );
  return lines === undefined ? null : lines.join('\n').slice(0, 4000);
}
