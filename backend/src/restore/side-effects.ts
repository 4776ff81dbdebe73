import type { PlannedRow, Requester } from './plan.ts';

/**
 * What happens besides the values written, in sentences. `retainedAt`: when the record was found to be moved to
 * long-term retention; null: it was not.
 */
export function sideEffectsOf(
  rows: readonly PlannedRow[],
  by: Requester,
  onRequest: boolean,
  retainedAt: string | null = null,
): string[] {
  const writes = rows.filter(({ action }) => action !== 'none');
  if (writes.length === 0) return [];
  const effects = [
    ...(retainedAt === null ? [] : [secondCopy(retainedAt)]),
    `Modified on and modified by change: ${by.kind === 'user' ? 'you become' : 'the service becomes'} the last one who saved each record.`,
    'Plug-ins, workflows and flows that react to these changes will run.',
  ];
  const updates = writes.filter(({ action }) => action === 'update');
  if (!onRequest && updates.length > 0)
    effects.push(
      'Good edits from before the newest backup cannot be told from mistakes: they are replaced as well.',
    );
  effects.push(...creating(writes), ...stateEffects(writes));
  if (
    updates.some(({ columns }) =>
      columns.some(({ name, decision }) => name === 'ownerid' && decision === 'restore'),
    )
  ) {
    effects.push('The owner changes; records that follow their parent may change theirs too.');
  }
  return effects;
}

/** Nobody deleted it: the first thing that whoever restores it must know. */
const secondCopy = (retainedAt: string): string =>
  `The record was not deleted: by ${retainedAt} a retention policy had moved it to long-term retention, where a read-only copy stays. This makes a second record beside that copy, and the policy may take it away again.`;

function creating(rows: readonly PlannedRow[]): string[] {
  const created = rows.filter(({ action }) => action === 'create');
  if (created.length === 0) return [];
  const effects = [
    'Created by becomes whoever restores. Shares and the row version of the deleted record do not come back.',
    "From then on the platform's own recycle bin cannot bring the record back.",
  ];
  const differs = created.some(({ columns }) =>
    columns.some(({ name, decision }) => name === 'createdon' && decision === 'cannot'),
  );
  if (differs) effects.push('Created on will differ: it will be the moment of the restore.');
  return effects;
}

function stateEffects(rows: readonly PlannedRow[]): string[] {
  const effects: string[] = [];
  if (rows.some(({ open }) => open !== null))
    effects.push('The record is opened, written, and closed again.');
  const closing = new Set(['opportunity', 'incident', 'quote', 'salesorder']);
  if (rows.some(({ table, state }) => state !== null && state.state !== 0 && closing.has(table))) {
    effects.push('Closing the record makes a closing activity.');
  }
  return effects;
}
