import { type FileHandle, open, rm } from 'node:fs/promises';
import { scratchError } from '../errors.ts';

/** Rows in memory before they are written out. */
const bufferBytes = 256 * 1024;

/** Rows as newline-delimited JSON in a scratch file, on their way to Parquet. */
export class RowSpool {
  readonly path: string;
  /** Bytes of the longest line: DuckDB wants to know before it reads. */
  longestLine = 0;
  #lines: string[] = [];
  #buffered = 0;
  #file: FileHandle | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** `row`: a JSON object in one line, without a line end. Null: the row is in memory and there is nothing to wait for. */
  add(row: string): Promise<void> | null {
    const line = `${row}\n`;
    const bytes = Buffer.byteLength(line);
    this.longestLine = Math.max(this.longestLine, bytes);
    this.#lines.push(line);
    this.#buffered += bytes;
    return this.#buffered >= bufferBytes ? this.#flush() : null;
  }

  /** All rows are in the file afterwards and it is closed. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#file?.close();
    this.#file = null;
  }

  /** Removes the file; the spool is empty again. */
  async clear(): Promise<void> {
    this.#lines = [];
    this.#buffered = 0;
    this.longestLine = 0;
    await this.#file?.close();
    this.#file = null;
    await rm(this.path, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#buffered = 0;
    try {
      this.#file ??= await open(this.path, 'a');
      await this.#file.appendFile(text);
    } catch (error) {
      throw scratchError(error) ?? error;
    }
  }
}
