import { listSnapshots, showSnapshot } from '../../jobs/snapshots.ts';
import type { SnapshotDetails, SnapshotSummary } from '../../jobs/contract.ts';
import { withEnvironment, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { aligned, bytesText, type CommandResult } from '../output.ts';

/** The newest snapshots, or one with its tables. */
export async function snapshots(
  context: CommandContext,
  id: string | undefined,
  options: { readonly limit: number },
): Promise<CommandResult> {
  const done = { ok: true, code: 'done', exitCode: exit.done, warnings: context.warnings };
  return withEnvironment(context, async ({ vault }) => {
    if (id !== undefined) {
      const details = await showSnapshot(vault, id);
      return { ...done, data: details, text: detailsText(details) };
    }
    const list = await listSnapshots(vault, { limit: options.limit });
    return { ...done, data: { value: list }, text: listText(list) };
  });
}

function listText(list: readonly SnapshotSummary[]): string {
  if (list.length === 0) return 'There is no snapshot yet. `rowback backup` makes the first one.';
  return aligned(
    ['SNAPSHOT', 'ENDED', 'STATUS', 'TABLES', 'ROWS', 'CHANGED', 'DELETED', 'WRITTEN'],
    list.map((one) => [
      one.id,
      one.endedAt,
      one.status,
      one.tables,
      one.rows,
      one.put,
      one.gone,
      bytesText(one.bytes),
    ]),
  );
}

function detailsText(snapshot: SnapshotDetails): string {
  return [
    `${snapshot.id}: ${snapshot.status}, ${snapshot.startedAt} to ${snapshot.endedAt}, started by ${snapshot.trigger}.`,
    'Dataverse gives no moment across tables: each table is as it was when it was read.',
    ...snapshot.alerts.map(
      ({ code, message, expected }) =>
        `${expected === null ? 'Alert' : `Expected (${expected})`}: ${message} (${code})`,
    ),
    '',
    aligned(
      ['TABLE', 'STATUS', 'MODE', 'ROWS', 'CHANGED', 'DELETED', 'FILES MISSING'],
      snapshot.details.map((table) => [
        table.table,
        table.status,
        table.mode,
        table.rowCount,
        table.put,
        table.gone,
        table.filesPending + table.filesLost,
      ]),
    ),
    ...snapshot.details.flatMap((table) =>
      [...table.errors.map((error) => `${error.message} (${error.code})`), ...table.warnings].map(
        (text) => `${table.table}: ${text}`,
      ),
    ),
  ].join('\n');
}
