import { PackError } from './errors.ts';
import type { Source } from './source.ts';
import { children, withChildren, type Element, type Node } from './xml.ts';

/**
 * `customizations.xml`: the skeleton `Other/Customizations.xml` with every component in its section, laid out as
 * the platform exports it.
 */
export function buildCustomizations(source: Source, controlName: string): Element {
  const skeleton = source.xml('Other/Customizations.xml');
  const sections = new Map<string, readonly Element[]>([
    ['Entities', entities(source)],
    ['Roles', roots(source, /^Roles\/[^/]+\.xml$/, 'Role')],
    ['optionsets', roots(source, /^OptionSets\/[^/]+\.xml$/, 'optionset')],
    ['EntityRelationships', relationships(source)],
    ['WebResources', roots(source, /^WebResources\/.+\.data\.xml$/, 'WebResource')],
    [
      'AppModuleSiteMaps',
      roots(source, /^AppModuleSiteMaps\/[^/]+\/AppModuleSiteMap\.xml$/, 'AppModuleSiteMap'),
    ],
    ['AppModules', roots(source, /^AppModules\/[^/]+\/AppModule\.xml$/, 'AppModule')],
    ['CustomControls', [customControl(controlName)]],
  ]);
  for (const [name, components] of sections) {
    if (components.length > 0 && children(skeleton, name).length !== 1) {
      throw new PackError(
        'SOLUTION_SECTION_MISSING',
        `Other/Customizations.xml has no section ${name}, though the source has components for it.`,
        `Add <${name} /> to Other/Customizations.xml.`,
      );
    }
  }
  return withChildren(
    skeleton,
    children(skeleton).map((section) =>
      withChildren(section, [...section.children, ...(sections.get(section.name) ?? [])]),
    ),
  );
}

/** The root elements of the files that match, without the namespace that the packed root declares once. */
function roots(source: Source, pattern: RegExp, expected: string): readonly Element[] {
  return source.paths(pattern).map((path) => {
    const root = source.xml(path);
    if (root.name !== expected) {
      throw new PackError(
        'SOLUTION_ROOT_UNEXPECTED',
        `${path} begins with <${root.name}>, not <${expected}>.`,
        'Move the file to its folder or correct its root element.',
      );
    }
    return withoutNamespace(root);
  });
}

function withoutNamespace(root: Element): Element {
  const attributes = Object.entries(root.attributes).filter(([name]) => !name.startsWith('xmlns'));
  return { ...root, attributes: Object.fromEntries(attributes) };
}

function entities(source: Source): readonly Element[] {
  return source.paths(/^Entities\/[^/]+\/Entity\.xml$/).map((path) => {
    const folder = path.slice(0, -'Entity.xml'.length);
    const parts = new Map<string, readonly Node[]>([
      ['FormXml', forms(source, folder)],
      ['SavedQueries', savedQueries(source, folder)],
    ]);
    const root = withoutNamespace(source.xml(path));
    return withChildren(
      root,
      children(root).map((part) => withChildren(part, parts.get(part.name) ?? part.children)),
    );
  });
}

/** One `<forms type="main">` a kind of form, the kind being the folder's name. */
function forms(source: Source, folder: string): readonly Element[] {
  const paths = source.paths(new RegExp(`^${escape(folder)}FormXml/[^/]+/[^/]+\\.xml$`));
  const kinds = [...new Set(paths.map((path) => path.split('/').at(-2) ?? ''))];
  return kinds.map((kind) => ({
    name: 'forms',
    attributes: { type: kind },
    children: paths
      .filter((path) => path.split('/').at(-2) === kind)
      .flatMap((path) => children(source.xml(path), 'systemform')),
  }));
}

function savedQueries(source: Source, folder: string): readonly Element[] {
  const paths = source.paths(new RegExp(`^${escape(folder)}SavedQueries/[^/]+\\.xml$`));
  if (paths.length === 0) return [];
  const queries = paths.flatMap((path) => children(source.xml(path), 'savedquery'));
  return [{ name: 'savedqueries', attributes: {}, children: queries }];
}

/** The definitions, in the order of the index; both must name the same relationships. */
function relationships(source: Source): readonly Element[] {
  const index = children(source.xml('Other/Relationships.xml'), 'EntityRelationship').map((r) => nameOf(r));
  const definitions = source
    .paths(/^Other\/Relationships\/[^/]+\.xml$/)
    .flatMap((path) => children(source.xml(path), 'EntityRelationship'));
  const byName = new Map(definitions.map((definition) => [nameOf(definition), definition]));
  const odd = [...byName.keys()].filter((name) => !index.includes(name));
  const missing = index.filter((name) => !byName.has(name));
  if (odd.length + missing.length > 0) {
    throw new PackError(
      'SOLUTION_RELATIONSHIPS_DISAGREE',
      `Relationships are only in the index or only defined: ${[...odd, ...missing].join(', ')}.`,
      'Name each relationship in Other/Relationships.xml and define it in Other/Relationships/.',
    );
  }
  return index.flatMap((name) => byName.get(name) ?? []);
}

function customControl(name: string): Element {
  const leaf = (tag: string, text: string): Element => ({ name: tag, attributes: {}, children: [text] });
  return {
    name: 'CustomControl',
    attributes: {},
    children: [leaf('Name', name), leaf('FileName', `/Controls/${name}/ControlManifest.xml`)],
  };
}

const nameOf = (element: Element): string => element.attributes['Name'] ?? '';
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
