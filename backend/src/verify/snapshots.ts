import { RowbackError } from '../base/errors.ts';
import { isSnapshotId, type Snapshot, type Vault } from '../vault/index.ts';
import { finding, type Finding } from './finding.ts';
import type { TableLog } from './table-log.ts';

/** Reads every snapshot there is; one that cannot be read is a finding and not in the list. Oldest first. */
export async function readSnapshots(
  vault: Vault,
  names: readonly string[],
): Promise<{ readonly snapshots: readonly Snapshot[]; readonly findings: readonly Finding[] }> {
  const snapshots: Snapshot[] = [];
  const findings: Finding[] = [];
  for (const name of [...names].sort()) {
    const id = name.replace(/^.*\/snapshots\//, '').replace(/\.json$/, '');
    if (!isSnapshotId(id)) {
      findings.push(finding('leftover', `${name} is no snapshot.`, { blob: name }));
      continue;
    }
    try {
      snapshots.push(await vault.snapshots.read(id));
    } catch (error) {
      if (!(error instanceof RowbackError) || error.code !== 'blob-damaged') throw error;
      findings.push(finding('blob-damaged', error.message, { blob: name, snapshots: [id] }));
    }
  }
  return { snapshots, findings };
}

/** Does each snapshot follow the one it says, and name states that its tables had? */
export function checkSnapshots(
  snapshots: readonly Snapshot[],
  tables: ReadonlyMap<string, TableLog>,
  schemas: ReadonlySet<string>,
): Finding[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  return snapshots.flatMap((snapshot) => {
    const broken = (message: string, table?: string) =>
      finding('snapshot-broken', message, {
        snapshots: [snapshot.id],
        ...(table === undefined ? {} : { table }),
      });
    const findings: Finding[] = [];
    const previous = snapshot.previous === null ? undefined : byId.get(snapshot.previous);
    if (snapshot.previous !== null && previous === undefined)
      findings.push(
        broken(`${snapshot.id} follows ${snapshot.previous}, which is not there or cannot be read.`),
      );
    if (previous !== undefined && previous.epoch > snapshot.epoch)
      findings.push(broken(`The epoch falls from ${previous.id} to ${snapshot.id}.`));
    if (!schemas.has(snapshot.schema))
      findings.push(broken(`${snapshot.id} names a schema of the environment that is not there.`));
    for (const [folder, { throughSeq, status }] of Object.entries(snapshot.tables)) {
      if (throughSeq === 0 && status === 'failed') continue;
      const ends = tables.get(folder)?.ends ?? new Set([0]);
      if (!ends.has(throughSeq))
        findings.push(broken(`${snapshot.id} names a state of ${folder} that no commit made.`, folder));
    }
    return findings;
  });
}

/** Snapshots whose state of the table reaches as far as this sequence. */
export function snapshotsShowing(snapshots: readonly Snapshot[], table: string, minSeq: number): string[] {
  let throughSeq = 0;
  return snapshots.flatMap((snapshot) => {
    throughSeq = snapshot.tables[table]?.throughSeq ?? throughSeq;
    return throughSeq >= minSeq ? [snapshot.id] : [];
  });
}
