import { z } from 'zod';
import { isSnapshotId } from './snapshot-id.ts';
import type { Snapshot } from './snapshot.ts';

const count = z.int().nonnegative();
const snapshotId = z.string().refine(isSnapshotId, 'no snapshot id');
const instant = z.iso.datetime();

const tableShape = z.strictObject({
  status: z.enum(['complete', 'stale', 'incomplete', 'failed']),
  throughSeq: count,
  deltaVersion: z.int().min(-1),
  mode: z.enum(['change-tracking', 'full', 'version-scan', 'append']),
  rowCount: count,
  captured: z.strictObject({
    put: count,
    gone: count,
    deleted: count.exactOptional(),
    bytes: count,
    requests: count,
  }),
  missed: z.strictObject({ at: instant, put: count, gone: count }).exactOptional(),
  tableHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  files: z.strictObject({ stored: count, pending: count, lost: count }),
  stateOf: snapshotId.exactOptional(),
  warnings: z.array(z.string()),
  errors: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});

const alertShape = z.strictObject({
  id: z.string(),
  code: z.enum([
    'many-changed',
    'many-deleted',
    'environment-rewound',
    'deletes-not-proved',
    'table-lost',
    'columns-lost',
    'contents-lost',
    'feed-fault',
  ]),
  table: z.string().nullable(),
  message: z.string(),
  figures: z.record(z.string(), z.number()),
  lastSavedBy: z.record(z.string(), count),
  expected: z.string().nullable(),
  selection: z
    .strictObject({
      kind: z.literal('changed-between'),
      table: z.string(),
      operation: z.enum(['put', 'gone']),
      afterSeq: count,
      throughSeq: count,
      before: snapshotId,
      rows: count,
    })
    .nullable(),
});

const shape = z.strictObject({
  format: z.literal(1),
  id: snapshotId,
  environmentId: z.string().min(1),
  organizationId: z.string(),
  startedAt: instant,
  endedAt: instant,
  trigger: z.enum(['manual', 'schedule', 'api', 'request']),
  policy: z.string(),
  epoch: count,
  schema: z.string().regex(/^[0-9a-f]{64}$/),
  previous: snapshotId.nullable(),
  checkedAt: z.array(instant),
  allTables: z.boolean(),
  tables: z.record(z.string(), tableShape),
  alerts: z.array(alertShape).exactOptional(),
});

/** Checks a snapshot before it is written and after it was read. Throws zod's error or a TypeError. */
export function parseSnapshot(document: unknown): Snapshot {
  const snapshot: Snapshot = shape.parse(document);
  if (snapshot.previous === null && !snapshot.allTables) throw new TypeError('the first names all tables');
  if (snapshot.previous !== null && snapshot.previous >= snapshot.id)
    throw new TypeError('it precedes its previous one');
  if (snapshot.endedAt < snapshot.startedAt) throw new TypeError('it ends before it starts');
  return snapshot;
}
