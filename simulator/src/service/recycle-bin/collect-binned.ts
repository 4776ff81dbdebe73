import type { TableDefinition } from '../../model/definitions.ts';
import type { Row } from '../../store/table-store.ts';
import type { Environment } from '../environment.ts';
import { linkRowsOf } from '../links.ts';
import type { BinnedRow } from './recycle-bin.ts';

/** A row as the bin keeps it: with its file contents, their entries, the parties of an activity, and its links. */
export function asBinned(environment: Environment, table: TableDefinition, row: Row): BinnedRow {
  const { database } = environment;
  const contents = [...table.columns.values()].flatMap((column) => {
    if (column.type !== 'FileType' && column.type !== 'ImageType') return [];
    const id = row.values[column.type === 'FileType' ? column.logicalName : `${column.logicalName}id`];
    const file = typeof id === 'string' ? database.file(id) : undefined;
    return file === undefined ? [] : [file];
  });
  const entries = contents.flatMap((file) => companion(environment, 'fileattachment', file.id));
  const parties = table.activity
    ? database
        .store('activityparty')
        .referrers('activityid', row.id)
        .flatMap((id) => companion(environment, 'activityparty', id))
    : [];
  return {
    table: table.logicalName,
    row,
    files: contents,
    companions: [...entries, ...parties],
    links: linkRowsOf(environment, table, row.id),
  };
}

function companion(environment: Environment, table: string, id: string) {
  const row = environment.database.get(table, id);
  return row === undefined ? [] : [{ table, row }];
}
