import { z } from 'zod';
import type {
  ColumnMetadata,
  Environment,
  GlobalChoice,
  SecurityModel,
  TableDetails,
  TableMetadata,
} from '../../dataverse/index.ts';
import type { Schemas } from '../../vault/index.ts';

/**
 * The environment's metadata as captured: one small document that names the others by their sha256, so that what did
 * not change costs nothing. The environment schema of a snapshot names it (`docs/vault.md`, "Metadata").
 */
const shape = z.object({
  format: z.literal(1),
  /** The service's own stamp: unchanged, nothing is read again. */
  version: z.string(),
  /** Facts of the environment itself. */
  environment: z.string(),
  /** By logical name, the tables that are backed up: all that the service says of each. */
  tables: z.record(z.string(), z.string()),
  /** All other tables with their columns. */
  others: z.string(),
  /** Choices that columns share. */
  choices: z.string(),
  /** Names of roles and what column security profiles allow; null: we may not read them. */
  security: z.string().nullable(),
  securityReadAt: z.string(),
});
export type MetadataDocument = z.infer<typeof shape>;

/** A table that is not backed up. */
export interface OtherTable extends TableMetadata {
  readonly columns: readonly ColumnMetadata[];
}

export type EnvironmentFacts = Omit<Environment, 'parallelism' | 'userId' | 'businessUnitId'>;

/** All of it, read back. */
export interface Metadata {
  readonly environment: EnvironmentFacts;
  readonly tables: ReadonlyMap<string, TableDetails>;
  readonly others: ReadonlyMap<string, OtherTable>;
  readonly choices: readonly GlobalChoice[];
  readonly security: SecurityModel | null;
}

/** Throws zod's error. */
export function parseMetadataDocument(document: unknown): MetadataDocument {
  return shape.parse(document);
}

/** Throws `blob-missing` or `blob-damaged`. */
export async function readMetadata(schemas: Schemas, id: string): Promise<Metadata> {
  const document = parseMetadataDocument(await schemas.readDocument(id));
  const tables = new Map<string, TableDetails>();
  for (const [name, table] of Object.entries(document.tables)) {
    tables.set(name, await read<TableDetails>(schemas, table));
  }
  const others = await read<OtherTable[]>(schemas, document.others);
  return {
    environment: await read<EnvironmentFacts>(schemas, document.environment),
    tables,
    others: new Map(others.map((table) => [table.name, table])),
    choices: await read<GlobalChoice[]>(schemas, document.choices),
    security: document.security === null ? null : await read<SecurityModel>(schemas, document.security),
  };
}

/** The name is the hash of the content, which `readDocument` has compared: it is what we wrote. */
async function read<T>(schemas: Schemas, id: string): Promise<T> {
  return (await schemas.readDocument(id)) as T;
}
