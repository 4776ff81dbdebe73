import { namePrefix } from './schema-errors.ts';

/** A customization prefix (2 to 8 letters and digits, never `mscrm…`), an underscore, and the rest. */
const CUSTOM_NAME = /^(?!mscrm)[a-z][a-z0-9]{1,7}_[a-z0-9_]+$/i;

/** The logical name that belongs to a new schema name. @throws ServiceError 400 `0x80048062` without a prefix */
export function logicalNameOf(schemaName: string): string {
  if (!CUSTOM_NAME.test(schemaName)) throw namePrefix(schemaName);
  return schemaName.toLowerCase();
}
