import type { ColumnDefinition, TableDefinition } from './definitions.ts';
import { guidFromText } from './guid.ts';

/** Sets of one column are named after table and column; a choice with another name uses a global set. */
export function usesGlobalSet(table: TableDefinition, column: ColumnDefinition): boolean {
  const choice = column.type === 'PicklistType' || column.type === 'MultiSelectPicklistType';
  return choice && column.optionSetName?.startsWith(`${table.logicalName}_`) === false;
}

/** The `MetadataId` of an option set; it follows from the name. */
export function optionSetId(name: string): string {
  return guidFromText(`optionset ${name}`);
}
