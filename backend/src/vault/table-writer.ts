import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { VaultError } from './errors.ts';
import { type DeltaField, fieldsOfTable, keyFields, mergeFields, ownFields } from './delta/columns.ts';
import { type DeltaAction, type MetaDataAction, encodeFields } from './delta/actions.ts';
import { type DeltaLog, type LogState, commitLost } from './delta/delta-log.ts';
import { type ValueEncoder, encoderOf, prefixOf, quoted } from './delta/encode.ts';
import { isInstant } from './delta/instants.ts';
import { RowSpool } from './delta/row-spool.ts';
import { readStatistics, writeParquet } from './delta/write-parquet.ts';
import { keyOf, splitKey } from './keys.ts';
import { instantOfSnapshotId } from './snapshot-id.ts';
import { hashFile } from './hash-file.ts';
import type { TableParts } from './table-query.ts';
import { tableState } from './table-state.ts';
import type { AppendOptions, CommitOptions, Committed, TableWriter } from './table.ts';
import type { Values } from '../base/value.ts';
import type { GoneReason } from './version.ts';

/** Versions in one commit; positions count from 1, so that 0 is "before everything". */
export const commitFactor = 2 ** 24;

export async function openWriter(
  parts: TableParts,
  log: DeltaLog,
  table: string,
  options: AppendOptions,
): Promise<TableWriter> {
  const base = await log.read();
  if (options.after !== undefined && options.after !== (base?.version ?? -1)) {
    throw commitLost(`${table}, version ${options.after + 1}`);
  }
  if (base !== null) refuseStale(base, table, options);
  return new SpoolingWriter(parts, log, table, options, base);
}

/** `rowback_snapshot` never falls within a table: what a stranger's query by snapshot id rests on. */
function refuseStale(base: LogState, table: string, { snapshot, epoch }: AppendOptions): void {
  const { newestSnapshot, epoch: newestEpoch } = tableState(base);
  if ((newestSnapshot === null || newestSnapshot <= snapshot) && newestEpoch <= epoch) return;
  throw new VaultError(
    'stale-writer',
    `${table} already holds rows of snapshot ${newestSnapshot ?? 'none'}, epoch ${newestEpoch}; this run is ${snapshot}, epoch ${epoch}.`,
    { hint: 'A newer backup went past this run. Nothing was written; start a new run.', context: { table } },
  );
}

class SpoolingWriter implements TableWriter {
  readonly #parts: TableParts;
  readonly #log: DeltaLog;
  readonly #table: string;
  readonly #options: AppendOptions;
  readonly #encode: ValueEncoder;
  readonly #key: readonly string[];
  readonly #spool: RowSpool;
  /** The members that are the same in every line. */
  readonly #always: string;
  #base: LogState | null;
  #capturedAt = '';
  #put = 0;
  #gone = 0;

  constructor(
    parts: TableParts,
    log: DeltaLog,
    table: string,
    options: AppendOptions,
    base: LogState | null,
  ) {
    this.#parts = parts;
    this.#log = log;
    this.#table = table;
    this.#options = options;
    this.#base = base;
    this.#encode = encoderOf(options.schema);
    this.#key = keyFields(options.schema);
    const { snapshot, epoch, schemaId } = options;
    this.#always = `,"rowback_snapshot":${quoted(snapshot)},"rowback_epoch":${epoch},"rowback_schema":${quoted(schemaId)}`;
    const id = createHash('sha256').update(`${table} ${options.snapshot}`).digest('hex').slice(0, 16);
    this.#spool = new RowSpool(join(parts.scratch, `rows-${id}-${parts.nextScratchNumber()}.ndjson`));
  }

  get pending(): number {
    return this.#put + this.#gone;
  }

