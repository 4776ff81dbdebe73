import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Recorded metadata of real environments, which is not part of the repository. */
const answers =
  process.env['ROWBACK_RECORDED'] ??
  join(import.meta.dirname, '../../../..', 'shared', 'dataverse', 'real', 'webapi');

export interface Recorded {
  readonly folder: string;
  /** Runs where the recordings are at hand and is skipped otherwise. */
  readonly test: jest.It;
  /** The title, which says why it is skipped where it is. */
  named(what: string): string;
}

/** One folder of the recordings: `csdl`, `cdm`, `entitymetadata`, `webapi`. */
export function recordedFolder(kind: string): Recorded {
  const folder = join(answers, '..', kind);
  const present = existsSync(folder);
  return {
    folder,
    test: present ? test : test.skip,
    named: (what) =>
      present ? what : `${what} (skipped: nothing recorded in ${folder}; set ROWBACK_RECORDED)`,
  };
}
