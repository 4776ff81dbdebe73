import type { Settings } from '../../src/jobs/settings.ts';

/**
 * Who reads the same pages: our backup; a reader that throws them away; a plain exporter (`JSON.parse` of a page,
 * `JSON.stringify` of each row, gzip at level 6, blobs of 64 MB of text).
 */
export type SideName = 'rowback' | 'discard' | 'exporter';

/** One side's work in a process of its own, as its one argument says it. */
export interface SideJob {
  readonly side: SideName;
  /** Of the pretend environment and of storage; each job has a container of its own. */
  readonly settings: Settings;
  /** An administrator's token, for those who sign in to nothing. */
  readonly token: string;
  readonly tables: readonly BenchTable[];
  /** Tables that are read at once. */
  readonly atOnce: number;
}

export interface BenchTable {
  readonly name: string;
  readonly entitySet: string;
  readonly rows: number;
  /** Property names of all columns that a backup reads. */
  readonly properties: readonly string[];
}

export interface SideResult {
  readonly rows: number;
  readonly seconds: number;
  /** Processor time of the process, all its threads included. */
  readonly cpuSeconds: number;
  readonly requests: number;
  /** Written to storage. */
  readonly bytes: number;
}

export const pageSize = 5000;
