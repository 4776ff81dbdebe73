import pLimit from 'p-limit';
import {
  DataverseError,
  type DataverseClient,
  type Environment,
  type SecurityModel,
  type TableMetadata,
} from '../../dataverse/index.ts';
import type { Schemas } from '../../vault/index.ts';
import {
  parseMetadataDocument,
  type EnvironmentFacts,
  type MetadataDocument,
  type OtherTable,
} from './document.ts';

/** Documents written at the same time. */
const writesAtOnce = 4;
/** Roles and profiles are rows, which the metadata's version does not count. */
const securityIsReadEveryMs = 86_400_000;

/** Where documents are kept, each under the hash of its content. */
export type Documents = Pick<Schemas, 'readDocument' | 'putDocument'>;

export interface CaptureOf {
  readonly environment: Environment;
  /** Tables that are backed up. */
  readonly tables: readonly string[];
  /** Document of the snapshot before; null: there is none. */
  readonly before: string | null;
  /** The service's instant. */
  readonly at: string;
}

/**
 * Stores the environment's metadata and gives the document's id. Where the service's stamp and the tables are those of
 * the document before, that takes one small request.
 */
export async function captureMetadata(
  client: DataverseClient,
  schemas: Documents,
  of: CaptureOf,
): Promise<string> {
  const before = of.before === null ? null : parseMetadataDocument(await schemas.readDocument(of.before));
  // Before anything else: what moves while we read is then read again by the next run.
  const version = await client.metadataVersion();
  const definitions =
    before !== null && before.version === version && sameTables(before, of.tables)
      ? before
      : await captureDefinitions(client, schemas, of.tables);
  const { tables, others, choices } = definitions;
  const document: MetadataDocument = {
    format: 1,
    version,
    environment: await schemas.putDocument(factsOf(of.environment)),
    tables,
    others,
    choices,
    ...(await captureSecurity(client, schemas, before, of.at)),
  };
  return schemas.putDocument(document);
}

type Definitions = Pick<MetadataDocument, 'tables' | 'others' | 'choices'>;

async function captureDefinitions(
  client: DataverseClient,
  schemas: Documents,
  names: readonly string[],
): Promise<Definitions> {
  const all = await client.readTables();
  const wanted = new Set(names);
  // A table that was deleted while the run read it is in neither list.
  const backedUp = all.filter((table) => wanted.has(table.name)).map((table) => table.name);
  const details = await client.readTableDetails(backedUp);
  const limit = pLimit(writesAtOnce);
  const entries = await Promise.all(
    details.map((table) => limit(async () => [table.name, await schemas.putDocument(table)] as const)),
  );
  const others = await readOthers(
    client,
    all.filter((table) => !wanted.has(table.name)),
  );
  return {
    tables: Object.fromEntries(entries),
    others: await schemas.putDocument(others),
    choices: await schemas.putDocument(await client.readGlobalChoices()),
  };
}

async function readOthers(
  client: DataverseClient,
  tables: readonly TableMetadata[],
): Promise<readonly OtherTable[]> {
  const columns = await client.readColumns(tables.map((table) => table.name));
  return tables.map((table) => ({ ...table, columns: columns.get(table.name) ?? [] }));
}

/** What is ours and not the environment's stays out: who we are signed in as, and what the service advises us. */
function factsOf(environment: Environment): EnvironmentFacts {
  const { parallelism: _, userId: _user, businessUnitId: _unit, ...facts } = environment;
  return facts;
}

async function captureSecurity(
  client: DataverseClient,
  schemas: Documents,
  before: MetadataDocument | null,
  at: string,
): Promise<Pick<MetadataDocument, 'security' | 'securityReadAt'>> {
  const isFresh =
    before !== null && Date.parse(at) - Date.parse(before.securityReadAt) < securityIsReadEveryMs;
  if (isFresh) return { security: before.security, securityReadAt: before.securityReadAt };
  const model = await readSecurity(client);
  return { security: model === null ? null : await schemas.putDocument(model), securityReadAt: at };
}

async function readSecurity(client: DataverseClient): Promise<SecurityModel | null> {
  try {
    return await client.readSecurityModel();
  } catch (error) {
    // Without the right to see roles the backup of rows is as good; the report says that they are not captured.
    if (error instanceof DataverseError && error.kind === 'forbidden') return null;
    throw error;
  }
}

function sameTables(before: MetadataDocument, names: readonly string[]): boolean {
  const kept = Object.keys(before.tables);
  return kept.length === names.length && names.every((name) => before.tables[name] !== undefined);
}
