import { DataverseError } from './errors.ts';
import { encode, literal } from './web-api.ts';

/**
 * Which row. The id alone, but for elastic tables: there several rows may share an id, each in a partition of its own,
 * and a row is addressed by both. Left out, the partition is the one that a row gets by itself: its id.
 */
export type RowAddress = string | { readonly id: string; readonly partition?: string };

/** What a path is made of. */
interface Addressable {
  readonly name: string;
  readonly entitySet: string | null;
  readonly primaryId?: string | null;
  readonly kind?: string;
}

export function idOf(address: RowAddress): string {
  return typeof address === 'string' ? address : address.id;
}

export function partitionOf(address: RowAddress): string | null {
  return typeof address === 'string' ? null : (address.partition ?? null);
}

/**
 * One text for a row within its table: the id, and for a row in a partition of its own `id|partition`. Ids are in
 * lower case; a partition is not, for it is a text like any other.
 */
export function keyText(address: RowAddress): string {
  const [id, partition] = [idOf(address).toLowerCase(), partitionOf(address)];
  return partition === null || partition === id ? id : `${id}|${partition}`;
}

/** `accounts(<guid>)`, `logs(logid=<guid>,partitionid='p')`; the id is checked, for it becomes part of a URL. */
export function rowPath(table: Addressable, address: RowAddress): string {
  const id = guidOf(table, address);
  const partition = partitionOf(address);
  if (partition === null || table.kind !== 'elastic') return `${entitySetOf(table)}(${id})`;
  return `${entitySetOf(table)}(${table.primaryId}=${id},partitionid=${encode(literal(partition))})`;
}

function guidOf(table: Addressable, address: RowAddress): string {
  const id = idOf(address);
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  throw new DataverseError(
    `${JSON.stringify(id)} is not the id of a row.`,
    { kind: 'bad-request', status: 0, serviceCode: '', requestId: null, table: table.name },
    { hint: 'An id is a guid: 8-4-4-4-12 hexadecimal digits.' },
  );
}

export function entitySetOf(table: Addressable): string {
  if (table.entitySet !== null) return table.entitySet;
  throw new DataverseError(
    `Table ${table.name} cannot be reached by the Web API: it has no entity set.`,
    { kind: 'not-supported', status: 0, serviceCode: '', requestId: null, table: table.name },
    { hint: 'Leave the table out.' },
  );
}
