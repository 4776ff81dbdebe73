import { SaxesParser } from 'saxes';
import { badRequest } from '../../service/errors.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Reads the query text into elements. @throws ServiceError 400 `0x80040203` for XML that is none */
export function parseFetchXml(text: string): XmlElement {
  const stack: XmlElement[] = [];
  let root: XmlElement | undefined;
  let failure: string | undefined;
  const parser = new SaxesParser();
  parser.on('error', (error) => (failure ??= error.message));
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes, children: [], text: '' };
    stack.at(-1)?.children.push(element);
    root ??= element;
    stack.push(element);
  });
  parser.on('text', (part) => {
    const current = stack.at(-1);
    if (current !== undefined) current.text += part;
  });
  parser.on('closetag', () => void stack.pop());
  parser.write(text).close();
  if (failure !== undefined || root?.name !== 'fetch') {
    throw badRequest(`Invalid XML. ${failure ?? 'The root element is not <fetch>.'}`, '0x80040203');
  }
  return root;
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}
