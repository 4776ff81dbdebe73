import { SaxesParser } from 'saxes';
import { PackageError } from './package-error.ts';

export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>, line: number): void;
  /** Text directly inside an element. */
  text?(name: string, text: string): void;
  close?(name: string): void;
}

const CHUNK_CHARS = 1 << 16;

/** Streams a document through the handlers. Broken XML is a PackageError that names the line. */
export function readXml(text: string, file: string, handlers: XmlHandlers): void {
  const parser = new SaxesParser({ xmlns: false, position: true });
  parser.on('error', (cause) => {
    throw new PackageError(
      'package-xml-invalid',
      `${file} is not well-formed XML: line ${parser.line}, column ${parser.column}: ${cause.message}`,
      'The file is damaged or cut short; export the package again.',
      cause,
    );
  });
  let inside = '';
  parser.on('opentag', (tag) => {
    inside = tag.name;
    handlers.open(tag.name, tag.attributes, parser.line);
  });
  parser.on('text', (text) => handlers.text?.(inside, text));
  parser.on('closetag', (tag) => {
    inside = '';
    handlers.close?.(tag.name);
  });
  for (let at = 0; at < text.length; at += CHUNK_CHARS) parser.write(text.slice(at, at + CHUNK_CHARS));
  parser.close();
}

/** Reads an attribute that must be there; `whose` ends the sentence of the hint. Throws PackageError. */
export function attributeReader(file: string, whose: string) {
  return (
    attributes: Readonly<Record<string, string>>,
    name: string,
    element: string,
    line: number,
  ): string => {
    const value = attributes[name];
    if (value) return value;
    throw new PackageError(
      'package-schema-invalid',
      `${file} line ${line}: <${element}> has no ${name}`,
      `It must be the ${whose}.`,
    );
  };
}
