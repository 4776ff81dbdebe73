import { SaxesParser } from 'saxes';
import { SolutionError } from './solution-error.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** The root element of a document that is small enough to be held whole. Throws SolutionError. */
export function parseXml(xml: string, file: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser({ xmlns: false, position: true });
  parser.on('error', (cause) => {
    throw new SolutionError(
      'solution-xml-invalid',
      `${file} is not well-formed XML: line ${parser.line}, column ${parser.column}: ${cause.message}`,
      'The solution file is damaged; pack or export it again.',
      cause,
    );
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return root.children[0] ?? root;
}

/** The first child of that name, at the end of the path. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((one) => one.name === name);
  return at;
}

/** The children of that name of the element at the end of the path. */
export function children(element: XmlElement | undefined, ...path: readonly string[]): readonly XmlElement[] {
  const name = path.at(-1);
  return child(element, ...path.slice(0, -1))?.children.filter((one) => one.name === name) ?? [];
}

/** The text of a child, or undefined where it is missing or empty. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text.trim() || undefined;
}
