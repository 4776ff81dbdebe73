import { zipSync } from 'fflate';
import { controlName } from './control.ts';
import { buildCustomizations } from './customizations.ts';
import { PackError } from './errors.ts';
import { buildContentTypes, buildManifest, publisherPrefix, rootComponents } from './manifest.ts';
import { byCodePoint, readFolder } from './read-folder.ts';
import { Source } from './source.ts';
import { child, printXml, textOf } from './xml.ts';

export interface PackOptions {
  /** The unpacked source: `solution/src`. */
  readonly sourceFolder: string;
  /** The control as pcf-scripts built it: `pcf-control/out/controls/RecordHistory`. */
  readonly controlFolder: string;
  /** False: the verified artifact. True: the same components in a package marked managed. */
  readonly managed: boolean;
}

/** The solution as a zip. The same folders always give the same bytes. Throws {@link PackError}. */
export async function packSolution(options: PackOptions): Promise<Uint8Array> {
  const source = new Source(
    await readFolder(options.sourceFolder, 'Name the folder of the unpacked source.'),
  );
  const control = await readFolder(
    options.controlFolder,
    'Build the control first: npm run build -w pcf-control.',
  );
  const manifest = source.xml('Other/Solution.xml');
  const name = controlName(control, publisherPrefix(manifest));
  assertRootControl(rootComponents(manifest), name);

  const parts = new Map<string, Uint8Array>([
    ['solution.xml', encode(printXml(buildManifest(manifest, options.managed)))],
    ['customizations.xml', encode(printXml(buildCustomizations(source, name)))],
    ...webResources(source),
    ...[...control].map(([path, bytes]) => [`Controls/${name}/${path}`, bytes] as const),
  ]);
  const types = buildContentTypes([...parts.keys()].sort(byCodePoint));
  parts.set('[Content_Types].xml', encode(printXml(types)));
  return zip(parts);
}

/** A control whose prefix is not the publisher's stops the import, so it stops the packing. */
function assertRootControl(roots: ReturnType<typeof rootComponents>, name: string): void {
  const expected = roots.filter((root) => root.type === 66).map((root) => root.name);
  if (expected.length !== 1 || expected[0] !== name) {
    throw new PackError(
      'SOLUTION_CONTROL_MISMATCH',
      `The built control is ${name}, but Other/Solution.xml names ${expected.join(', ') || 'no control'}.`,
      "Give the root component of type 66 the publisher's prefix, the control's namespace and its constructor.",
    );
  }
}

/** Web resources stand in the zip under the `FileName` of their description. */
function webResources(source: Source): readonly (readonly [string, Uint8Array])[] {
  return source.paths(/^WebResources\/.+\.data\.xml$/).map((path) => {
    const fileName = textOf(child(source.xml(path), 'FileName'));
    return [fileName.replace(/^\//, ''), source.bytes(path.slice(0, -'.data.xml'.length))] as const;
  });
}

function zip(parts: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...parts].sort(([a], [b]) => byCodePoint(a, b));
  // Zip keeps local wall time without a zone: a local date gives the same bytes in every time zone.
  return zipSync(Object.fromEntries(sorted), { level: 9, mtime: new Date(1980, 0, 1) });
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
