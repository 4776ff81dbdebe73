import { columnOfNavigation } from './distil-columns.mjs';
import { cascadeOf } from './distil-rules.mjs';

/** Every one-to-many between chosen tables: recorded where a definition names it, from the CSDL otherwise. */
export function relationshipsOf(sources, tables) {
  const recorded = recordedRelationships(sources, tables);
  const found = new Map(recorded.map((relationship) => [keyOf(relationship), relationship]));
  for (const table of Object.keys(tables)) {
    for (const relationship of csdlRelationships(table, sources, tables, recorded)) {
      if (!found.has(keyOf(relationship))) found.set(keyOf(relationship), relationship);
    }
  }
  // Some recorded relationships hang on a plain guid column (a process stage, the activity's own key): not lookups.
  return [...found.values()]
    .filter((one) => tables[one.child].columns[one.column].targets)
    .sort((a, b) => order(a.child, b.child) || order(a.column, b.column) || order(a.parent, b.parent));
}

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const keyOf = (relationship) => `${relationship.child}.${relationship.column}>${relationship.parent}`;

function recordedRelationships(sources, tables) {
  const definitions = [...sources.definitions.values()].flatMap((definition) => definition.oneToMany);
  return [...definitions, ...sources.recorded]
    .filter((one) => one.child in tables && one.column in tables[one.child].columns)
    .filter((one) => one.parent in tables || one.parent === 'owner')
    .map((one) => ({
      schema: one.schema,
      id: one.id,
      parent: one.parent,
      child: one.child,
      column: one.column,
      collection: one.collection,
      navigation: one.navigation,
      ...(one.hierarchical ? { hierarchical: true } : {}),
      cascade: shortCascade(one.cascade),
    }));
}

function shortCascade(cascade) {
  return drop({
    assign: cascade.Assign,
    delete: cascade.Delete,
    merge: cascade.Merge,
    reparent: cascade.Reparent,
    share: cascade.Share,
    unshare: cascade.Unshare,
  });
}

function csdlRelationships(table, sources, tables, recorded) {
  return sources.csdl.entities
    .get(table)
    .navigations.filter((navigation) => !navigation.many)
    .map((navigation) => ({
      ...navigation,
      target: navigation.target === 'principal' ? 'owner' : navigation.target,
    }))
    .map((navigation) => ({ navigation, column: columnOfNavigation(table, navigation) }))
    .filter(
      ({ navigation, column }) =>
        column in tables[table].columns && (navigation.target in tables || navigation.target === 'owner'),
    )
    .map(({ navigation, column }) => {
      const twin = recorded.find(
        (one) => one.child === table && one.column === column && one.parent === 'account',
      );
      return {
        schema: navigation.partner,
        parent: navigation.target,
        child: table,
        column,
        collection: navigation.partner,
        navigation: navigation.name,
        ...(navigation.target === table ? { hierarchical: /^parent/.test(column) } : {}),
        cascade: drop(cascadeOf(table, column, twin && full(twin.cascade))),
      };
    });
}

const KINDS = ['assign', 'delete', 'merge', 'reparent', 'share', 'unshare'];
const full = (cascade) => Object.fromEntries(KINDS.map((kind) => [kind, cascade[kind] ?? 'NoCascade']));

/** `NoCascade` is the default and not written. */
function drop(cascade) {
  return Object.fromEntries(
    Object.entries(cascade).filter(([, action]) => action !== undefined && action !== 'NoCascade'),
  );
}
