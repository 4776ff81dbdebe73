import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { InputError } from '../base/errors.ts';

/** `rowback.yaml` as read, with a way back from a value to its line. */
export interface ConfigFile {
  readonly path: string;
  /** Plain values; an empty file is an empty object. */
  readonly content: unknown;
  /** Line of the value at a path, or of the nearest one above it. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/**
 * The first of: `named` (from `--config` or `ROWBACK_CONFIG`), then in this folder and each one above it `rowback.yaml`,
 * then `.rowback/rowback.yaml`. Null: nowhere, and none was named.
 */
export function findConfigFile(named: string | undefined, folder: string): string | null {
  if (named !== undefined) return resolve(folder, named);
  return upward(folder, 'rowback.yaml') ?? upward(folder, join('.rowback', 'rowback.yaml'));
}

function upward(folder: string, name: string): string | null {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  const above = dirname(folder);
  return above === folder ? null : upward(above, name);
}

export function readConfigFile(path: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new InputError('configuration-invalid', `${path} is not valid YAML: ${error.message}`, {
      hint: 'Correct the place that the message points to. docs/cli.md shows a whole file.',
    });
  }
  const content: unknown = document.toJS() ?? {};
  return { path, content, lineOf: (at) => lineOf(document, lines, at) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InputError('configuration-missing', `The configuration ${path} cannot be read.`, {
      hint: 'Check the path given with --config or ROWBACK_CONFIG, and that you may read the file.',
      cause,
    });
  }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  return path.length === 0 ? null : lineOf(document, lines, path.slice(0, -1));
}
