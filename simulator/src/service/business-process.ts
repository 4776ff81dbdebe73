import type { TableDefinition } from '../model/definitions.ts';
import { EMPTY_GUID } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row, RowValues } from '../store/table-store.ts';
import { plainText, referenceId } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { deriveOwnership } from './derived-columns.ts';
import { onlyColumns } from './environment.ts';
import { badRequest, ServiceError } from './errors.ts';

const FINISHED = 2;

/**
 * Starts the business process flow of a new row: an instance in its first stage. A `processid` of zeros with the row
 * says that none is wanted.
 */
export function startProcesses(
  { environment, caller }: RequestContext,
  table: TableDefinition,
  row: Row,
  processId: StoredValue | undefined,
): void {
  if (processId === EMPTY_GUID) return;
  const user = { table: 'systemuser', id: caller.user.userId };
  const now = environment.timestamp();
  for (const instances of environment.schema.tables) {
    const process = instances.businessProcess;
    const first = process?.stages[0];
    if (process === undefined || process.table !== table.logicalName || first === undefined) continue;
    const id = environment.newId();
    const values = onlyColumns(instances, {
      [instances.primaryId]: id,
      [process.column]: { table: table.logicalName, id: row.id },
      activestageid: { table: 'processstage', id: first },
      traversedpath: first,
      statecode: 0,
      statuscode: 1,
      createdon: now,
      modifiedon: now,
      createdby: user,
      modifiedby: user,
      ownerid: user,
    });
    environment.database.put(instances.logicalName, id, deriveOwnership(environment, instances, values));
  }
}

/** A new instance begins in the first stage, or tells by which stages it came. @throws ServiceError 400 */
export function refuseStageAtStart(table: TableDefinition, values: RowValues): void {
  const stages = table.businessProcess?.stages;
  const stage = referenceId(values['activestageid']);
  if (stages === undefined || stage === undefined || stage === stages[0]) return;
  if (!plainText(values['traversedpath']).toLowerCase().split(',').includes(stage))
    throw badRequest("The attribute 'traversedpath' must lead to the active stage.", '0x80040203');
}

/** An instance moves by one stage at a time and is finished from the last one only. @throws ServiceError 400 */
export function refuseStageMove(
  table: TableDefinition,
  row: Row,
  changed: ReadonlyMap<string, StoredValue>,
): void {
  const stages = table.businessProcess?.stages;
  if (stages === undefined) return;
  const before = stages.indexOf(referenceId(row.values['activestageid']) ?? '');
  const wanted = referenceId(changed.get('activestageid'));
  const after = wanted === undefined ? before : stages.indexOf(wanted);
  if (Math.abs(after - before) > 1 || after < 0) throw invalidMove(wanted ?? '');
  if (Number(changed.get('statuscode')) === FINISHED && after !== stages.length - 1)
    throw invalidMove(stages.at(-1) ?? '');
}

function invalidMove(stage: string): ServiceError {
  return badRequest(
    `Invalid stage transition. Transition to stage ${stage} is not in the process active path.`,
    '0x80092003',
  );
}
