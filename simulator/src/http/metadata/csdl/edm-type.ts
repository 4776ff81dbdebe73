import type { ColumnDefinition } from '../../../model/definitions.ts';

/** The type that a column's property has in `$metadata`. */
export function edmType(column: ColumnDefinition): string {
  switch (column.type) {
    case 'IntegerType':
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return 'Edm.Int32';
    case 'BigIntType':
      return 'Edm.Int64';
    case 'DecimalType':
    case 'MoneyType':
      return 'Edm.Decimal';
    case 'DoubleType':
      return 'Edm.Double';
    case 'BooleanType':
      return 'Edm.Boolean';
    case 'DateTimeType':
      return column.dateBehavior === 'DateOnly' ? 'Edm.Date' : 'Edm.DateTimeOffset';
    case 'UniqueidentifierType':
    case 'LookupType':
    case 'CustomerType':
    case 'OwnerType':
    case 'FileType':
      return 'Edm.Guid';
    case 'ImageType':
      return 'Edm.Binary';
    case 'ManagedPropertyType':
      return 'mscrm.BooleanManagedProperty';
    default:
      return 'Edm.String';
  }
}
