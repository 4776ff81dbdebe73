import type { ChangeEvent, Row } from '../dataverse/index.ts';
import { columnsToRead } from './columns.ts';
import { interrupted } from './errors.ts';
import { columnsMark, type Bookmark } from './read-state.ts';
import type { TableRound } from './table-round.ts';
import { wellFormed } from './well-formed.ts';

/**
 * Rows and pages of a round, counted, in a form that the vault can keep. The stop signal is looked at between pages and
 * not given to the client: a page that is under way comes in whole, so that nothing of it is read twice.
 */
export async function* events(round: TableRound, link: string | null): AsyncIterable<ChangeEvent> {
  const columns = columnsToRead(round.schema);
  const { client } = round.run;
  const source =
    round.plan.mode === 'change-tracking'
      ? client.readChanges(round.plan.details, columns, link)
      : client.readAll(round.plan.details, columns, link);
  yield* counted(round, source);
}

/** Only keys and row versions, of all rows. */
export function keyEvents(round: TableRound): AsyncIterable<ChangeEvent> {
  const columns = [...round.schema.key, 'versionnumber'];
  return counted(round, round.run.client.readAll(round.plan.details, columns));
}

async function* counted(round: TableRound, source: AsyncIterable<ChangeEvent>): AsyncIterable<ChangeEvent> {
  const { meter } = round.run;
  let rows = 0;
  for await (const event of source) {
    if (event.kind === 'row') {
      rows += 1;
      yield { kind: 'row', ...keepable(round, event) };
      continue;
    }
    if (event.kind === 'page-end') {
      meter.add({ requests: 1, rows });
      rows = 0;
    }
    yield event;
  }
}

export function keepable(round: TableRound, event: Row): Row {
  const { row, repaired } = wellFormed(event);
  for (const column of repaired) {
    round.warn(`${column} of row ${row.id} holds half a character; U+FFFD stands in its place`);
  }
  return row;
}

export function bookmark(round: TableRound, link: string, at: string): Bookmark {
  const tracked = round.plan.mode === 'change-tracking';
  return { link, at, columns: columnsMark(round.schema), epoch: round.run.epoch, tracked };
}

export function stopIfAborted(round: TableRound): void {
  if (round.run.signal.aborted) throw interrupted();
}

/** What a version scan goes on from: nothing but the columns and the epoch that the vault's rows were read with. */
export function scanMark(round: TableRound, at: string): Bookmark | null {
  return round.plan.mode === 'version-scan' ? bookmark(round, '', at) : null;
}
