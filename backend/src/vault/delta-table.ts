import { VaultError } from './errors.ts';
import { fieldsOf } from './delta/columns.ts';
import { type DataFile, DeltaLog, type LogState, keyColumns } from './delta/delta-log.ts';
import { quoteName, quoteText } from './delta/parquet-engine.ts';
import { keyCondition, splitKey } from './keys.ts';
import {
  type QueryContext,
  type TableParts,
  headSequences,
  queryTable,
  readVersions,
} from './table-query.ts';
import { tableState } from './table-state.ts';
import { openWriter } from './table-writer.ts';
import type {
  AppendOptions,
  FoundRow,
  PutVersion,
  TableState,
  TableWriter,
  VaultTable,
  VersionMark,
} from './table.ts';
import type { RowVersion } from './version.ts';

/** Keys in one query: its text stays small, and so does what DuckDB holds. */
const keysAtOnce = 2000;
/** Of marks, which are small: each query looks through all keys of the table, so few queries cost less. */
const marksAtOnce = 20_000;

/** A table of the vault on its Delta log and DuckDB. */
export class DeltaTable implements VaultTable {
  readonly name: string;
  readonly log: DeltaLog;
  readonly parts: TableParts;

  constructor(parts: TableParts, name: string) {
    this.name = name;
    this.parts = parts;
    this.log = new DeltaLog(parts.store, `${parts.environmentId}/tables/${name}/`);
  }

  async state(): Promise<TableState | null> {
    const state = await this.log.read();
    return state === null ? null : tableState(state);
  }

  append(options: AppendOptions): Promise<TableWriter> {
    return openWriter(this.parts, this.log, this.name, options);
  }

  async history(key: string, options: { readonly throughSeq?: number } = {}): Promise<RowVersion[]> {
    const throughSeq = options.throughSeq ?? Number.MAX_SAFE_INTEGER;
    return this.#versions(
      (file, state) => file.minSeq <= throughSeq && mayHold(file, state, key),
      ({ columns, versions, keyNames }) =>
        `SELECT ${columns} FROM ${versions} WHERE rowback_seq <= ${throughSeq}
         AND ${keyCondition(keyNames, [key])} ORDER BY rowback_seq`,
    );
  }

  async at(key: string, throughSeq: number): Promise<RowVersion | null> {
    return (await this.headsOf([key], throughSeq)).get(key) ?? null;
  }

  async headsOf(keys: Iterable<string>, throughSeq: number): Promise<Map<string, RowVersion>> {
    const wanted = [...new Set(keys)];
    const heads = new Map<string, RowVersion>();
    for (let from = 0; from < wanted.length; from += keysAtOnce) {
      const some = wanted.slice(from, from + keysAtOnce);
      const versions = await this.#versions(
        (file, state) => file.minSeq <= throughSeq && some.some((key) => mayHold(file, state, key)),
        (context) => {
          const condition = keyCondition(context.keyNames, some);
          return `SELECT ${context.columns} FROM ${context.versions}
            WHERE ${condition} AND rowback_seq IN (${headSequences(context, throughSeq, condition)})`;
        },
      );
      for (const version of versions) heads.set(version.key, version);
    }
    return heads;
  }

  async marksOf(keys: Iterable<string>, throughSeq: number): Promise<Map<string, VersionMark>> {
    const wanted = [...new Set(keys)];
    const marks = new Map<string, VersionMark>();
    for (let from = 0; from < wanted.length; from += marksAtOnce) {
      const some = wanted.slice(from, from + marksAtOnce);
      for await (const [key, ...cells] of this.#query(
        (file, state) => file.minSeq <= throughSeq && some.some((one) => mayHold(file, state, one)),
        (context) => marksSql(context, some, throughSeq),
      )) {
        marks.set(String(key), markOf(cells));
      }
    }
    return marks;
  }

  async *scan(throughSeq: number): AsyncIterable<PutVersion> {
    const state = await this.log.read();
    if (state === null) return;
    const rows = queryTable(
      this.parts,
      state,
      (file) => file.minSeq <= throughSeq,
      (context) => headsSql(context, throughSeq),
    );
    for await (const { version } of readVersions(this.parts, state, rows)) {
      if (version.op === 'put') yield version;
    }
  }

  async *keysAt(throughSeq: number): AsyncIterable<string> {
    for await (const [key] of this.#query(
      (file) => file.minSeq <= throughSeq,
      (context) => liveKeysSql(context, throughSeq),
    )) {
      yield String(key);
    }
  }

  async countRows(throughSeq: number): Promise<number> {
    for await (const [count] of this.#query(
      (file) => file.minSeq <= throughSeq,
      (context) => `SELECT count(*) FROM (${liveKeysSql(context, throughSeq)})`,
    )) {
      return Number(count);
    }
    return 0;
  }

  async *changedKeys(fromSeq: number, throughSeq: number): AsyncIterable<string> {
    for await (const [key] of this.#query(
      (file) => file.maxSeq > fromSeq && file.minSeq <= throughSeq,
      ({ key, versions }) => `SELECT DISTINCT ${key} FROM ${versions}
        WHERE rowback_seq > ${fromSeq} AND rowback_seq <= ${throughSeq}`,
    )) {
      yield String(key);
    }
  }

  async find(
    column: string,
    value: string,
    throughSeq: number,
    options: { readonly includeGone?: boolean } = {},
  ): Promise<FoundRow[]> {
    const conditions = await this.#conditionsOn(column, value, throughSeq);
    if (conditions.length === 0) return [];
    const choose = (file: DataFile): boolean => file.minSeq <= throughSeq;
    const puts = await this.#versions(choose, (context) => {
      // Without `gone` in the judgement the newest put of a deleted row is its head.
      const heads = headSequences(context, throughSeq, options.includeGone ? `rowback_op = 'put'` : 'true');
      return `SELECT ${context.columns} FROM ${context.versions}
        WHERE rowback_op = 'put' AND (${conditions.join(' OR ')}) AND rowback_seq IN (${heads}) ORDER BY 1`;
    });
    const found = puts.filter((version): version is PutVersion => version.op === 'put');
    if (options.includeGone !== true) return found.map((version) => ({ version, gone: null }));
    const heads = await this.headsOf(
      found.map(({ key }) => key),
      throughSeq,
    );
    return found.map((version) => {
      const head = heads.get(version.key);
      return { version, gone: head?.op === 'gone' ? head : null };
    });
  }

  /** One condition for each Delta column that bore the logical name, tied to the schemas in which it did. */
  async #conditionsOn(column: string, value: string, throughSeq: number): Promise<string[]> {
    const ids: string[] = [];
    for await (const [id] of this.#query(
      (file) => file.minSeq <= throughSeq,
      ({ versions }) => `SELECT DISTINCT rowback_schema FROM ${versions}`,
    )) {
      ids.push(String(id));
    }
    const schemasByDelta = new Map<string, string[]>();
    for (const id of ids) {
      const schema = await this.parts.schemas.read(id);
      const found = schema.columns.find((candidate) => candidate.name === column);
      if (found === undefined || fieldsOf(found)[0]?.type !== 'string') continue;
      schemasByDelta.set(found.deltaName, [...(schemasByDelta.get(found.deltaName) ?? []), id]);
    }
    if (ids.length > 0 && schemasByDelta.size === 0) throw unknownColumn(this.name, column);
    return [...schemasByDelta].map(
      ([delta, schemaIds]) =>
        `(${quoteName(delta)} = ${quoteText(value)} AND rowback_schema IN (${schemaIds.map(quoteText).join(', ')}))`,
    );
  }

  async *#query(
    choose: (file: DataFile, state: LogState) => boolean,
    sqlOf: (context: QueryContext) => string,
  ): AsyncIterable<readonly unknown[]> {
    const state = await this.log.read();
    if (state !== null) yield* queryTable(this.parts, state, (file) => choose(file, state), sqlOf);
  }

  async #versions(
    choose: (file: DataFile, state: LogState) => boolean,
    sqlOf: (context: QueryContext) => string,
  ): Promise<RowVersion[]> {
    const state = await this.log.read();
    if (state === null) return [];
    const rows = queryTable(this.parts, state, (file) => choose(file, state), sqlOf);
    const versions: RowVersion[] = [];
    for await (const { version } of readVersions(this.parts, state, rows)) versions.push(version);
    return versions;
  }
}

