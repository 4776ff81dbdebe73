import { z } from 'zod';
import type { BackupPlan, TablePlan } from './plan.ts';
import type { KnownColumn } from './continue-schema.ts';

const columnType = z.enum([
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
]);

/** The document that a snapshot's `schema` names: every table's schema, and what was left out, why. */
const environmentSchema = z.object({
  format: z.literal(1),
  tables: z.record(
    z.string(),
    z.object({
      /** Id of the table's schema document. */
      schema: z.string(),
      leftOut: z.array(z.object({ column: z.string(), code: z.string(), why: z.string() })),
      /** Columns of earlier schemas whose Delta names are taken for good. */
      retired: z.array(
        z.object({ name: z.string(), id: z.string(), type: columnType, deltaName: z.string() }),
      ),
    }),
  ),
  excluded: z.array(
    z.object({
      table: z.string(),
      code: z.string(),
      why: z.string(),
      hint: z.string().nullable().exactOptional(),
    }),
  ),
  /** Id of the metadata document; `metadata/document.ts`. Snapshots of earlier versions have none. */
  metadata: z.string().exactOptional(),
});
export type EnvironmentSchema = z.infer<typeof environmentSchema>;

export const noEnvironmentSchema: EnvironmentSchema = { format: 1, tables: {}, excluded: [] };

export function parseEnvironmentSchema(document: unknown): EnvironmentSchema {
  return environmentSchema.parse(document);
}

export interface TableSchemaEntry {
  /** The table's folder in the vault. */
  readonly folder: string;
  readonly table: string;
  readonly schemaId: string;
  readonly retired: readonly KnownColumn[];
  /** What this run left out beside its plan. */
  readonly withdrawn?: TablePlan['leftOut'];
}

/** Tables that this run did not touch stay as the previous document has them. */
export function nextEnvironmentSchema(
  previous: EnvironmentSchema,
  plan: BackupPlan,
  entries: readonly TableSchemaEntry[],
  metadata: string,
): EnvironmentSchema {
  const leftOut = new Map(plan.tables.map((table) => [table.table, table.leftOut]));
  const next = entries.map((entry): [string, EnvironmentSchema['tables'][string]] => [
    entry.folder,
    {
      schema: entry.schemaId,
      leftOut: [...(leftOut.get(entry.table) ?? []), ...(entry.withdrawn ?? [])].map(
        ({ column, code, why }) => ({ column, code, why }),
      ),
      retired: entry.retired.map(({ name, id, type, deltaName }) => ({ name, id, type, deltaName })),
    },
  ]);
  const tables = new Map([...Object.entries(previous.tables), ...next]);
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    format: 1,
    tables: Object.fromEntries(sorted),
    excluded: plan.excluded.map(({ table, code, why, hint }) => ({ table, code, why, hint })),
    metadata,
  };
}
