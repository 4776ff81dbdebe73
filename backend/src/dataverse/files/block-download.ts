import type { FileContent } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { number, text } from '../metadata/fields.ts';
import type { Json } from '../web-api.ts';
import { blockBytes } from './bytes.ts';
import { postMessage, replaced, wrongLength, type Place } from './content.ts';

/** The message that begins a download in blocks; null: the table's bodies have none. */
export function blockDownloadOf(table: string): string | null {
  return initializers[table] ?? null;
}

const initializers: Readonly<Record<string, string>> = {
  annotation: 'InitializeAnnotationBlocksDownload',
  activitymimeattachment: 'InitializeAttachmentBlocksDownload',
};

/** Beginnings of one download: a token may die before the last block. */
const beginnings = 3;

interface Session {
  readonly token: string;
  readonly bytes: number;
  readonly name: string | null;
  readonly inBlocks: boolean;
}

/**
 * A download by messages, a block at a time; these only read, so they may be sent again. Some environments (keys of
 * their own) give a content only as a whole: `otherwise` says how to read it then; without it the one block is as large
 * as the content, and held whole.
 */
export async function readBlocks(
  place: Place,
  message: string,
  otherwise?: () => Promise<FileContent | null>,
): Promise<FileContent | null> {
  const session = await begin(place, message);
  if (session === null || session.bytes === 0) return null;
  if (!session.inBlocks && otherwise !== undefined) return otherwise();
  const { name, bytes } = session;
  return { name, mimeType: null, bytes, stream: blocksOf(place, message, session) };
}

async function begin(place: Place, message: string): Promise<Session | null> {
  const { table, id, column } = place;
  const target = { [table.primaryId ?? '']: id, '@odata.type': `Microsoft.Dynamics.CRM.${table.name}` };
  const named = message === 'InitializeFileBlocksDownload' ? { FileAttributeName: column } : {};
  const started = await postMessage(place, message, { Target: target, ...named }, { changesNothing: true });
  const token = started === null ? null : text(started, 'FileContinuationToken');
  if (started === null || token === null) return null;
  return {
    token,
    bytes: number(started, 'FileSizeInBytes') ?? 0,
    name: text(started, 'FileName'),
    inBlocks: started['IsChunkingSupported'] !== false,
  };
}

async function* blocksOf(place: Place, message: string, begun: Session): AsyncIterable<Uint8Array> {
  let session = begun;
  for (let [at, begins] = [0, 1]; at < begun.bytes;) {
    try {
      const block = await nextBlock(place, session, at);
      yield block;
      at += block.length;
    } catch (error) {
      begins += 1;
      if (!isDeadToken(error) || begins > beginnings) throw error;
      const anew = await begin(place, message);
      if (anew?.bytes !== begun.bytes || anew.name !== begun.name) throw replaced(place);
      session = anew;
    }
  }
}

async function nextBlock(place: Place, session: Session, at: number): Promise<Uint8Array> {
  const length = session.inBlocks ? blockBytes : session.bytes;
  const request = { Offset: at, BlockLength: length, FileContinuationToken: session.token };
  const answer: Json | null = await postMessage(place, 'DownloadBlock', request, { changesNothing: true });
  const block = Buffer.from((answer === null ? null : text(answer, 'Data')) ?? '', 'base64');
  if (block.length > 0 && at + block.length <= session.bytes) return block;
  throw wrongLength(place, at + block.length, session.bytes);
}

/** A refusal of the token as such: the content can still be had from the beginning of a new session. */
function isDeadToken(error: unknown): boolean {
  return error instanceof DataverseError && error.kind === 'bad-request';
}
