import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import type { RequestContext } from '../service/context.ts';
import { plainText, referenceId } from '../store/values.ts';
import { mayReadUnmasked } from './columns.ts';

/**
 * How readers see a secured text column that has a masking rule; undefined where it shows as it is. A rule holds for
 * everybody, administrators too, until a request asks for the plain text and the reader has the permission for it.
 */
export function maskOf(
  context: RequestContext,
  table: TableDefinition,
  column: ColumnDefinition,
): ((text: string) => string) | undefined {
  if (column.secured !== true) return undefined;
  const { database } = context.environment;
  const attached = database.store('attributemaskingrule');
  const rule = attached
    .referrers('attributelogicalname', column.logicalName)
    .map((id) => attached.get(id)?.values)
    .find((values) => values?.['entityname'] === table.logicalName);
  if (rule === undefined || wantsPlainText(context, table, column)) return undefined;
  const values = database.get('maskingrule', referenceId(rule['maskingruleid']) ?? '')?.values;
  const pattern = new RegExp(plainText(values?.['regularexpression']) || '.', 'g');
  const character = plainText(values?.['maskedcharacter']) || '#';
  return (text) => text.replace(pattern, (found) => character.repeat(found.length));
}

function wantsPlainText(context: RequestContext, table: TableDefinition, column: ColumnDefinition): boolean {
  const asked = context.headers.get('mscrm.unmaskeddata')?.trim().toLowerCase() === 'true';
  return asked && mayReadUnmasked(context.environment, context.caller, table, column);
}
