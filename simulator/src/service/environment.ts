import type { SchemaDefinition, TableDefinition } from '../model/definitions.ts';
import { guidFromText, type IdSource } from '../model/guid.ts';
import { Schema } from '../model/schema.ts';
import type { Seed, SeedRole, SeedRow, SeedUser, StoredValue } from '../model/seed.ts';
import { SecurityModel } from '../security/rights.ts';
import { Database } from '../store/database.ts';
import { referenceId } from '../store/values.ts';
import { AutoNumbers } from './auto-number.ts';
import { BackgroundOperations } from './background-operations.ts';
import { Hooks } from './hooks/hook.ts';
import { Jobs } from './jobs.ts';
import type { Checkpoint } from './checkpoints.ts';
import type { PageCut } from './page-cut.ts';
import { RecycleBin } from './recycle-bin/recycle-bin.ts';
import { Retention } from './retention/retention.ts';
import { entityRows } from './entity-rows.ts';
import { expireRows } from './elastic/expire-rows.ts';
import type { RowProvider } from './virtual-tables.ts';
import { SchemaHistory } from './schema/schema-history.ts';
import { RowCounts } from './row-counts.ts';
import { switchesWith, type Switches } from './switches.ts';
import { UploadSessions } from './upload-sessions.ts';

/** Who the environment says it is, and the one application that may sign in with a secret. */
export interface Identity {
  readonly organizationId: string;
  readonly environmentId: string;
  readonly tenantId: string;
  readonly friendlyName: string;
  readonly uniqueName: string;
  readonly urlName: string;
  readonly version: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Rows of a table that are made from a seed when they are asked for, instead of being stored. */
export interface GeneratedContent {
  readonly table: string;
  readonly rows: number;
  readonly seed: number;
}

/** What a solution package brings: the whole new schema, and what comes with it. Throws on a package that is none. */
export type SolutionImporter = (
  zip: Uint8Array,
  schema: SchemaDefinition,
) => {
  readonly schema: SchemaDefinition;
  /** Tables that are new or changed. */
  readonly changedTables: readonly string[];
  readonly roles: readonly SeedRole[];
  readonly rows: readonly SeedRow[];
};

export interface EnvironmentOptions {
  readonly schema: SchemaDefinition;
  readonly seed: Seed;
  readonly now: () => number;
  readonly newId: IdSource;
  readonly identity: Partial<Identity> & Pick<Identity, 'clientSecret'>;
  /** What to do where the sources conflict or are silent; the rest as it is by default. */
  readonly switches?: Partial<Switches>;
  /** Without it the environment takes no solutions. */
  readonly importSolution?: SolutionImporter;
  /** Tables of the schema, without rows in the seed, that are filled with generated ones. */
  readonly generated?: readonly GeneratedContent[];
  /** Where the rows of virtual tables come from, by table. */
  readonly providers?: ReadonlyMap<string, RowProvider>;
}

const DEFAULT_IDENTITY: Omit<Identity, 'clientSecret'> = {
  organizationId: guidFromText('organization'),
  environmentId: guidFromText('environment'),
  tenantId: guidFromText('tenant'),
  friendlyName: 'Simulated Environment',
  uniqueName: 'unqsimulated0000000000000000000',
  urlName: 'simulated',
  version: '9.2.24052.196',
  clientId: guidFromText('application'),
};

/** The pretend environment: schema, rows, rights, and the sources of time and ids that everything below uses. */
export class Environment {
  identity: Identity;
  readonly database: Database;
  readonly security: SecurityModel;
  readonly uploads: UploadSessions;
  readonly rowCounts: RowCounts;
  readonly autoNumbers = new AutoNumbers();
  readonly backgroundOperations = new BackgroundOperations();
  readonly jobs = new Jobs();
  /** Custom logic of the organization: plug-ins and flows. */
  readonly hooks = new Hooks();
  /** Requests from the wire, refused ones too; the parts of a batch do not count. */
  readonly statistics = { requests: 0 };
  readonly now: () => number;
  /** How far {@link advance} has moved the environment ahead of the clock it was given. */
  aheadMs = 0;
  readonly newId: IdSource;
  switches: Switches;
  /** What happens to the pages of the request whose turn it is; undefined: nothing. */
  pageCut: PageCut | undefined;
  readonly importSolution: SolutionImporter | undefined;
  /** `globalmetadataversion`: moves with every change of the schema. */
  metadataVersion: number;
  /** Row version at which a table's definition last changed. */
  readonly definitionChangedAt = new Map<string, number>();
  /** Moments that the environment can be put back to, by id. */
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly recycleBin = new RecycleBin();
  readonly retention = new Retention();
  readonly providers: ReadonlyMap<string, RowProvider>;
  /** Called after every turn, for who watches what is really there; nothing of a turn is seen before it has ended. */
  readonly watchers = new Set<() => void>();
  /** The schemas there were before. */
  readonly schemaHistory = new SchemaHistory();
  readonly baseCurrencyId: string;
  readonly rootBusinessUnitId: string;
  readonly adminUserId: string;
  #schema: Schema;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EnvironmentOptions) {
    const { seed } = options;
    const service = serviceUser(seed);
    this.identity = {
      ...DEFAULT_IDENTITY,
      organizationId: seedFirst(seed, 'organization') ?? DEFAULT_IDENTITY.organizationId,
      clientId: service?.applicationid ?? DEFAULT_IDENTITY.clientId,
      ...options.identity,
    };
    this.importSolution = options.importSolution;
    this.providers = new Map([['entity', entityRows], ...(options.providers ?? [])]);
    this.now = () => options.now() + this.aheadMs;
    this.newId = options.newId;
    this.switches = switchesWith(options.switches);
    this.#schema = Schema.of(options.schema);
    this.database = new Database(() => this.#schema, this.now, 1_000_000);
    this.security = new SecurityModel(this.database);
    this.uploads = new UploadSessions(options.newId);
    this.rowCounts = new RowCounts(this.now);
    this.metadataVersion = 5_000_000;
    this.rootBusinessUnitId = seedRoot(seed) ?? guidFromText('businessunit');
    this.baseCurrencyId = baseCurrency(seed) ?? guidFromText('transactioncurrency');
    this.adminUserId = service?.systemuserid ?? guidFromText('systemuser');
  }

