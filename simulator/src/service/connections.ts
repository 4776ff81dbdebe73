import type { Row } from '../store/table-store.ts';
import type { Environment } from './environment.ts';

/** Every connection is stored twice, once from each end; the given row is the master. */
export function addReciprocalConnection(environment: Environment, row: Row): void {
  const { database } = environment;
  const { record1id, record2id, record1roleid, record2roleid, ...rest } = row.values;
  const id = environment.newId();
  const mirrored = {
    record1id: record2id ?? null,
    record2id: record1id ?? null,
    record1roleid: record2roleid ?? null,
    record2roleid: record1roleid ?? null,
  };
  const values = { ...rest, ...mirrored, connectionid: id, ismaster: false };
  const present = Object.entries(values).filter(([, value]) => value !== null);
  database.put('connection', row.id, {
    ...row.values,
    ismaster: true,
    relatedconnectionid: { table: 'connection', id },
  });
  database.put('connection', id, {
    ...Object.fromEntries(present),
    relatedconnectionid: { table: 'connection', id: row.id },
  });
}
