import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import { managed } from './labels.ts';
import type { Shape } from './table-shape.ts';

/**
 * Flags of columns that only accompany others (names of lookups and choices), and of keys, as all recorded tables show
 * them. What was recorded of a column itself comes later and wins.
 */
export function usualFlags(table: TableDefinition, column: ColumnDefinition): Shape {
  if (column.custom) return {};
  if (column.attributeOf !== undefined && !column.validOData) return COMPANION;
  if (column.logicalName === table.primaryId) return KEY;
  return { CanModifyAdditionalSettings: managed(true, 'canmodifyadditionalsettings', false) };
}

const OUT_OF_SIGHT = {
  IsAuditEnabled: managed(false, 'canmodifyauditsettings', false),
  IsValidForForm: false,
  IsValidForGrid: false,
};

const COMPANION: Shape = {
  ...OUT_OF_SIGHT,
  IsCustomizable: managed(false, 'iscustomizable', false),
  IsRenameable: managed(false, 'isrenameable', false),
  IsValidForAdvancedFind: managed(false, 'canmodifysearchsettings', false),
  CanModifyAdditionalSettings: managed(false, 'canmodifyadditionalsettings', false),
  IsLogical: true,
  IsRetrievable: false,
};

const KEY: Shape = {
  ...OUT_OF_SIGHT,
  CanModifyAdditionalSettings: managed(true, 'canmodifyadditionalsettings', false),
  IsRetrievable: true,
  SourceType: null,
};
