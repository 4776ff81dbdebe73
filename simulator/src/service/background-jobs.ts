import type { RequestContext } from './context.ts';
import { onlyColumns } from './environment.ts';
import { ServiceError } from './errors.ts';

/** `asyncoperation.operationtype`. */
export const PUBLISH_DUPLICATE_RULE = 7;
export const BULK_DELETE = 13;

const STARTS_AFTER_MS = 1000;
const ENDS_AFTER_MS = 3000;

/** States and status reasons of a job's row. */
const READY = { statecode: 0, statuscode: 0 };
const IN_PROGRESS = { statecode: 2, statuscode: 20 };
const SUCCEEDED = { statecode: 3, statuscode: 30 };
const FAILED = { statecode: 3, statuscode: 31 };

/**
 * Plans work of the platform that shows as a row of `asyncoperation` in the meantime: waiting, in progress, then
 * succeeded or failed. The work's refusal is the job's message; what it did before stays done. Returns the job's id.
 */
export function startJob(
  context: RequestContext,
  job: { readonly name: string; readonly kind: number; readonly delayMs?: number },
  work: () => void,
): string {
  const { environment } = context;
  const id = environment.newId();
  const user = { table: 'systemuser', id: context.caller.user.userId };
  const delayMs = Math.max(0, job.delayMs ?? 0);
  put(context, id, {
    ...READY,
    asyncoperationid: id,
    name: job.name,
    operationtype: job.kind,
    createdon: environment.timestamp(),
    createdby: user,
    ownerid: user,
    owninguser: user,
  });
  environment.schedule(delayMs + STARTS_AFTER_MS, () =>
    put(context, id, { ...IN_PROGRESS, startedon: environment.timestamp() }),
  );
  environment.schedule(delayMs + ENDS_AFTER_MS, () => {
    const outcome = attempt(work);
    put(context, id, { ...outcome, completedon: environment.timestamp() });
  });
  return id;
}

function attempt(work: () => void): Readonly<Record<string, number | string>> {
  try {
    work();
    return SUCCEEDED;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { ...FAILED, message: error.message, friendlymessage: error.message };
  }
}

/** Nothing where somebody deleted the job's row. */
function put({ environment }: RequestContext, id: string, values: Parameters<typeof onlyColumns>[1]): void {
  const table = environment.schema.table('asyncoperation');
  const before = environment.database.get('asyncoperation', id);
  if (table === undefined || (before === undefined && values['asyncoperationid'] === undefined)) return;
  const all = { ...before?.values, ...values, modifiedon: environment.timestamp() };
  environment.database.put('asyncoperation', id, onlyColumns(table, all));
}
