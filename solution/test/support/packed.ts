import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { packSolution } from '../../pack/index.ts';
import { parseXml, type Element } from '../../pack/xml.ts';

const solution = resolve(import.meta.dirname, '..', '..');
const root = resolve(solution, '..');

export const sourceFolder = resolve(solution, 'src');
/** Stands for the built control, so that the packer is proved without a build of the control. */
export const smallControl = resolve(solution, 'test', 'control');
export const builtControl = resolve(root, 'pcf-control', 'out', 'controls', 'RecordHistory');
export const controlIsBuilt = existsSync(resolve(builtControl, 'bundle.js'));
export const controlManifest = resolve(root, 'pcf-control', 'RecordHistory', 'ControlManifest.Input.xml');

/** Microsoft's customization schemas, which are not ours to copy: `ROWBACK_XSD` names their folder. */
export const xsdFolder = resolve(root, process.env['ROWBACK_XSD'] ?? '../shared/xsd/extended');
export const hasXsd = existsSync(resolve(xsdFolder, 'CustomizationsSolution.xsd'));

export const pack = (managed = false): Promise<Uint8Array> =>
  packSolution({ sourceFolder, controlFolder: smallControl, managed });

export type Entries = Readonly<Record<string, Uint8Array>>;
export const unzip = (bytes: Uint8Array): Entries => unzipSync(bytes);

export function textIn(entries: Entries, path: string): string {
  const bytes = entries[path];
  if (bytes === undefined) throw new Error(`${path} is not in the zip`);
  return new TextDecoder().decode(bytes);
}

export const xmlIn = (entries: Entries, path: string): Element => parseXml(textIn(entries, path), path);
