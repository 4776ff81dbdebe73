import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { PackError } from './errors.ts';

/** Files by path with forward slashes, sorted, so that the same folder always gives the same zip. */
export type Files = ReadonlyMap<string, Uint8Array>;

export async function readFolder(folder: string, hint: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new PackError('SOLUTION_FOLDER_UNREADABLE', `${folder} cannot be read: ${String(cause)}`, hint);
  });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort(byCodePoint);
  if (paths.length === 0) {
    throw new PackError('SOLUTION_FOLDER_EMPTY', `${folder} holds no files.`, hint);
  }
  const contents = await Promise.all(paths.map((path) => readFile(join(folder, path))));
  return new Map(paths.map((path, index) => [path, contents[index] ?? new Uint8Array()]));
}

/** The order of the machine's language must not show in the zip. */
export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
