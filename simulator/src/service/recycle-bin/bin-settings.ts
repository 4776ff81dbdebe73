import { isReference } from '../../store/values.ts';
import type { Environment } from '../environment.ts';

const MAX_DAYS = 30;

/** Tables that the platform's bin does not take, whatever is asked. */
const UNSUPPORTED = new Set([
  'activityfileattachment',
  'appointment',
  'businessunit',
  'calendar',
  'connectionrole',
  'duplicaterule',
  'goal',
  'organization',
  'position',
  'queue',
  'recurringappointmentmaster',
  'recyclebinconfig',
  'retentionconfig',
  'role',
  'sharepointsite',
  'sla',
  'systemuser',
  'systemuserroles',
  'template',
  'transactioncurrency',
  'userquery',
]);

/** How long deleted rows of the table are kept; undefined: they are gone at once. */
export function binDays(environment: Environment, tableName: string): number | undefined {
  const table = environment.schema.table(tableName);
  if (table === undefined || !supportsBin(environment, tableName)) return undefined;
  for (const { values } of environment.database.store('recyclebinconfig').values()) {
    const target = values['extensionofrecordid'];
    const active = values['statecode'] === 0 && values['isreadyforrecyclebin'] === true;
    if (!active || !isReference(target) || target.id !== table.metadataId) continue;
    const days = values['cleanupintervalindays'];
    return typeof days === 'number' && days > 0 ? Math.min(days, MAX_DAYS) : MAX_DAYS;
  }
  return undefined;
}

export function supportsBin(environment: Environment, tableName: string): boolean {
  const table = environment.schema.table(tableName);
  if (
    table === undefined ||
    table.intersect ||
    table.tableType === 'Elastic' ||
    table.tableType === 'Virtual'
  )
    return false;
  return !UNSUPPORTED.has(tableName);
}
