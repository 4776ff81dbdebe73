import { PackError } from './errors.ts';
import { child, children, textOf, withChildren, type Element } from './xml.ts';

/** `solution.xml`: the source's manifest (Managed = 2, "both") as one kind of package. */
export function buildManifest(manifest: Element, managed: boolean): Element {
  const kind = managed ? '1' : '0';
  const body = solutionManifest(manifest);
  const parts = children(body).map((part) => (part.name === 'Managed' ? withChildren(part, [kind]) : part));
  return withChildren(manifest, [withChildren(body, parts)]);
}

export function publisherPrefix(manifest: Element): string {
  const publisher = child(solutionManifest(manifest), 'Publisher');
  return textOf(publisher && child(publisher, 'CustomizationPrefix'));
}

export interface RootComponent {
  readonly type: number;
  /** Schema name or GUID in braces. */
  readonly name: string;
}

export function rootComponents(manifest: Element): readonly RootComponent[] {
  const list = child(solutionManifest(manifest), 'RootComponents');
  return (list === undefined ? [] : children(list)).map(({ attributes }) => ({
    type: Number(attributes['type']),
    name: attributes['schemaName'] ?? attributes['id'] ?? '',
  }));
}

function solutionManifest(root: Element): Element {
  const body = child(root, 'SolutionManifest');
  if (body === undefined) {
    throw new PackError(
      'SOLUTION_MANIFEST_MISSING',
      'Other/Solution.xml has no <SolutionManifest>.',
      'Restore Other/Solution.xml.',
    );
  }
  return body;
}

/** `[Content_Types].xml`: one default an extension, one override a file without one. */
export function buildContentTypes(paths: readonly string[]): Element {
  const contentType = 'application/octet-stream';
  const extensions = new Set(paths.flatMap((path) => extensionOf(path) ?? []));
  const bare = paths.filter((path) => extensionOf(path) === undefined);
  return {
    name: 'Types',
    attributes: { xmlns: 'http://schemas.openxmlformats.org/package/2006/content-types' },
    children: [
      ...[...extensions]
        .sort()
        .map((extension) => empty('Default', { Extension: extension, ContentType: contentType })),
      ...bare.map((path) => empty('Override', { PartName: `/${path}`, ContentType: contentType })),
    ],
  };
}

function extensionOf(path: string): string | undefined {
  return /\.([^./]+)$/.exec(path)?.[1];
}

const empty = (name: string, attributes: Record<string, string>): Element => ({
  name,
  attributes,
  children: [],
});