/** Rows by then: the newest version of each key, unless that is a tombstone. */
export function headsSql(context: QueryContext, throughSeq: number): string {
  return `SELECT ${context.columns} FROM ${context.versions}
    WHERE rowback_op = 'put' AND rowback_seq IN (${headSequences(context, throughSeq)})`;
}

function liveKeysSql(context: QueryContext, throughSeq: number): string {
  const groups = context.keyNames.map(quoteName).join(', ');
  return `SELECT ${context.key} FROM ${context.versions} WHERE rowback_seq <= ${throughSeq}
    GROUP BY ${groups} HAVING arg_max(rowback_op, rowback_seq) = 'put'`;
}

function marksSql(context: QueryContext, keys: readonly string[], throughSeq: number): string {
  const groups = context.keyNames.map(quoteName).join(', ');
  const rowVersion = context.hasRowVersion ? 'versionnumber' : 'NULL';
  const newest = ['rowback_op', 'rowback_snapshot', 'rowback_epoch', 'rowback_schema', rowVersion];
  const cells = `struct_pack(${newest.map((name, i) => `c${i} := ${name}`).join(', ')})`;
  return `SELECT key, seq, ${newest.map((_, i) => `newest.c${i}`).join(', ')} FROM (
    SELECT any_value(${context.key}) AS key, max(rowback_seq) AS seq, arg_max(${cells}, rowback_seq) AS newest
    FROM ${context.versions} WHERE rowback_seq <= ${throughSeq} AND ${keyCondition(context.keyNames, keys)}
    GROUP BY ${groups})`;
}

function markOf([seq, op, snapshot, epoch, schema, rowVersion]: readonly unknown[]): VersionMark {
  return {
    op: op === 'gone' ? 'gone' : 'put',
    seq: Number(seq),
    snapshot: String(snapshot),
    epoch: Number(epoch),
    schema: String(schema),
    // DuckDB gives a BIGINT as a bigint.
    rowVersion: typeof rowVersion === 'bigint' ? rowVersion.toString() : null,
  };
}

function mayHold(file: DataFile, state: LogState, key: string): boolean {
  const first = splitKey(key, keyColumns(state.metaData).length)[0] ?? '';
  return (file.minKey === null || file.minKey <= first) && (file.maxKey === null || first <= file.maxKey);
}

function unknownColumn(table: string, column: string): VaultError {
  return new VaultError(
    'unknown-column',
    `No captured version of ${table} has a text, id or lookup column ${column}.`,
    {
      hint: 'Columns go by their logical names.',
      context: { table, column },
    },
  );
}
