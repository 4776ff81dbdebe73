import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { PackageError } from './package-error.ts';

export interface PackageFiles {
  readonly schemaXml: string;
  readonly dataXml: string;
}

const SCHEMA = 'data_schema.xml';
const DATA = 'data.xml';
const HINT =
  'Give the folder or the zip that the Configuration Migration tool exported: data.xml beside data_schema.xml.';

/** The two documents of a package, from a folder or a zip. Throws PackageError. */
export function openPackage(path: string): PackageFiles {
  return isFolder(path) ? fromFolder(path) : fromZip(path);
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new PackageError('package-not-found', `There is no folder or file ${path}`, HINT);
  return found.isDirectory();
}

function fromFolder(path: string): PackageFiles {
  const read = (name: string): string => {
    const file = join(path, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      throw new PackageError('package-incomplete', `${path} has no ${name}`, HINT);
    }
    return decode(readFileSync(file), file);
  };
  return { schemaXml: read(SCHEMA), dataXml: read(DATA) };
}

function fromZip(path: string): PackageFiles {
  const entries = unzip(path);
  // The tool writes both at the root; some people zip the folder around them.
  const nameOf = (wanted: string): string | undefined =>
    Object.keys(entries)
      .filter((name) => name === wanted || name.endsWith(`/${wanted}`))
      .sort((a, b) => a.length - b.length)[0];
  const read = (wanted: string): string => {
    const name = nameOf(wanted);
    const bytes = name === undefined ? undefined : entries[name];
    if (!bytes) throw new PackageError('package-incomplete', `${path} has no ${wanted}`, HINT);
    return decode(bytes, `${path}:${wanted}`);
  };
  return { schemaXml: read(SCHEMA), dataXml: read(DATA) };
}

function unzip(path: string): Record<string, Uint8Array> {
  try {
    return unzipSync(readFileSync(path), {
      filter: (entry) => /(^|\/)data(_schema)?\.xml$/.test(entry.name),
    });
  } catch (cause) {
    throw new PackageError('package-not-readable', `${path} is not a zip file that can be read`, HINT, cause);
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PackageError('package-not-readable', `${name} is not UTF-8 text`, HINT, cause);
  }
}
