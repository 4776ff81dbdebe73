import { z } from 'zod';
import type { ControlStore } from '../vault/index.ts';

const canary = z.object({ table: z.string(), id: z.string(), version: z.string().regex(/^\d+$/) });

/**
 * What one run leaves for the next in the control container. Losing it costs a look into the vault and a snapshot that
 * names all tables, never a row.
 */
const runMark = z.object({
  format: z.literal(1),
  organizationId: z.string(),
  epoch: z.int(),
  /** Id that the last run captured under, whether or not it came to a snapshot. */
  lastRun: z.string().nullable(),
  /** Rows captured lately with their row versions: a rewound environment has lower ones. */
  canaries: z.array(canary),
  /** The heartbeat row's snapshot id as last written, and before that. */
  heartbeats: z.array(z.string()),
  /** Instants of runs since the last snapshot in which nothing moved. */
  checkedAt: z.array(z.string()),
  /** Snapshots since the last one that named all tables. */
  sinceAllTables: z.int(),
  /** By the table's folder: when all its rows were last compared with the vault. */
  sweptAt: z.record(z.string(), z.string()).optional(),
});
export type RunMark = z.infer<typeof runMark>;
export type Canary = z.infer<typeof canary>;

export async function readRunMark(control: ControlStore, environmentId: string): Promise<RunMark | null> {
  const document = await control.readMark(nameOf(environmentId));
  const parsed = runMark.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** Instants of the runs since the newest snapshot in which nothing moved. */
export async function quietRunsSince(
  control: ControlStore,
  environmentId: string,
): Promise<readonly string[]> {
  return (await readRunMark(control, environmentId))?.checkedAt ?? [];
}

export async function writeRunMark(
  control: ControlStore,
  environmentId: string,
  mark: RunMark,
): Promise<void> {
  await control.writeMark(nameOf(environmentId), mark);
}

function nameOf(environmentId: string): string {
  return `${environmentId}/last-backup`;
}
