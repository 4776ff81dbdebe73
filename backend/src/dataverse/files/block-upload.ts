import type { NewContent, WriteOptions } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { malformed } from '../json/decode.ts';
import { text } from '../metadata/fields.ts';
import type { Body } from '../write/encode.ts';
import { withTag, writeHeaders } from '../write/options.ts';
import { blockBytes, inBlocks } from './bytes.ts';
import { postMessage, type Place } from './content.ts';

/** The pair of messages that a table's bodies are written with in blocks; null: there is none. */
export function blockUploadOf(table: string): BlockUpload | null {
  return uploads[table] ?? null;
}

export interface BlockUpload {
  readonly begin: string;
  readonly commit: string;
  /** Mail attachments can be made this way, but not changed. */
  readonly onlyNew: boolean;
}

const uploads: Readonly<Record<string, BlockUpload>> = {
  annotation: {
    begin: 'InitializeAnnotationBlocksUpload',
    commit: 'CommitAnnotationBlocksUpload',
    onlyNew: false,
  },
  activitymimeattachment: {
    begin: 'InitializeAttachmentBlocksUpload',
    commit: 'CommitAttachmentBlocksUpload',
    onlyNew: true,
  },
};

/** Blocks are seen by nobody before the commit. */
const unseen = { changesNothing: true };

/**
 * Writes a body in blocks, one of which is held. `target` is the row as the commit writes it: all of a new one, what
 * changes of an existing one. Blocks may be sent again under their ids; the commit only where `repeatable` says that
 * doing it twice does no harm. Only the commit writes, so only it carries the options of a write.
 */
export async function uploadBlocks(
  place: Place,
  upload: BlockUpload,
  target: Body,
  content: NewContent,
  options: WriteOptions & { readonly repeatable: boolean },
): Promise<void> {
  const typed = { '@odata.type': `Microsoft.Dynamics.CRM.${place.table.name}`, ...target };
  const started = await postMessage(place, upload.begin, { Target: typed }, unseen);
  const token = started === null ? null : text(started, 'FileContinuationToken');
  if (token === null) throw malformed(place.table, 'an upload was begun without a token');
  const ids: string[] = [];
  let sent = 0;
  for await (const block of inBlocks(content.open(), blockBytes)) {
    const id = blockId(ids.length);
    await insist(place, 'UploadBlock', {
      BlockId: id,
      BlockData: Buffer.from(block).toString('base64'),
      FileContinuationToken: token,
    });
    ids.push(id);
    sent += block.length;
  }
  if (sent !== content.bytes)
    throw malformed(place.table, `${place.column} has ${sent} bytes, not ${content.bytes}`);
  const commit = { Target: typed, BlockList: ids, FileContinuationToken: token };
  await insist(
    place,
    withTag(upload.commit, options),
    commit,
    { repeatable: options.repeatable },
    writeHeaders(options),
  );
}

async function insist(
  place: Place,
  message: string,
  body: Body,
  how: Parameters<typeof postMessage>[3] = unseen,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  if ((await postMessage(place, message, body, how, headers)) !== null) return;
  throw new DataverseError(`${place.table.name} ${place.id} is not there any more.`, {
    kind: 'not-found',
    status: 404,
    serviceCode: '',
    requestId: null,
    table: place.table.name,
    row: place.id,
  });
}

/** Base64 of texts of one length, as the service wants them. */
function blockId(index: number): string {
  return Buffer.from(`block-${String(index).padStart(8, '0')}`).toString('base64');
}
