import { PackError } from './errors.ts';
import type { Files } from './read-folder.ts';
import { parseXml, type Element } from './xml.ts';

/** The unpacked source: XML by path, and what stands beside it. */
export class Source {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  bytes(path: string): Uint8Array {
    const bytes = this.#files.get(path);
    if (bytes === undefined) {
      throw new PackError('SOLUTION_FILE_MISSING', `${path} is not in the source.`, 'Restore the file.');
    }
    return bytes;
  }

  xml(path: string): Element {
    return parseXml(new TextDecoder().decode(this.bytes(path)), path);
  }

  /** Paths that match, sorted. */
  paths(pattern: RegExp): readonly string[] {
    return [...this.#files.keys()].filter((path) => pattern.test(path));
  }
}
