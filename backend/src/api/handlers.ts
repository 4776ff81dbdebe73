import type { Caller } from '../jobs/environment.ts';
import { coverageAsCsv, showCoverage } from '../jobs/coverage.ts';
import { compareVersions, recordHistory } from '../jobs/records.ts';
import { planRestore, planUndo, runRestore, showRestore } from '../jobs/restores.ts';
import { answerRun } from './answer-run.ts';
import type { ServedEnvironments } from './environments.ts';
import { Idempotency } from './idempotency.ts';
import type { Input, Output } from './operation.ts';
import type { OperationName, operations } from './operations.ts';

/** Does what one operation promises; input has been validated, the caller's role checked. */
export type Handler<N extends OperationName> = (
  input: Input<(typeof operations)[N]>,
  caller: Caller,
) => Promise<Output<(typeof operations)[N]>>;

export type Handlers = { readonly [N in OperationName]: Handler<N> };

/** Joins the list of operations to the application layer; no rule of its own is in here. */
export function createHandlers(
  environments: ServedEnvironments,
  version: string,
  onLateFailure: (error: unknown) => void,
): Handlers {
  const idempotency = new Idempotency();
  const open = async (input: { readonly params: { readonly environment: string } }) =>
    await environments.open(input.params.environment);
  const restores = createRestoreHandlers(environments, idempotency, onLateFailure);
  return {
    ...restores,
    getHealth: () => Promise.resolve({ status: 200, body: { status: 'ok', version } }),
    listEnvironments: async () => ({ status: 200, body: { value: await environments.list() } }),
    listTables: async (input) => ({
      status: 200,
      body: { value: await (await open(input)).backups.listTables() },
    }),
    startBackup: async (input, caller) => {
      const { environment, backups } = await open(input);
      const id = await idempotency.once(
        environment.control,
        input.headers['Idempotency-Key'],
        ['backup', environment.environmentId, nameOf(caller)],
        async () => {
          const job = await backups.start({ tables: input.body.tables, trigger: 'api' });
          return job.id;
        },
      );
      return { status: 201, body: await backups.show(id) };
    },
    getBackup: async (input) => ({
      status: 200,
      body: await (await open(input)).backups.show(input.params.backupId),
    }),
    cancelBackup: async (input) => ({
      status: 200,
      body: await (await open(input)).backups.cancel(input.params.backupId),
    }),
    listSnapshots: async (input) => ({
      status: 200,
      body: { value: await (await open(input)).backups.listSnapshots(input.query) },
    }),
    getSnapshot: async (input) => ({
      status: 200,
      body: await (await open(input)).backups.showSnapshot(input.params.snapshotId),
    }),
    getCoverage: async ({ params, query, wantsCsv }) => {
      const { environment } = await environments.open(params.environment);
      return wantsCsv
        ? { status: 200, csv: await coverageAsCsv(environment, query) }
        : { status: 200, body: await showCoverage(environment, query) };
    },
    listVersions: async (input, caller) => {
      const { environment } = await open(input);
      return {
        status: 200,
        body: await recordHistory(environment, { table: input.params.table, id: input.params.rowId }, caller),
      };
    },
    compareVersions: async (input, caller) => {
      const { environment } = await open(input);
      const row = { table: input.params.table, id: input.params.rowId };
      return { status: 200, body: await compareVersions(environment, { ...row, ...input.query }, caller) };
    },
  };
}

type RestoreOperation = 'planRestore' | 'getRestore' | 'runRestore' | 'undoRestore';

function createRestoreHandlers(
  environments: ServedEnvironments,
  idempotency: Idempotency,
  onLateFailure: (error: unknown) => void,
): Pick<Handlers, RestoreOperation> {
  return {
    planRestore: async (input, caller) => {
      const { environment } = await environments.open(input.params.environment);
      const id = await idempotency.once(
        environment.control,
        input.headers['Idempotency-Key'],
        ['plan', environment.environmentId, nameOf(caller)],
        async () => {
          const planned = await planRestore(environment, input.body, caller);
          return planned.plan.id;
        },
      );
      return { status: 201, body: await showRestore(environment, id, caller) };
    },
    getRestore: async (input, caller) => {
      const { environment } = await environments.open(input.params.environment);
      return { status: 200, body: await showRestore(environment, input.params.restoreId, caller) };
    },
    runRestore: async (input, caller) => {
      const { environment } = await environments.open(input.params.environment);
      const { restoreId } = input.params;
      return await answerRun({
        run: () => runRestore(environment, restoreId, caller),
        show: () => showRestore(environment, restoreId, caller),
        clock: environment.clock,
        onLateFailure,
      });
    },
    undoRestore: async (input, caller) => {
      const { environment } = await environments.open(input.params.environment);
      const scope = ['undo', environment.environmentId, input.params.restoreId, nameOf(caller)];
      const id = await idempotency.once(
        environment.control,
        input.headers['Idempotency-Key'],
        scope,
        async () => {
          const planned = await planUndo(environment, input.params.restoreId, caller);
          return planned.plan.id;
        },
      );
      return { status: 201, body: await showRestore(environment, id, caller) };
    },
  };
}

const nameOf = (caller: Caller): string => (caller.kind === 'operator' ? caller.name : caller.systemuserid);
