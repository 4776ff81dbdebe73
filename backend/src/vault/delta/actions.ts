import { z } from 'zod';
import { damaged } from '../errors.ts';
import type { DeltaField, DeltaType } from './columns.ts';
import type { FileStatistics } from './write-parquet.ts';

/**
 * The actions of a Delta commit that we write or must understand, one JSON object a line. `delta-io/delta`,
 * PROTOCOL.md, "Actions". Unknown actions and fields are let through: later writers may add some.
 */
const addShape = z.object({
  path: z.string(),
  partitionValues: z.record(z.string(), z.string().nullable()),
  size: z.number().int().nonnegative(),
  modificationTime: z.number(),
  dataChange: z.boolean(),
  stats: z.string().optional(),
});
const metaDataShape = z.object({
  id: z.string(),
  format: z.object({ provider: z.literal('parquet'), options: z.record(z.string(), z.string()) }),
  schemaString: z.string(),
  partitionColumns: z.array(z.string()),
  configuration: z.record(z.string(), z.string()),
  createdTime: z.number().optional(),
});
const protocolShape = z.object({ minReaderVersion: z.number(), minWriterVersion: z.number() });
const actionShape = z.object({
  add: addShape.optional(),
  remove: z.object({ path: z.string(), dataChange: z.boolean() }).optional(),
  metaData: metaDataShape.optional(),
  protocol: protocolShape.optional(),
  commitInfo: z.record(z.string(), z.unknown()).optional(),
});

export type AddAction = z.infer<typeof addShape>;
export type MetaDataAction = z.infer<typeof metaDataShape>;
export type DeltaAction = z.infer<typeof actionShape>;

export function encodeCommit(actions: readonly DeltaAction[]): Uint8Array {
  return new TextEncoder().encode(actions.map((action) => `${JSON.stringify(action)}\n`).join(''));
}

/** Throws `blob-damaged` with the blob's name. */
export function decodeCommit(bytes: Uint8Array, blob: string): DeltaAction[] {
  try {
    const lines = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
    return lines.filter((line) => line !== '').map((line) => actionShape.parse(JSON.parse(line)));
  } catch (cause) {
    throw damaged(blob, 'it is no Delta commit', cause);
  }
}

const fieldShape = z.object({ name: z.string(), type: z.string() });

export function encodeFields(fields: readonly DeltaField[]): string {
  return JSON.stringify({
    type: 'struct',
    fields: fields.map((field) => ({ ...field, nullable: true, metadata: {} })),
  });
}

export function decodeFields(schemaString: string, blob: string): DeltaField[] {
  try {
    const parsed = z.object({ fields: z.array(fieldShape) }).parse(JSON.parse(schemaString));
    // Whatever else a stranger may have added keeps its name; a type of ours that differs is a conflict later.
    return parsed.fields.map(({ name, type }) => ({ name, type: type as DeltaType }));
  } catch (cause) {
    throw damaged(blob, 'its schemaString is no Delta schema', cause);
  }
}

const bounds = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const statisticsShape = z.object({
  numRecords: z.number().int().nonnegative(),
  minValues: bounds,
  maxValues: bounds,
});

export type Statistics = Pick<FileStatistics, 'numRecords'> & z.infer<typeof statisticsShape>;

/** Rows are found by the statistics of our columns, so a file without them cannot be ours. */
export function decodeStatistics(add: AddAction, blob: string): Statistics {
  try {
    return statisticsShape.parse(JSON.parse(add.stats ?? ''));
  } catch (cause) {
    throw damaged(blob, `it names ${add.path} without the statistics every file of a vault has`, cause);
  }
}
