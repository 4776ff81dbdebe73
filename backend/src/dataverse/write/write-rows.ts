import { blockUploadOf, uploadBlocks } from '../files/block-upload.ts';
import { blockBytes, wholeOf } from '../files/bytes.ts';
import type { CreateOptions, OmittedColumn, UpdateOptions, WriteReceipt } from '../client.ts';
import type { Values } from '../../base/value.ts';
import { DataverseError } from '../errors.ts';
import { stringifyLossless } from '../json/lossless.ts';
import { columnOf, type TableDetails } from '../metadata/types.ts';
import type { TransportResponse } from '../transport/port.ts';
import { entitySetOf, idOf, keyText, partitionOf, rowPath, type RowAddress } from '../row-address.ts';
import { type WebApi } from '../web-api.ts';
import { encodeRow, type Body, type TableByName } from './encode.ts';
import { json, updateHeaders, withTag, writeHeaders } from './options.ts';

/**
 * `parties` are ready for the body: see `parties.ts`. A note's or attachment's body of more than a block goes up in
 * blocks, with the row as their last message's target.
 */
export async function createRow(
  api: WebApi,
  tables: TableByName,
  table: TableDetails,
  values: Values,
  options: CreateOptions,
  parties: Body,
): Promise<WriteReceipt> {
  rowPath(table, options.id);
  const { body, omitted } = encodeRow(table, values, 'create', tables);
  const row: Body = { ...body, ...parties, ...namesOf(options, body), ...identity(table, options) };
  const upload = blockUploadOf(table.name);
  if (options.body !== undefined && upload !== null && options.body.content.bytes > blockBytes) {
    const { column, content } = options.body;
    await uploadBlocks({ api, table, id: options.id, column }, upload, row, content, {
      ...options,
      repeatable: false,
    });
    return { omitted, requestId: null, date: null };
  }
  const request = {
    method: 'POST' as const,
    url: withTag(entitySetOf(table), options),
    headers: { ...json, ...writeHeaders(options) },
    body: stringifyLossless({ ...row, ...(await contentOf(options)) }),
  };
  return receipt(await api.send(request, { table: table.name, row: options.id }), omitted);
}

/** The row's own id, and its age where the table can keep it. */
export function identity(table: TableDetails, options: Pick<CreateOptions, 'id' | 'createdOn'>): Body {
  const keepsAge = columnOf(table, 'overriddencreatedon')?.validForCreate ?? false;
  return {
    [table.primaryId ?? '']: options.id,
    ...(options.createdOn !== undefined && keepsAge ? { overriddencreatedon: options.createdOn } : {}),
  };
}

function namesOf({ body: own }: CreateOptions, body: Body): Body {
  if (own === undefined) return {};
  const { name, mimeType } = own.content;
  return { filename: body['filename'] ?? name, mimetype: body['mimetype'] ?? mimeType };
}

async function contentOf({ body: own }: CreateOptions): Promise<Body> {
  if (own === undefined) return {};
  const bytes = await wholeOf(own.content);
  return { [own.column]: Buffer.from(bytes).toString('base64') };
}

export async function updateRow(
  api: WebApi,
  tables: TableByName,
  table: TableDetails,
  row: RowAddress,
  values: Values,
  options: UpdateOptions,
): Promise<WriteReceipt> {
  const { body, omitted } = encodeRow(table, values, 'update', tables);
  if (Object.keys(body).length === 0) return { omitted, requestId: null, date: null };
  return patch(api, table, row, body, options, omitted);
}

/** An update with a body that is ready. The partition of an elastic row is told in the body, not in the URL. */
export async function patch(
  api: WebApi,
  table: TableDetails,
  row: RowAddress,
  body: Body,
  options: UpdateOptions,
  omitted: readonly OmittedColumn[] = [],
): Promise<WriteReceipt> {
  const request = {
    method: 'PATCH' as const,
    url: withTag(rowPath(table, idOf(row)), options),
    headers: { ...json, ...updateHeaders(options) },
    body: stringifyLossless({ ...body, ...partitionMember(table, row) }),
  };
  return receipt(await api.send(request, { table: table.name, row: keyText(row) }), omitted);
}

export async function deleteRow(
  api: WebApi,
  table: TableDetails,
  row: RowAddress,
  options: UpdateOptions,
): Promise<boolean> {
  const request = {
    method: 'DELETE' as const,
    url: withTag(rowPath(table, row), options),
    headers: updateHeaders(options),
  };
  return doneUnless('not-found', api.send(request, { table: table.name, row: keyText(row) }));
}

export function partitionMember(table: TableDetails, row: RowAddress): Body {
  const partition = table.kind === 'elastic' ? partitionOf(row) : null;
  return partition === null ? {} : { partitionid: partition };
}

/** False instead of the one refusal that means "there was nothing to do". */
export async function doneUnless(kind: DataverseError['kind'], sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof DataverseError && error.kind === kind) return false;
    throw error;
  }
}

export function receipt(response: TransportResponse, omitted: readonly OmittedColumn[]): WriteReceipt {
  const requestId = response.headers['x-ms-service-request-id'] ?? null;
  return { omitted, requestId, date: response.receivedAt.toISOString() };
}
