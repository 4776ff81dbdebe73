import { child, children, elements, textOf, type Element } from '../../pack/xml.ts';

/** Questions that the tests ask of a packed `customizations.xml`. */

export const section = (customizations: Element, name: string): readonly Element[] => {
  const found = child(customizations, name);
  return found === undefined ? [] : children(found);
};

export const all = (root: Element, name: string): readonly Element[] =>
  [...elements(root)].filter((element) => element.name === name);

export const text = (root: Element, name: string): string => textOf(child(root, name));

export interface Table {
  readonly name: string;
  readonly entity: Element;
  /** The column's `<attribute>` by logical name. */
  readonly columns: ReadonlyMap<string, Element>;
  readonly forms: readonly Element[];
  readonly views: readonly Element[];
}

export function tablesOf(customizations: Element): readonly Table[] {
  return section(customizations, 'Entities').map((entity) => ({
    name: text(entity, 'Name').toLowerCase(),
    entity,
    columns: new Map(
      all(entity, 'attribute').flatMap((a) =>
        a.attributes['PhysicalName'] === undefined ? [] : [[text(a, 'LogicalName'), a] as const],
      ),
    ),
    forms: all(entity, 'systemform'),
    views: all(entity, 'savedquery'),
  }));
}
