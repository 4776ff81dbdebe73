import type { TableDefinition } from '../model/definitions.ts';
import { compileExpands, entityUrl } from '../odata/expand.ts';
import { etagMember, etagOf, RowPrinter } from '../odata/print-row.ts';
import { parseExpand, parseSelect } from '../odata/query-options.ts';
import { checkOptions, contextMember, metadataVersionMember } from '../odata/read-collection.ts';
import { setName } from '../service/payload.ts';
import type { Row } from '../store/table-store.ts';
import { applied, type Call } from './api.ts';

/** One row as the whole body. `expand: false` for the answer of an update, which ignores it. */
export function rowBody(
  call: Call,
  table: TableDefinition,
  row: Row,
  options: { expand: boolean } = { expand: true },
): { body: string; etag: string } {
  const { context, url } = call;
  checkOptions(url.query);
  const expands = options.expand ? compileExpands(context, table, parseExpand(url.query.get('$expand'))) : [];
  const printer = new RowPrinter(context, table, parseSelect(url.query.get('$select')));
  const members = [
    contextMember(context, setName(table), printer.selected, expands, '/$entity'),
    ...metadataVersionMember(context),
    etagMember(row),
    ...printer.members(row),
    ...expands.flatMap((expand) => expand.members(row)),
  ];
  return { body: `{${members.join(',')}}`, etag: etagOf(row) };
}

/** `Preference-Applied` of an answer that holds one row. */
export function rowPreferences(call: Call, ...more: readonly (string | undefined)[]): Record<string, string> {
  const { annotations } = call.context.preferences;
  return applied(...more, annotations !== undefined && `odata.include-annotations="${annotations}"`);
}

export function entityIdHeaders(call: Call, table: TableDefinition, key: string): Record<string, string> {
  return { 'OData-EntityId': entityUrl(call.context, table, key) };
}
