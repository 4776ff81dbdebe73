import type { Row } from '../store/table-store.ts';
import { referenceId } from '../store/values.ts';
import { onlyColumns, type Environment } from './environment.ts';

/** What the row of a mail attachment and the file behind it have in common. */
const SHARED = ['body', 'filename', 'mimetype', 'filesize', 'subject'] as const;

/**
 * A mail attachment points to the row of `attachment` that holds its file. Several may point to the same one: one that
 * is made with its `attachmentid` takes the file from there, any other gets a file row of its own.
 */
export function attachFile(environment: Environment, row: Row): void {
  const attachments = environment.schema.table('attachment');
  if (attachments === undefined) return;
  const { database } = environment;
  const given = referenceId(row.values['attachmentid']);
  const file = given === undefined ? undefined : database.get('attachment', given);
  if (file !== undefined) {
    database.put('activitymimeattachment', row.id, { ...row.values, ...pick(file) });
    return;
  }
  const id = environment.newId();
  database.put('attachment', id, onlyColumns(attachments, { attachmentid: id, ...pick(row) }));
  const attachmentid = { table: 'attachment', id };
  database.put('activitymimeattachment', row.id, { ...row.values, attachmentid });
}

/** The file goes with the last row that points to it. */
export function detachFile(environment: Environment, row: Row): void {
  const id = referenceId(row.values['attachmentid']);
  if (id === undefined) return;
  const others = environment.database.store('activitymimeattachment').referrers('attachmentid', id);
  if (others.every((other) => other === row.id)) environment.database.remove('attachment', id);
}

function pick(row: Row): Row['values'] {
  return Object.fromEntries(
    Object.entries(row.values).filter(([name]) => (SHARED as readonly string[]).includes(name)),
  );
}
