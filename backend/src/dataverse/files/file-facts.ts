import type { FileFacts } from '../client.ts';
import { number, text } from '../metadata/fields.ts';
import { inFilter } from '../read/rows.ts';
import { encode, type WebApi } from '../web-api.ts';

const idsAtOnce = 100;

/** Many at once from the table that describes files, instead of a request for each. */
export async function fileFacts(
  api: WebApi,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FileFacts>> {
  const facts = new Map<string, FileFacts>();
  const select = 'fileattachmentid,filename,filesizeinbytes,mimetype';
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const filter = encode(inFilter('fileattachmentid', ids.slice(at, at + idsAtOnce)));
    for (const row of await api.list(`fileattachments?$select=${select}&$filter=${filter}`)) {
      facts.set((text(row, 'fileattachmentid') ?? '').toLowerCase(), {
        name: text(row, 'filename') ?? '',
        mimeType: text(row, 'mimetype'),
        bytes: number(row, 'filesizeinbytes') ?? 0,
      });
    }
  }
  return facts;
}
