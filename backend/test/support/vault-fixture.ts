import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BlobStore,
  type ColumnSchema,
  type ColumnType,
  type ParquetEngine,
  type TableSchema,
  type Vault,
  openMemoryBlobStore,
  openParquetEngine,
  openVault,
} from '../../src/vault/index.ts';

export interface VaultFixture {
  readonly engine: ParquetEngine;
  readonly scratch: string;
  readonly store: BlobStore;
  readonly vault: Vault;
  /** Another vault object over the same or another store, as another process would have it. */
  reopen(store?: BlobStore): Promise<Vault>;
  close(): Promise<void>;
}

export async function openVaultFixture(store: BlobStore = openMemoryBlobStore()): Promise<VaultFixture> {
  const scratch = await mkdtemp(join(tmpdir(), 'rowback-vault-'));
  const engine = await openParquetEngine({ scratch: join(scratch, 'duckdb') });
  const reopen = (other: BlobStore = store): Promise<Vault> =>
    openVault({ store: other, environmentId: 'env-1', engine, scratch });
  return {
    engine,
    scratch,
    store,
    vault: await reopen(),
    reopen,
    async close() {
      engine.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

export function columnOf(name: string, type: ColumnType, more: Partial<ColumnSchema> = {}): ColumnSchema {
  return { name, id: `id-of-${name}`, type, deltaName: name, label: name, ...more };
}

/** A table with these columns beside its guid key `thingid`. */
export function schemaOf(columns: readonly ColumnSchema[], more: Partial<TableSchema> = {}): TableSchema {
  const all = [columnOf('thingid', 'guid'), ...columns];
  return {
    format: 1,
    table: 'thing',
    tableId: 'id-of-thing',
    label: 'Thing',
    kind: 'standard',
    key: ['thingid'],
    primaryId: 'thingid',
    primaryName: null,
    columns: all.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...more,
  };
}

/** The nth row's id. */
export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Snapshot ids that follow each other. */
export function snapshotIdOf(n: number): string {
  return `20261123T14${String(Math.floor(n / 60)).padStart(2, '0')}${String(n % 60).padStart(2, '0')}Z-000a`;
}

export const capturedAt = '2026-11-23T14:00:00Z';

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
