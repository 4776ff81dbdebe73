import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { plainText } from '../store/values.ts';

type Values = Readonly<Record<string, StoredValue>>;

/**
 * Texts that the platform composes and nobody writes: the full name of a person, and the `_composite` of an
 * address. The forms are those of an English environment.
 */
export function composeTexts(table: TableDefinition, values: Values): Values {
  const composed: Record<string, StoredValue> = { ...values };
  const put = (column: string, compose: () => string) => {
    if (table.columns.get(column)?.validForUpdate !== false) return;
    const text = compose();
    if (text !== '') composed[column] = text;
    else if (column in composed) delete composed[column];
  };
  if (table.columns.has('firstname') && table.columns.has('lastname')) {
    const name = () => joined(values, ['firstname', 'middlename', 'lastname'], ' ');
    put('fullname', name);
    put('yomifullname', name);
  }
  for (const prefix of ['address1_', 'address2_', 'address3_'])
    put(`${prefix}composite`, () => addressText(values, prefix));
  return composed;
}

function addressText(values: Values, prefix: string): string {
  const text = (name: string) => plainText(values[prefix + name]);
  const region = [text('stateorprovince'), text('postalcode')].filter(filled).join(' ');
  const place = [text('city'), region].filter(filled).join(', ');
  return [text('line1'), text('line2'), text('line3'), place, text('country')].filter(filled).join('\r\n');
}

function joined(values: Values, names: readonly string[], separator: string): string {
  return names
    .map((name) => plainText(values[name]))
    .filter(filled)
    .join(separator);
}

function filled(text: string): boolean {
  return text !== '';
}
