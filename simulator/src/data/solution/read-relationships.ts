import type {
  Cascade,
  DeleteCascade,
  ManyToManyDefinition,
  OneToManyDefinition,
} from '../../model/definitions.ts';
import { stableId } from '../stable-id.ts';
import { children, textOf, type XmlElement } from './xml-tree.ts';

/** A relationship as written: schema names, before it is known which tables there are. */
export interface RawLookup {
  readonly schemaName: string;
  readonly parent: string;
  readonly child: string;
  readonly columnSchema: string;
  readonly column: string;
  readonly navigation: string | undefined;
  readonly collection: string;
  readonly hierarchical: boolean;
  readonly cascade: OneToManyDefinition['cascade'];
}

export interface RawLink {
  readonly schemaName: string;
  readonly intersect: string;
  readonly first: string;
  readonly second: string;
}

export function readRelationships(root: XmlElement): { lookups: RawLookup[]; links: RawLink[] } {
  const nodes = children(root, 'EntityRelationships', 'EntityRelationship');
  return {
    lookups: nodes.filter((node) => textOf(node, 'EntityRelationshipType') === 'OneToMany').map(lookupOf),
    links: nodes.filter((node) => textOf(node, 'EntityRelationshipType') === 'ManyToMany').map(linkOf),
  };
}

function lookupOf(node: XmlElement): RawLookup {
  const schemaName = node.attributes['Name'] ?? '';
  const columnSchema = textOf(node, 'ReferencingAttributeName') ?? '';
  // Role type 1 is the table with the lookup, 0 the table it points to.
  const navigationOf = (type: string): string | undefined =>
    textOf(
      children(node, 'EntityRelationshipRoles', 'EntityRelationshipRole').find(
        (role) => textOf(role, 'RelationshipRoleType') === type,
      ),
      'NavigationPropertyName',
    );
  return {
    schemaName,
    parent: (textOf(node, 'ReferencedEntityName') ?? '').toLowerCase(),
    child: (textOf(node, 'ReferencingEntityName') ?? '').toLowerCase(),
    columnSchema,
    column: columnSchema.toLowerCase(),
    navigation: navigationOf('1'),
    collection: navigationOf('0') ?? schemaName,
    hierarchical: textOf(node, 'IsHierarchical') === '1',
    cascade: {
      assign: security(node, 'CascadeAssign'),
      delete: deletion(node),
      merge: 'NoCascade',
      reparent: security(node, 'CascadeReparent'),
      share: security(node, 'CascadeShare'),
      unshare: security(node, 'CascadeUnshare'),
    },
  };
}

const SECURITY: Readonly<Record<string, Cascade>> = {
  Cascade: 'Cascade',
  ActiveOnly: 'Active',
  UserOwned: 'UserOwned',
};

function security(node: XmlElement, name: string): Cascade {
  return SECURITY[textOf(node, name) ?? ''] ?? 'NoCascade';
}

function deletion(node: XmlElement): DeleteCascade {
  const text = textOf(node, 'CascadeDelete');
  return text === 'Cascade' || text === 'RemoveLink' || text === 'Restrict' ? text : 'NoCascade';
}

function linkOf(node: XmlElement): RawLink {
  const schemaName = node.attributes['Name'] ?? '';
  return {
    schemaName,
    intersect: (textOf(node, 'IntersectEntityName') ?? schemaName).toLowerCase(),
    first: (textOf(node, 'FirstEntityName') ?? '').toLowerCase(),
    second: (textOf(node, 'SecondEntityName') ?? '').toLowerCase(),
  };
}

/** Several targets of one lookup are told apart by their name; a column of the platform is named in lower case. */
export function lookupDefinition(
  raw: RawLookup,
  parentId: string,
  custom: boolean,
  several: boolean,
): OneToManyDefinition {
  const plain = custom ? raw.columnSchema : raw.column;
  return {
    schemaName: raw.schemaName,
    metadataId: stableId('relationship', raw.schemaName, raw.child, raw.column, raw.parent),
    referencedTable: raw.parent,
    referencedColumn: parentId,
    referencingTable: raw.child,
    referencingColumn: raw.column,
    referencedNavigation: raw.collection,
    referencingNavigation: raw.navigation ?? (several ? `${plain}_${raw.parent}` : plain),
    custom,
    hierarchical: raw.hierarchical,
    cascade: raw.cascade,
  };
}

export function linkDefinition(raw: RawLink, column1: string, column2: string): ManyToManyDefinition {
  const self = raw.first === raw.second;
  return {
    schemaName: raw.schemaName,
    metadataId: stableId('link', raw.schemaName),
    intersectTable: raw.intersect,
    table1: raw.first,
    column1: self ? `${column1}one` : column1,
    navigation1: raw.schemaName,
    table2: raw.second,
    column2: self ? `${column2}two` : column2,
    navigation2: self ? `${raw.schemaName}_referenced` : raw.schemaName,
    custom: true,
  };
}

/** Where each lookup leads, by table and column: exports leave the list of targets empty. */
export function targetsByColumn(lookups: readonly RawLookup[]): Map<string, Map<string, string[]>> {
  const tables = new Map<string, Map<string, string[]>>();
  for (const lookup of lookups) {
    const columns = tables.get(lookup.child) ?? new Map<string, string[]>();
    tables.set(lookup.child, columns);
    columns.set(lookup.column, [...(columns.get(lookup.column) ?? []), lookup.parent].sort());
  }
  return tables;
}
