import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { DataverseClient, TableDetails } from '../dataverse/index.ts';
import type { ControlStore, Vault } from '../vault/index.ts';
import type { Requester } from './plan.ts';

/** What planning and running a restore work with. */
export interface RestoreContext {
  readonly environmentId: string;
  /** Signed in as the service. */
  readonly client: DataverseClient;
  readonly vault: Vault;
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** Which columns of the selected record the requester may not see, and which secured ones they may write. */
export interface ColumnSecurity {
  readonly hidden: ReadonlySet<string>;
  /** Null: all. */
  readonly writableSecured: ReadonlySet<string> | null;
}

/** In whose name a restore is planned, and what they may see and write. */
export interface Rights {
  readonly requester: Requester;
  /** Of the selected record. */
  readonly security: ColumnSecurity;
  /** Of a row of another table that goes along, as captured with this schema. */
  readonly securityOf: (details: TableDetails, schemaId: string) => Promise<ColumnSecurity>;
}

export const noColumnSecurity: ColumnSecurity = { hidden: new Set(), writableSecured: null };
