import type { ColumnDefinition } from '../../model/definitions.ts';
import { parseGuid } from '../../model/guid.ts';
import { badRequest } from '../../service/errors.ts';
import { kindOf } from '../../store/values.ts';

const NUMBER = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;

/** A value of a condition in the form in which the column's values are compared. */
export function comparableValue(column: ColumnDefinition, value: string): string {
  switch (kindOf(column)) {
    case 'guid': {
      const guid = parseGuid(value);
      if (guid === undefined) throw invalid(column, value, 'guid');
      return guid;
    }
    case 'number':
      if (!NUMBER.test(value)) throw invalid(column, value, 'number');
      return value;
    case 'boolean':
      if (!/^(0|1|true|false)$/i.test(value)) throw invalid(column, value, 'boolean');
      return value === '1' || value.toLowerCase() === 'true' ? 'true' : 'false';
    case 'text':
      return column.type === 'DateTimeType' ? dateValue(column, value) : value;
  }
}

/** Days stay days; instants are in UTC with whole seconds, as stored, a day standing for its first second. */
export function dateValue(column: ColumnDefinition, text: string): string {
  const ms = instantMs(text);
  if (ms === undefined) throw invalid(column, text, 'date and time');
  const iso = new Date(ms).toISOString();
  return column.dateBehavior === 'DateOnly' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

/** Undefined where the text is no date. Without a zone it is UTC, the caller's zone. */
export function instantMs(text: string): number | undefined {
  const trimmed = text.trim();
  const zoned = /(Z|[+-]\d{2}:\d{2})$/i.test(trimmed);
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(trimmed)
    ? Date.parse(trimmed)
    : Date.parse(zoned ? trimmed : `${trimmed.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

function invalid(column: ColumnDefinition, value: string, type: string) {
  return badRequest(
    `The attribute value provided is invalid. '${value}' is not a valid ${type} for ${column.logicalName}.`,
    '0x80041139',
  );
}
