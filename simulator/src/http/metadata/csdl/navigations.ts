import type { Navigation, Schema } from '../../../model/schema.ts';

/** A navigation property as `$metadata` declares it. */
export interface DeclaredNavigation {
  readonly name: string;
  /** Logical name of the type it leads to. */
  readonly target: string;
  readonly many: boolean;
  /** The navigation property that leads back. */
  readonly partner: string;
  /** Single-valued ones: the `_x_value` property and the key that it holds. */
  readonly constraint: { readonly property: string; readonly referenced: string } | undefined;
}

/** The navigation properties of a table that lead to something this service exposes. */
export function declaredNavigations(schema: Schema, table: string): DeclaredNavigation[] {
  return [...schema.navigations(table)].flatMap(([name, navigation]) => {
    const declared = declare(schema, table, name, navigation);
    return isDeclared(schema, declared.target) ? [declared] : [];
  });
}

/** `owner` has no set of its own: as a type it is the base of users and teams. */
function typeOf(table: string): string {
  return table === 'owner' ? 'principal' : table;
}

export function isDeclared(schema: Schema, target: string): boolean {
  return target === 'principal' || (schema.table(target)?.entitySetName ?? null) !== null;
}

function declare(schema: Schema, table: string, name: string, navigation: Navigation): DeclaredNavigation {
  if (navigation.kind === 'links') {
    const { relationship, side } = navigation;
    return {
      name,
      target: side === 1 ? relationship.table2 : relationship.table1,
      many: true,
      partner: side === 1 ? relationship.navigation2 : relationship.navigation1,
      constraint: undefined,
    };
  }
  const { relationship } = navigation;
  if (navigation.kind === 'collection') {
    return {
      name,
      target: relationship.referencingTable,
      many: true,
      partner: relationship.referencingNavigation,
      constraint: undefined,
    };
  }
  const property = `_${relationship.referencingColumn}_value`;
  return {
    name,
    target: typeOf(relationship.referencedTable),
    many: false,
    partner: relationship.referencedNavigation,
    constraint: schema.properties(table).has(property)
      ? { property, referenced: relationship.referencedColumn }
      : undefined,
  };
}
