import type { PlannedRow, Requester } from './plan.ts';

/** What happens besides the values written, in sentences. */
export function sideEffectsOf(rows: readonly PlannedRow[], by: Requester, onRequest: boolean): string[] {
  const writes = rows.filter(({ action }) => action !== 'none');
  if (writes.length === 0) return [];
  const effects = [
    `Modified on and modified by change: ${by.kind === 'user' ? 'you become' : 'the service becomes'} the last one who saved each record.`,
    'Plug-ins, workflows and flows that react to these changes will run.',
  ];
  if (!onRequest)
    effects.push(
      'Good edits from before the newest backup cannot be told from mistakes: they are replaced as well.',
    );
  effects.push(...creating(writes), ...stateEffects(writes));
  if (
    writes.some(({ columns }) =>
      columns.some(({ name, decision }) => name === 'ownerid' && decision === 'restore'),
    )
  ) {
    effects.push('The owner changes; rows that follow their parent may change theirs too.');
  }
  return effects;
}

function creating(rows: readonly PlannedRow[]): string[] {
  const created = rows.filter(({ action }) => action === 'create');
  if (created.length === 0) return [];
  const effects = [
    'Created by will be whoever restores; shares and the row version of the deleted row do not come back.',
    "Creating the row closes the platform's own recycle bin for it.",
  ];
  const differs = created.some(({ columns }) =>
    columns.some(({ name, decision }) => name === 'createdon' && decision === 'cannot'),
  );
  if (differs) effects.push('Created on will differ: it will be the moment of the restore.');
  return effects;
}

function stateEffects(rows: readonly PlannedRow[]): string[] {
  const effects: string[] = [];
  if (rows.some(({ open }) => open !== null)) effects.push('The row is opened, written, and closed again.');
  const closing = new Set(['opportunity', 'incident', 'quote', 'salesorder']);
  if (rows.some(({ table, state }) => state !== null && state.state !== 0 && closing.has(table))) {
    effects.push('Closing the row makes a closing activity.');
  }
  return effects;
}