  get schema(): Schema {
    return this.#schema;
  }

  /**
   * The schema that metadata requests are shown: definitions may be cached for some seconds after a change, unless
   * the request insists on the newest (`Consistency: Strong`).
   */
  schemaSeen(strong: boolean): Schema {
    const cachedMs = this.switches.metadataCacheSeconds * 1000;
    if (strong || cachedMs === 0) return this.#schema;
    return this.schemaHistory.before(this.now() - cachedMs) ?? this.#schema;
  }

  /** Puts another schema in place; the tables named count as changed. */
  replaceSchema(definition: SchemaDefinition, changedTables: Iterable<string>): void {
    this.schemaHistory.add(this.#schema, this.metadataVersion, this.now());
    this.#schema = Schema.of(definition);
    this.metadataVersion = Math.max(this.metadataVersion, this.database.version) + 1;
    for (const table of changedTables) this.definitionChangedAt.set(table, this.database.version);
  }

  /** Goes back to a schema of before, with the version it had. */
  reinstateSchema(schema: Schema, metadataVersion: number): void {
    this.#schema = schema;
    this.metadataVersion = metadataVersion;
    this.security.refresh();
  }

  /**
   * Runs requests one at a time: a change set spans several steps and nothing may come between. Jobs that are due
   * run first.
   */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const due = async (): Promise<T> => {
      this.jobs.runDue(this.now());
      expireRows(this);
      this.recycleBin.expire(this);
      return work();
    };
    const turn = this.#turn.then(due, due).finally(() => {
      for (const watch of this.watchers) watch();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Lets time pass: what is due by then is done before the next request. */
  advance(ms: number): void {
    this.aheadMs += ms;
  }

  /** Does something later, unless the running transaction is undone. */
  schedule(delayMs: number, run: () => void): void {
    this.database.whenUndone(this.jobs.add(this.now() + delayMs, run));
  }

  /** The current time as the service prints it: UTC, whole seconds. */
  timestamp(): string {
    return instant(this.now());
  }

  setting(column: string): StoredValue {
    return this.database.get('organization', this.identity.organizationId)?.values[column] ?? null;
  }
}

export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The application with full rights that the seed brings along, if it does. */
export function serviceUser(seed: Seed): SeedUser | undefined {
  return seed.users.find(
    (user) => user.applicationid !== undefined && user.roles.includes('System Administrator'),
  );
}

function seedRoot(seed: Seed): string | undefined {
  return seed.rows.find(
    (row) => row.table === 'businessunit' && (row.values['parentbusinessunitid'] ?? null) === null,
  )?.id;
}

function baseCurrency(seed: Seed): string | undefined {
  const base = seed.rows.find((row) => row.table === 'organization')?.values['basecurrencyid'];
  return referenceId(base) ?? seedFirst(seed, 'transactioncurrency');
}

function seedFirst(seed: Seed, table: string): string | undefined {
  return seed.rows.find((row) => row.table === table)?.id;
}

/** Drops what the table has no column for, so that built-in rows fit every schema. */
export function onlyColumns(
  table: TableDefinition,
  values: Readonly<Record<string, StoredValue>>,
): Record<string, StoredValue> {
  const known: Record<string, StoredValue> = {};
  for (const [name, value] of Object.entries(values))
    if (value !== null && table.columns.has(name)) known[name] = value;
  return known;
}
