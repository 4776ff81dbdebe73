import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { PackError } from './errors.ts';

/** One element: its name, attributes and children in document order. Text is a child without a name. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}
export type Node = Element | string;

// Values stay text, and entities stay as they are written, so that what goes in comes out. The prefix lets a control's
// manifest have its attribute `constructor`, a name that the parser refuses to put on an object.
const mark = '@';
const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: mark,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: true,
} as const;

/** The root element of a document. */
export function parseXml(text: string, path: string): Element {
  const source = text.replace(/^\uFEFF/, '');
  const valid = XMLValidator.validate(source);
  if (valid !== true) {
    throw new PackError(
      'SOLUTION_XML_MALFORMED',
      `${path}, line ${valid.err.line}: ${valid.err.msg}`,
      'Correct the XML of this file.',
    );
  }
  const nodes = readNodes(new XMLParser(options).parse(source));
  const root = nodes.find((node): node is Element => typeof node !== 'string' && !node.name.startsWith('?'));
  if (root === undefined) {
    throw new PackError('SOLUTION_XML_EMPTY', `${path} has no root element.`, 'Restore the file.');
  }
  return root;
}

export function printXml(root: Element): string {
  const body = new XMLBuilder({ ...options, format: true, indentBy: '  ', suppressEmptyNode: true });
  return `<?xml version="1.0" encoding="utf-8"?>\n${String(body.build([writeNode(root)])).trim()}\n`;
}

/** The child element of that name. */
export function child(element: Element, name: string): Element | undefined {
  return children(element, name)[0];
}

export function children(element: Element, name?: string): readonly Element[] {
  return element.children.filter(
    (node): node is Element => typeof node !== 'string' && (name === undefined || node.name === name),
  );
}

export function textOf(element: Element | undefined): string {
  return (element?.children ?? []).filter((node) => typeof node === 'string').join('');
}

/** Every element below and including this one, in document order. */
export function* elements(element: Element): Generator<Element> {
  yield element;
  for (const below of children(element)) yield* elements(below);
}

export function withChildren(element: Element, below: readonly Node[]): Element {
  return { ...element, children: below };
}

// The parser's own form: one object per node, the tag as its key, attributes under ':@', text under '#text'.
type Raw = Readonly<Record<string, unknown>>;

function readNodes(raw: unknown): readonly Node[] {
  // preserveOrder always gives arrays of objects.
  return (raw as readonly Raw[]).flatMap((node): readonly Node[] => {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined) return [];
    if (name === '#text') return [String(node[name])];
    // With parseAttributeValue off, attributes are text.
    const marked = Object.entries((node[':@'] ?? {}) as Readonly<Record<string, string>>);
    const attributes = Object.fromEntries(marked.map(([key, value]) => [key.slice(mark.length), value]));
    return [{ name, attributes, children: readNodes(node[name]) }];
  });
}

function writeNode(node: Node): Raw {
  if (typeof node === 'string') return { '#text': node };
  const attributes: Record<string, string> = {};
  for (const [key, value] of Object.entries(node.attributes)) attributes[mark + key] = value;
  return { [node.name]: node.children.map(writeNode), ':@': attributes };
}
