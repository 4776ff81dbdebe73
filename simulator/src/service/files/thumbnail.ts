import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const side = 144;
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Stands for the 144×144 thumbnail: a real PNG of one colour taken from the content's hash. It is never the
 * uploaded image, as the real thumbnail never is, so whoever restores from it loses the picture. Only what has a
 * thumbnail's size already stays as it is.
 */
export function thumbnail(image: Uint8Array): Uint8Array {
  if (isThumbnail(image)) return image;
  const colour = createHash('sha256').update(image).digest().subarray(0, 3);
  const line = Buffer.alloc(1 + side * 3);
  for (let x = 0; x < side; x++) line.set(colour, 1 + x * 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => line)), { level: 1 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG's width and height stand at bytes 16 and 20. */
function isThumbnail(image: Uint8Array): boolean {
  const bytes = Buffer.from(image);
  return (
    bytes.length > 24 &&
    bytes.subarray(0, 8).equals(signature) &&
    bytes.readUInt32BE(16) === side &&
    bytes.readUInt32BE(20) === side
  );
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
