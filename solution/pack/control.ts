import { PackError } from './errors.ts';
import type { Files } from './read-folder.ts';
import { child, parseXml } from './xml.ts';

/** Name of the built control under a publisher's prefix: `rowback_Rowback.RecordHistory`. */
export function controlName(control: Files, prefix: string): string {
  const hint = 'Build the control first: npm run build -w pcf-control.';
  const manifest = control.get('ControlManifest.xml');
  if (manifest === undefined || !control.has('bundle.js')) {
    throw new PackError(
      'SOLUTION_CONTROL_NOT_BUILT',
      'The control folder holds no ControlManifest.xml and bundle.js.',
      hint,
    );
  }
  const element = child(parseXml(new TextDecoder().decode(manifest), 'ControlManifest.xml'), 'control');
  const namespace = element?.attributes['namespace'];
  const constructor = element?.attributes['constructor'];
  if (namespace === undefined || constructor === undefined) {
    throw new PackError(
      'SOLUTION_CONTROL_UNNAMED',
      'ControlManifest.xml names no namespace and constructor.',
      hint,
    );
  }
  return `${prefix}_${namespace}.${constructor}`;
}
