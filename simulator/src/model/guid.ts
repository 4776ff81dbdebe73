/** Guids: text form, the order SQL Server keeps them in, and the sources of new ones. */

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';

/** Lower case without braces, or undefined where the text is no guid. */
export function parseGuid(text: string): string | undefined {
  const plain = text
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .toLowerCase();
  return GUID.test(plain) ? plain : undefined;
}

/**
 * A text whose ordinary order is the order of `uniqueidentifier`: last group first, then the fourth, then the
 * first three groups with their bytes reversed.
 */
export function guidSortKey(guid: string): string {
  const [a, b, c, d, e] = guid.split('-') as [string, string, string, string, string]; // a guid has five groups
  return e + d + reverseBytes(c) + reverseBytes(b) + reverseBytes(a);
}

/** The guid that `guidSortKey` came from. */
export function guidFromSortKey(key: string): string {
  const groups = [key.slice(24, 32), key.slice(20, 24), key.slice(16, 20)].map(reverseBytes);
  return [...groups, key.slice(12, 16), key.slice(0, 12)].join('-');
}

function reverseBytes(hex: string): string {
  let reversed = '';
  for (let at = hex.length - 2; at >= 0; at -= 2) reversed += hex.slice(at, at + 2);
  return reversed;
}

export type IdSource = () => string;

/**
 * Ids as the server makes them: time in the first groups, a fixed machine part at the end, so that they cluster
 * when sorted. Steps are uneven, as they are when several tables draw from one source.
 */
export function sequentialIds(startMs: number): IdSource {
  let ticks = BigInt(startMs) * 10000n + 0x01b21dd213814000n;
  return () => {
    ticks += 40000n + (ticks % 97n);
    const hex = ticks.toString(16).padStart(16, '0');
    return `${hex.slice(8, 16)}-${hex.slice(4, 8)}-1${hex.slice(1, 4)}-b83e-000d3a572421`;
  };
}

/** 32 bits from a seed (mulberry32); good enough for ids and keys of a test environment. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A guid that depends on nothing but the text: ids of built-in things are the same in every run. */
export function guidFromText(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  const random = seededRandom(hash);
  const hex = Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
