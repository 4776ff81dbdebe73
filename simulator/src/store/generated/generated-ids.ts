import { guidSortKey } from '../../model/guid.ts';
import { mix } from './mix.ts';

/** Room between the last groups of neighbours: the index stands above these bits, chance below. */
const STRIDE = 0x10000;
const ID_LENGTH = 36;
const DASH = 0x2d;

/**
 * Row ids by index, in SQL Server's guid order by construction: it compares the last group first, and that one rises
 * with the index. So the id of any index, and the index of any id, is found without looking at another.
 */
export class GeneratedIds {
  readonly count: number;
  readonly #seed: number;

  constructor(count: number, seed: number) {
    this.count = count;
    this.#seed = seed;
  }

  idAt(index: number): string {
    const bytes = Buffer.allocUnsafe(ID_LENGTH);
    this.write(bytes, 0, index);
    return bytes.toString('latin1');
  }

  /** Undefined: none of these ids. */
  indexOf(id: string): number | undefined {
    const index = Math.floor(parseInt(id.slice(24), 16) / STRIDE) - 1;
    return index >= 0 && index < this.count && this.idAt(index) === id ? index : undefined;
  }

  /** The first index whose id stands after this one in order; `count` where there is none. */
  firstAfter(id: string): number {
    const near = Math.floor(parseInt(id.slice(24), 16) / STRIDE) - 1;
    if (Number.isNaN(near) || near < 0) return 0;
    if (near >= this.count) return this.count;
    return guidSortKey(this.idAt(near)) > guidSortKey(id) ? near : near + 1;
  }

  /** Writes the id as 36 ASCII bytes; answers where they end. */
  write(bytes: Uint8Array, at: number, index: number): number {
    const first = mix(this.#seed + 1, index);
    const second = mix(this.#seed + 2, index);
    const third = mix(this.#seed + 3, index);
    let end = hex(bytes, at, first, 8);
    bytes[end] = DASH;
    end = hex(bytes, end + 1, second >>> 16, 4);
    bytes[end] = DASH;
    // Version 4, and one of the variants 8 to b, as random guids have them.
    end = hex(bytes, end + 1, 0x4000 | (second & 0x0fff), 4);
    bytes[end] = DASH;
    end = hex(bytes, end + 1, 0x8000 | (third & 0x3fff), 4);
    bytes[end] = DASH;
    end = hex(bytes, end + 1, index + 1, 8);
    return hex(bytes, end, third >>> 16, 4);
  }
}

/** The lowest `digits` hexadecimal digits of the number. */
function hex(bytes: Uint8Array, at: number, number: number, digits: number): number {
  for (let place = 0; place < digits; place++) {
    const nibble = (number >>> ((digits - 1 - place) * 4)) & 0xf;
    bytes[at + place] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
  }
  return at + digits;
}
