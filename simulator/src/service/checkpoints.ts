import type { Role } from '../security/rights.ts';
import type { Schema } from '../model/schema.ts';
import type { StoredValue } from '../model/seed.ts';
import type { DatabaseSnapshot } from '../store/database.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import type { Environment } from './environment.ts';
import type { Hook } from './hooks/hook.ts';
import type { Job } from './jobs.ts';
import type { BinnedGroup } from './recycle-bin/recycle-bin.ts';
import type { SchemaHistory } from './schema/schema-history.ts';

/**
 * The whole environment at a moment: rows, files, versions, definitions, rights, custom logic, bin, retained rows,
 * counters, and the work that waits.
 */
export interface Checkpoint {
  readonly id: string;
  readonly takenAt: string;
  readonly database: DatabaseSnapshot;
  readonly schema: Schema;
  readonly metadataVersion: number;
  readonly definitionChangedAt: ReadonlyMap<string, number>;
  readonly schemaHistory: SchemaHistory;
  readonly roles: readonly Role[];
  readonly hooks: readonly Hook[];
  readonly jobs: readonly Job[];
  readonly bin: readonly BinnedGroup[];
  readonly retained: ReadonlyMap<string, readonly Row[]>;
  readonly numbers: ReadonlyMap<string, number>;
}

export function takeCheckpoint(environment: Environment): Checkpoint {
  const checkpoint: Checkpoint = {
    id: environment.newId(),
    takenAt: environment.timestamp(),
    database: environment.database.snapshot(),
    schema: environment.schema,
    metadataVersion: environment.metadataVersion,
    definitionChangedAt: new Map(environment.definitionChangedAt),
    schemaHistory: environment.schemaHistory.snapshot(),
    roles: environment.security.snapshot(),
    hooks: environment.hooks.list().map(({ hook }) => hook),
    jobs: environment.jobs.snapshot(),
    bin: environment.recycleBin.groups,
    retained: environment.retention.snapshot(),
    numbers: environment.autoNumbers.snapshot(),
  };
  environment.checkpoints.set(checkpoint.id, checkpoint);
  return checkpoint;
}

/**
 * Puts the environment back to the moment, as the platform's own restore and copy do: row versions and tokens go
 * back as well, and a token from the future that is lost is answered without an error. What waited then waits
 * again; files on their way up or down have to begin anew. New ids make it another organization or another
 * environment.
 */
export function returnTo(
  environment: Environment,
  checkpoint: Checkpoint,
  ids: { readonly newOrganization: boolean; readonly newEnvironment: boolean },
): void {
  const organizationBefore = environment.identity.organizationId;
  environment.database.reset(checkpoint.database);
  environment.reinstateSchema(checkpoint.schema, checkpoint.metadataVersion);
  environment.definitionChangedAt.clear();
  for (const [table, version] of checkpoint.definitionChangedAt)
    environment.definitionChangedAt.set(table, version);
  environment.schemaHistory.reset(checkpoint.schemaHistory);
  environment.security.reset(checkpoint.roles);
  environment.hooks.reset(checkpoint.hooks);
  environment.jobs.reset(checkpoint.jobs);
  environment.uploads.endAll();
  environment.recycleBin.reset(checkpoint.bin);
  environment.retention.reset(checkpoint.retained);
  environment.autoNumbers.reset(checkpoint.numbers);
  const held = organizationIn(environment) ?? organizationBefore;
  const organizationId = ids.newOrganization ? environment.newId() : organizationBefore;
  environment.identity = {
    ...environment.identity,
    organizationId,
    ...(ids.newEnvironment ? { environmentId: environment.newId() } : {}),
  };
  if (held !== organizationId) renameOrganization(environment, held, organizationId);
}

/** The id that the organization had when the checkpoint was taken. */
function organizationIn(environment: Environment): string | undefined {
  for (const row of environment.database.store('organization').values()) return row.id;
  return undefined;
}

/** The organization's row gets the other id, and whatever names it. No row gets a new version by that. */
function renameOrganization(environment: Environment, before: string, after: string): void {
  const { database, schema } = environment;
  const own = database.get('organization', before);
  if (own !== undefined) {
    database.forget('organization', before);
    database.reinstate('organization', {
      ...own,
      id: after,
      values: { ...own.values, organizationid: after },
    });
  }
  for (const table of schema.tables) {
    if (table.logicalName === 'organization' || !table.columns.has('organizationid')) continue;
    for (const row of [...database.store(table.logicalName).values()]) {
      const value = renamed(row.values['organizationid'], before, after);
      if (value !== undefined)
        database.putQuietly(table.logicalName, row.id, { ...row.values, organizationid: value });
    }
  }
}

function renamed(value: StoredValue | undefined, before: string, after: string): StoredValue | undefined {
  if (value === before) return after;
  return isReference(value) && value.id === before ? { table: value.table, id: after } : undefined;
}
