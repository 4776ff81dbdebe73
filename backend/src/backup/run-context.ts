import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { DataverseClient } from '../dataverse/index.ts';
import type { Alert, ControlStore, Vault } from '../vault/index.ts';

/** What a run works with. */
export interface BackupPorts {
  readonly client: DataverseClient;
  readonly vault: Vault;
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly random: Random;
}

export interface BackupProgress {
  readonly tablesDone: number;
  readonly tablesTotal: number;
  /** Rows read from the service. */
  readonly rows: number;
  /** Written to the vault. */
  readonly bytes: number;
  /** Pages, row reads and downloads; not those of metadata. */
  readonly requests: number;
}

/** One run, as its parts see it. */
export interface RunContext extends BackupPorts {
  readonly snapshot: string;
  readonly epoch: number;
  /** A part of a first read is committed when this many rows are waiting: what a kill can cost. */
  readonly rowsPerPart: number;
  readonly signal: AbortSignal;
  readonly meter: Meter;
  /** Is told of each alert at the moment it arises; the snapshot keeps them all. */
  readonly onAlert: (alert: Alert) => void;
}

/** Adds up what a run does and tells whoever watches. */
export interface Meter {
  add(what: Partial<BackupProgress>): void;
  readonly total: () => BackupProgress;
}

export function openMeter(tablesTotal: number, onProgress: (progress: BackupProgress) => void): Meter {
  let total: BackupProgress = { tablesDone: 0, tablesTotal, rows: 0, bytes: 0, requests: 0 };
  return {
    add(what) {
      total = {
        tablesDone: total.tablesDone + (what.tablesDone ?? 0),
        tablesTotal: total.tablesTotal,
        rows: total.rows + (what.rows ?? 0),
        bytes: total.bytes + (what.bytes ?? 0),
        requests: total.requests + (what.requests ?? 0),
      };
      onProgress(total);
    },
    total: () => total,
  };
}
