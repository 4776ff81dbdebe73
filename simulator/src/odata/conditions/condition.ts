import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest, type ServiceError } from '../../service/errors.ts';

/** What a condition looks at: a column, for a caller at an instant. */
export interface Target {
  readonly context: RequestContext;
  readonly table: TableDefinition;
  readonly column: ColumnDefinition;
}

/** Judges a value as comparable text; undefined stands for null. */
export type ValueTest = (text: string | undefined) => boolean;

/** One operator, under the name that FetchXML gives it. */
export interface Operator {
  /** How many values it takes. */
  readonly takes: 0 | 1 | 2 | 'some';
  /** Refuses columns and values that the operator can not work with. */
  readonly compile: (target: Target, values: readonly string[]) => ValueTest;
}

export type Operators = Readonly<Record<string, Operator>>;

export const unsupportedOperator = (operator: string, { table, column }: Target): ServiceError =>
  badRequest(
    `Unsupported condition operator. Condition operator: '${operator}', attribute: '${table.logicalName}.${column.logicalName}', type: '${column.type}'.`,
    '0x80041120',
  );

/** A whole number above zero, as "last X days" needs it. @throws ServiceError 400 `0x8004110c` */
export function positive(text: string | undefined): number {
  if (text === undefined || !/^[1-9]\d{0,5}$/.test(text)) {
    throw badRequest('A value greater than zero must be specified.', '0x8004110c');
  }
  return Number(text);
}