  async put(key: string, values: Values, capturedAt: string): Promise<void> {
    assert(
      keyOf(this.#options.schema, values) === key,
      `the key of a row of ${this.#table} is not its values'`,
    );
    await this.#add('put', null, this.#encode(values), capturedAt);
    this.#put += 1;
  }

  async gone(key: string, why: GoneReason, capturedAt: string): Promise<void> {
    const parts = splitKey(key, this.#key.length);
    assert(parts[0] !== null, `a tombstone of ${this.#table} has no key`);
    const members = this.#key.map((name, i) => prefixOf(name) + JSON.stringify(parts[i] ?? null)).join('');
    await this.#add('gone', why, members, capturedAt);
    this.#gone += 1;
  }

  async commit(options: CommitOptions = {}): Promise<Committed> {
    const metaData = this.#metaData(options);
    if (this.pending === 0 && metaData === null && this.#base !== null) return this.#committed(this.#base, 0);
    try {
      await this.#spool.finish();
      const add = this.pending === 0 ? null : await this.#writeFile();
      const state = await this.#log.commit(this.#base, [
        this.#commitInfo(),
        ...(metaData === null ? [] : [{ metaData }]),
        ...(add === null ? [] : [{ add }]),
      ]);
      this.#base = state;
      const committed = this.#committed(state, add?.size ?? 0);
      await this.#drop();
      return committed;
    } catch (error) {
      // The numbers in the rows belong to a commit that is another's now, or whose outcome nobody knows.
      await this.#drop();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#drop();
  }

  async #add(op: 'put' | 'gone', why: GoneReason | null, members: string, capturedAt: string): Promise<void> {
    // All rows of a page come at one moment.
    if (capturedAt !== this.#capturedAt) assert(isInstant(capturedAt), `${capturedAt} is no instant`);
    this.#capturedAt = capturedAt;
    const position = this.pending + 1;
    assert(position < commitFactor, 'a commit holds fewer than 2^24 versions');
    const seq = this.#nextVersion() * commitFactor + position;
    const head = `{"rowback_op":"${op}","rowback_why":${JSON.stringify(why)},"rowback_seq":${seq}`;
    await this.#spool.add(`${head},"rowback_captured_at":"${capturedAt}"${this.#always}${members}}`);
  }

  #nextVersion(): number {
    return this.#base === null ? 0 : this.#base.version + 1;
  }

  /** Spooled rows to Parquet, under a name made of its content: writing it twice stores it once. */
  async #writeFile(): Promise<NonNullable<DeltaAction['add']>> {
    const local = join(this.#parts.scratch, `part-${this.#parts.nextScratchNumber()}.parquet`);
    const { engine, store, environmentId } = this.#parts;
    const fields = [...ownFields, ...fieldsOfTable(this.#options.schema)];
    try {
      await writeParquet(engine, this.#spool, fields, [...this.#key, 'rowback_seq'], local);
      const stats = await readStatistics(
        engine,
        local,
        fields.filter((field) => this.#hasStatistics(field)),
      );
      assert(stats.numRecords === this.pending, 'the Parquet file has not as many rows as were put');
      const hash = await hashFile(local);
      const path = `part-${String(this.#nextVersion()).padStart(20, '0')}-${this.#options.snapshot}-${hash.slice(0, 32)}.parquet`;
      await store.putIfAbsent(`${environmentId}/tables/${this.#table}/${path}`, { path: local });
      return {
        path: encodeURIComponent(path),
        partitionValues: {},
        size: (await stat(local)).size,
        modificationTime: instantOfSnapshotId(this.#options.snapshot),
        dataChange: true,
        stats: JSON.stringify(stats),
      };
    } finally {
      await rm(local, { force: true });
    }
  }

  /** The first key column is an id; a partition of an elastic table may be a customer's value and has none. */
  #hasStatistics({ name }: DeltaField): boolean {
    return (
      name === this.#key[0] ||
      name === 'versionnumber' ||
      name === 'modifiedon' ||
      name.startsWith('rowback_')
    );
  }

  /** Null when nothing of it moved. */
  #metaData(options: CommitOptions): MetaDataAction | null {
    const before = this.#base?.metaData;
    const fields = mergeFields(
      this.#base?.fields ?? ownFields,
      fieldsOfTable(this.#options.schema),
      this.#table,
    );
    const configuration = this.#configuration(before?.configuration ?? {}, options);
    const schemaString = encodeFields(fields);
    if (before?.schemaString === schemaString && sameRecord(before.configuration, configuration)) return null;
    return {
      id: before?.id ?? stableUuid(`${this.#parts.environmentId}/${this.#table}`),
      format: { provider: 'parquet', options: {} },
      schemaString,
      partitionColumns: [],
      configuration,
      createdTime: before?.createdTime ?? instantOfSnapshotId(this.#options.snapshot),
    };
  }

  #configuration(before: Readonly<Record<string, string>>, options: CommitOptions): Record<string, string> {
    const configuration: Record<string, string> = {
      ...before,
      'rowback.format': '1',
      'rowback.key': this.#key.join(','),
      'rowback.schema': this.#options.schemaId,
      'rowback.epoch': String(this.#options.epoch),
    };
    for (const [name, value] of [
      ['rowback.token', options.token],
      ['rowback.position', options.position],
    ] as const) {
      if (value === null) delete configuration[name];
      else if (value !== undefined) configuration[name] = value;
    }
    return configuration;
  }

  #commitInfo(): DeltaAction {
    return {
      commitInfo: {
        timestamp: instantOfSnapshotId(this.#options.snapshot),
        operation: 'WRITE',
        operationParameters: { mode: 'Append' },
        isBlindAppend: true,
        engineInfo: 'rowback',
        rowbackSnapshot: this.#options.snapshot,
      },
    };
  }

  #committed(state: LogState, bytes: number): Committed {
    const { version, throughSeq } = tableState(state);
    return { version, throughSeq, put: this.#put, gone: this.#gone, bytes };
  }

  async #drop(): Promise<void> {
    this.#put = 0;
    this.#gone = 0;
    await this.#spool.clear();
  }
}

function sameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

/** A table's Delta id must be a UUID and never change; made from its place, it needs no randomness. */
function stableUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
