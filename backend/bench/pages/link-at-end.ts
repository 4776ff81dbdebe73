/** Longer than any next link. */
const tailBytes = 16 * 1024;

/** Throws the bytes of a page away as they come; only its end is looked at, for the link to the next one. */
export async function linkAtEnd(response: Response): Promise<string | undefined> {
  let tail = Buffer.alloc(0);
  for await (const chunk of response.body ?? []) {
    tail =
      chunk.length >= tailBytes
        ? Buffer.from(chunk.slice(-tailBytes))
        : Buffer.concat([tail, chunk]).subarray(-tailBytes);
  }
  const link = /"@odata\.nextLink":"((?:[^"\\]|\\.)+)"/.exec(tail.toString('utf8'))?.[1];
  return link === undefined ? undefined : String(JSON.parse(`"${link}"`));
}
