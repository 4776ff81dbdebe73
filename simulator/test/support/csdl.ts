import { XMLParser } from 'fast-xml-parser';

export interface Navigation {
  readonly target: string;
  readonly many: boolean;
  readonly partner: string | undefined;
  /** The property that holds the key of the target; derived types may leave it out. */
  readonly property: string | undefined;
}

export interface EntityType {
  readonly base: string | undefined;
  readonly key: string | undefined;
  readonly set: string | undefined;
  /** Edm types by name, inherited ones too. */
  readonly properties: ReadonlyMap<string, string>;
  readonly navigations: ReadonlyMap<string, Navigation>;
}

interface Node {
  readonly [name: string]: string | Node | readonly Node[] | undefined;
}

const LISTS = [
  'EntityType',
  'Property',
  'NavigationProperty',
  'ReferentialConstraint',
  'EntitySet',
  'PropertyRef',
];

/** The entity types of a `$metadata` document that are tables, by name. */
export function readTypes(xml: string): ReadonlyMap<string, EntityType> {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    isArray: (name) => LISTS.includes(name),
  });
  const document: unknown = parser.parse(xml);
  const schema = path(document, 'Edmx', 'DataServices', 'Schema');
  const sets = new Map(
    list(path(schema, 'EntityContainer')['EntitySet']).map((set) => [
      bare(text(set, 'EntityType')),
      text(set, 'Name'),
    ]),
  );
  const nodes = new Map(list(schema['EntityType']).map((type) => [text(type, 'Name'), type]));
  return new Map(
    [...nodes]
      .filter(([name]) => !/Metadata|^crm(model)?baseentity$/.test(name))
      .map(([name, node]) => [name, typeOf(node, nodes, sets.get(name))]),
  );
}

function typeOf(node: Node, nodes: ReadonlyMap<string, Node>, set: string | undefined): EntityType {
  const base = bare(text(node, 'BaseType'));
  const line = [nodes.get(base), node].filter((one) => one !== undefined);
  const key = line.flatMap((one) => list(path(one, 'Key')['PropertyRef']))[0];
  return {
    base: base === '' ? undefined : base,
    key: key && text(key, 'Name'),
    set,
    properties: new Map(
      line.flatMap((one) => list(one['Property'])).map((one) => [text(one, 'Name'), bare(text(one, 'Type'))]),
    ),
    navigations: new Map(
      line
        .flatMap((one) => list(one['NavigationProperty']))
        .map((one) => [text(one, 'Name'), navigationOf(one)]),
    ),
  };
}

function navigationOf(node: Node): Navigation {
  const type = text(node, 'Type');
  const [constraint] = list(node['ReferentialConstraint']);
  return {
    target: bare(type),
    many: type.startsWith('Collection('),
    partner: text(node, 'Partner') || undefined,
    property: constraint && text(constraint, 'Property'),
  };
}

const bare = (type: string) => type.replace(/^Collection\(|\)$/g, '').replace(/^.*\./, '');

function path(node: unknown, ...names: readonly string[]): Node {
  let at: unknown = node;
  for (const name of names) at = (at as Node | undefined)?.[name]; // the parser returns plain objects
  return (typeof at === 'object' ? at : {}) as Node; // an element with attributes or children
}

function list(value: Node[string]): readonly Node[] {
  return (value ?? []) as readonly Node[]; // isArray above makes these lists
}

function text(node: Node, name: string): string {
  const value = node[name];
  return typeof value === 'string' ? value : '';
}
