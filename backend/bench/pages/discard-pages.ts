import { get } from 'node:http';

/** Longer than any next link. */
const tailBytes = 16 * 1024;

/** Follows the links of so many pages and throws their bytes away; answers how many they were. */
export async function discardPages(
  first: string,
  headers: Readonly<Record<string, string>>,
  pages: number,
): Promise<number> {
  let bytes = 0;
  let url: string | undefined = first;
  for (let page = 0; page < pages && url !== undefined; page++) {
    const read = await discardPage(url, headers);
    bytes += read.bytes;
    url = read.next;
  }
  return bytes;
}

function discardPage(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ bytes: number; next: string | undefined }> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      let bytes = 0;
      let tail = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        tail = Buffer.concat([tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes);
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ bytes, next: /"@odata\.nextLink":"([^"]+)"\}$/.exec(tail.toString())?.[1] });
      });
    }).on('error', reject);
  });
}
