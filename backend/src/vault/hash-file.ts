import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Sha256 of a local file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // Without an encoding a file stream gives Buffers.
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
