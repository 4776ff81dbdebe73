export { withPlatformTables } from './platform-tables.ts';
export { CATALOG_ITEM, catalogItems, READING, specialRows, withSpecialKinds } from './special-kinds.ts';
