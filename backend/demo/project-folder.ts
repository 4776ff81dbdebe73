import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, whether this runs from its sources or from what they are compiled into. */
export const root = projectFolder(dirname(fileURLToPath(import.meta.url)));

function projectFolder(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  if (dirname(folder) === folder) throw new Error("the project's folder was not found");
  return projectFolder(dirname(folder));
}
