import { z } from 'zod';

/**
 * Words that the whole contract shares. Every schema carries a title and a sentence for people: OpenAPI, the
 * connector's Swagger and docs/api.md are written from them.
 */

export const said = <T extends z.ZodType>(schema: T, title: string, description: string): T =>
  schema.meta({ title, description });

export const text = (title: string, description: string) => said(z.string(), title, description);
export const maybeText = (title: string, description: string) =>
  said(z.string().nullable(), title, description);
export const count = (title: string, description: string) => said(z.int(), title, description);
export const flag = (title: string, description: string) => said(z.boolean(), title, description);

export const tableName = said(
  z.string().regex(/^[a-z][a-z0-9_]{0,127}$/, 'a table is named by its logical name, such as account'),
  'Table',
  'Logical name of a Dataverse table, such as account.',
);
export const columnName = said(
  z.string().regex(/^[a-z][a-z0-9_]{0,127}$/, 'a column is named by its logical name, such as telephone1'),
  'Column',
  'Logical name of a column, such as telephone1.',
);
export const rowId = said(
  z
    .guid('a row is named by its id, such as 0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34')
    .transform((id) => id.toLowerCase()),
  'Row ID',
  'Primary key of the row.',
);
export const instant = z.iso.datetime({ offset: true });
export const snapshotId = z
  .string()
  .regex(/^\d{8}T\d{6}Z-[a-z0-9]{4}$/, 'a snapshot is named by its id, such as 20261123T140205Z-k3f9');

/** `latest`, a snapshot id, or an ISO instant. */
export const pointText = said(
  z.union(
    [z.literal('latest'), snapshotId, instant],
    'a point is latest, the id of a snapshot, or an instant such as 2026-11-23T14:02:05Z',
  ),
  'Point In Time',
  'Either latest, the ID of a snapshot, or an instant such as 2026-11-23T14:02:05Z, which stands for the last complete snapshot by then.',
);

export const value = said(
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.string(),
    z.object({
      table: text('Table', 'Logical name of the table that the lookup points to.'),
      id: text('Row ID', 'Primary key of the row that the lookup points to.'),
    }),
  ]),
  'Value',
  'The value itself. Decimals and 64-bit integers are text, a lookup is the table and the ID that it points to, null is empty.',
);

/** A value as people see it, or the statement that this backup does not hold the column: never the same as empty. */
export const shown = said(
  z.discriminatedUnion('captured', [
    z.object({
      captured: said(z.literal(true), 'Captured', 'Whether the backup holds the column.'),
      value,
      text: text('Text', 'The value as people see it.'),
    }),
    z.object({ captured: said(z.literal(false), 'Captured', 'Whether the backup holds the column.') }),
  ]),
  'Value',
  'A value as people see it, or the statement that the backup does not hold the column.',
);

export const person = said(
  z.object({
    id: text('User ID', 'ID of the user.'),
    name: maybeText('User Name', 'Full name of the user, where it is known.'),
  }),
  'Person',
  'A user of the environment.',
);

/** Who last saved a row, where that is known. */
export const modifiedBy = said(person.nullable(), 'Modified By', 'User who last saved the record.');
export const modifiedOn = maybeText('Modified On', 'When the record was last saved.');

export type Shown = z.infer<typeof shown>;
export type Person = z.infer<typeof person>;
