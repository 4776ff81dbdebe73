import { createHash } from 'node:crypto';

/** A guid that depends on nothing but the words (hash-based, the layout of version 5). */
export function stableId(...words: readonly string[]): string {
  const hex = createHash('sha1').update(words.join('\u0000')).digest('hex');
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
