import { isReference, type Value, type Values } from '../../../base/value.ts';
import { columnOf, type ColumnMetadata, type TableDetails } from '../../metadata/types.ts';

/** Columns of what was sent that can be read back and that nobody but a writer changes. */
export function comparableColumns(table: TableDetails, sent: Values): readonly string[] {
  return Object.keys(sent).filter((name) => {
    const column = columnOf(table, name);
    return column !== undefined && column.validForRead && column.validOData && !column.secured;
  });
}

/** Whether the row holds what was sent, however the service prints it. */
export function holds(table: TableDetails, row: Values, sent: Values, columns: readonly string[]): boolean {
  return columns.every((name) => {
    const column = columnOf(table, name);
    return column !== undefined && same(column, row[name] ?? null, sent[name] ?? null);
  });
}

function same(column: ColumnMetadata, found: Value, sent: Value): boolean {
  // An empty text and no text are the same to the service.
  if (found === null || sent === null) return (found ?? '') === (sent ?? '');
  if (isReference(found) || isReference(sent)) {
    if (!isReference(found) || !isReference(sent)) return false;
    return found.table === sent.table && found.id === sent.id.toLowerCase();
  }
  switch (column.kind) {
    case 'decimal':
    case 'money':
    case 'bigint':
      return digits(String(found)) === digits(String(sent));
    case 'multiChoice':
      return members(String(found)) === members(String(sent));
    case 'guid':
      return String(found).toLowerCase() === String(sent).toLowerCase();
    default:
      return found === sent;
  }
}

/** `1.50` and `1.5` are one number, and so are `0` and `-0`. */
function digits(text: string): string {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return plain === '-0' ? '0' : plain;
}

function members(text: string): string {
  return text.split(',').sort().join(',');
}
