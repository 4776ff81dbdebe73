import { z } from 'zod';
import type { TableSchema } from './schema.ts';

const columnShape = z.strictObject({
  name: z.string().min(1),
  id: z.string(),
  type: z.enum([
    'string',
    'int',
    'long',
    'decimal',
    'rate',
    'double',
    'boolean',
    'timestamp',
    'wallTime',
    'date',
    'multiSelect',
    'lookup',
    'guid',
    'file',
    'image',
    'body',
  ]),
  // Delta's own rule for column names without column mapping.
  deltaName: z.string().regex(/^[^ ,;{}()\n\t=]+$/),
  scale: z.int().min(0).max(12).exactOptional(),
  volatile: z.literal(true).exactOptional(),
  label: z.string(),
  choices: z.record(z.string(), z.string()).exactOptional(),
  contentStamp: z.string().exactOptional(),
  knownFrom: z.string().exactOptional(),
});

const shape = z.strictObject({
  format: z.literal(1),
  table: z.string().min(1),
  tableId: z.string(),
  label: z.string(),
  kind: z.enum(['standard', 'activity', 'intersect', 'elastic']),
  key: z.array(z.string()).min(1),
  primaryId: z.string(),
  primaryName: z.string().nullable(),
  link: z
    .strictObject({
      relationship: z.string(),
      column1: z.string(),
      table1: z.string(),
      column2: z.string(),
      table2: z.string(),
    })
    .exactOptional(),
  columns: z.array(columnShape),
});

/** Checks a schema before it is written and after it was read. Throws zod's error. */
export function parseTableSchema(document: unknown): TableSchema {
  const schema: TableSchema = shape.parse(document);
  const names = schema.columns.map((column) => column.name);
  const sorted = names.every((name, i) => i === 0 || (names[i - 1] ?? '') < name);
  if (!sorted) throw new TypeError('the columns are not sorted by name, or one is there twice');
  for (const name of schema.key) {
    if (!names.includes(name)) throw new TypeError(`the key column ${name} is not listed`);
  }
  return schema;
}
