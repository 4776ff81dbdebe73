import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { parseGuid } from '../model/guid.ts';
import { isLookup } from '../model/schema.ts';
import type { StoredValue } from '../model/seed.ts';
import { parseArguments, parseResource, unquote } from '../odata/url.ts';
import type { Row } from '../store/table-store.ts';
import { textOf } from '../store/values.ts';
import { storageKey } from './elastic/row-key.ts';
import type { Environment } from './environment.ts';
import { virtualRows } from './virtual-tables.ts';
import { badRequest, keyNotDefined, keyNotFound, segmentNotFound } from './errors.ts';

/** The parentheses after an entity set: a guid, the named primary key, or an alternate key. */
export type RowKey =
  | {
      readonly kind: 'id';
      readonly id: string;
      /** Elastic tables: the partition, where the request names one. */
      readonly partition?: string;
    }
  | { readonly kind: 'alternate'; readonly values: ReadonlyMap<string, string>; readonly text: string };

export function parseKey(
  table: TableDefinition,
  argument: string,
  query: ReadonlyMap<string, string>,
): RowKey {
  const id = parseGuid(unquote(argument));
  if (id !== undefined) return inPartition(table, id, query.get('partitionId'));
  if (!argument.includes('=')) {
    throw badRequest(
      `The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.${table.logicalName}'.`,
    );
  }
  const values = parseArguments(argument, query);
  const named = singleKey(table, values);
  if (named !== undefined) return inPartition(table, named, query.get('partitionId'));
  const elastic = elasticKeyOf(table, values);
  if (elastic !== undefined) return elastic;
  return { kind: 'alternate', values, text: argument };
}

function inPartition(table: TableDefinition, id: string, partition: string | undefined): RowKey {
  if (table.tableType !== 'Elastic' || partition === undefined) return { kind: 'id', id };
  return { kind: 'id', id, partition: partition.startsWith("'") ? unquote(partition) : partition };
}

/** `readings(readingid=…,partitionid='…')`, the key named `KeyForNoSqlEntityWithPKPartitionId`. */
function elasticKeyOf(table: TableDefinition, values: ReadonlyMap<string, string>): RowKey | undefined {
  const key = values.get(table.primaryId);
  const partition = values.get('partitionid');
  if (table.tableType !== 'Elastic' || values.size !== 2) return undefined;
  const id = key === undefined ? undefined : parseGuid(unquote(key));
  if (id === undefined || partition === undefined) return undefined;
  return { kind: 'id', id, partition: unquote(partition) };
}

/** `accounts(accountid=…)`; for users and teams the named key is `ownerid`. */
function singleKey(table: TableDefinition, values: ReadonlyMap<string, string>): string | undefined {
  if (values.size !== 1) return undefined;
  const [[name, text] = ['', '']] = values;
  const principal = table.logicalName === 'systemuser' || table.logicalName === 'team';
  if (name !== table.primaryId && !(principal && name === 'ownerid')) return undefined;
  return parseGuid(unquote(text));
}

/** @throws ServiceError 404 `0x80060891` where nothing has the key, 400 `0x80060890` where it is no key. */
export function findByKey(environment: Environment, table: TableDefinition, key: RowKey): Row | undefined {
  if (key.kind === 'id') {
    const virtual = virtualRows(environment, table);
    if (virtual !== undefined) return virtual.get(key.id);
    return environment.database.get(table.logicalName, storageKey(table, key.id, key.partition));
  }
  const wanted = alternateValues(table, key);
  const store = environment.database.store(table.logicalName);
  const [[first, value] = ['', '']] = wanted;
  const ids = store.referrers(first, value);
  return ids
    .map((id) => store.get(id))
    .find((row) =>
      [...wanted].every(
        ([column, text]) => textOf(row?.values[column])?.toLowerCase() === text.toLowerCase(),
      ),
    );
}

export function requireByKey(environment: Environment, table: TableDefinition, key: RowKey): Row | undefined {
  const row = findByKey(environment, table, key);
  if (row === undefined && key.kind === 'alternate') throw keyNotFound(table.logicalName);
  return row;
}

/** Column values of an alternate key as stored texts. */
export function alternateValues(
  table: TableDefinition,
  key: Extract<RowKey, { kind: 'alternate' }>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, text] of key.values) values.set(columnOfKeyPart(name), unquote(text));
  const defined = table.keys.some(
    (one) =>
      one.indexStatus === undefined &&
      one.columns.length === values.size &&
      one.columns.every((column) => values.has(column)),
  );
  if (!defined) throw keyNotDefined(table.logicalName);
  return values;
}

/** A lookup in a key is written `_column_value`. */
function columnOfKeyPart(name: string): string {
  return /^_(.+)_value$/.exec(name)?.[1] ?? name;
}

/** The key's values in stored form, for an upsert that creates. */
export function keyAsValues(
  environment: Environment,
  table: TableDefinition,
  key: Extract<RowKey, { kind: 'alternate' }>,
): Record<string, StoredValue> {
  const values: Record<string, StoredValue> = {};
  for (const [name, text] of alternateValues(table, key)) {
    const column = table.columns.get(name);
    if (column !== undefined) values[name] = keyValue(environment, table, column, text);
  }
  return values;
}

function keyValue(
  environment: Environment,
  table: TableDefinition,
  column: ColumnDefinition,
  text: string,
): StoredValue {
  if (isLookup(column)) {
    const target = environment.schema
      .parents(table.logicalName)
      .find((one) => one.referencingColumn === column.logicalName);
    return { table: target?.referencedTable ?? column.targets?.[0] ?? '', id: text.toLowerCase() };
  }
  return ['IntegerType', 'PicklistType'].includes(column.type) ? Number(text) : text;
}

export interface TargetReference {
  readonly table: TableDefinition;
  readonly key: RowKey;
}

/**
 * What `@odata.bind` and `@odata.id` point to: `accounts(id)`, `/accounts(id)`, an absolute URL, or an alternate
 * key. Content ids (`$1`) are replaced before.
 */
export function parseReference(environment: Environment, text: string): TargetReference {
  const path = text.replace(/^https?:\/\/[^/]+/i, '').replace(/^\/?api\/data\/v\d+\.\d+\//i, '');
  const { segments, query } = parseResource(path);
  const [segment, ...rest] = segments;
  if (segment?.argument === undefined || rest.length > 0) {
    throw badRequest(`The URI '${text}' is not a valid entity reference.`);
  }
  const table = environment.schema.tableOfSet(segment.name);
  if (table === undefined) throw segmentNotFound(segment.name);
  return { table, key: parseKey(table, segment.argument, query) };
}
