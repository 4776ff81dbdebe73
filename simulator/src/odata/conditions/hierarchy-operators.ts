import type { OneToManyDefinition } from '../../model/definitions.ts';
import { isLookup } from '../../model/schema.ts';
import { badRequest } from '../../service/errors.ts';
import { referenceId } from '../../store/values.ts';
import { comparableValue } from './column-value.ts';
import type { Operators, Target } from './condition.ts';

/** The ids on one side of a row in the hierarchy of its table. */
function amongKin(
  name: string,
  kin: (target: Target, hierarchy: OneToManyDefinition, id: string) => Iterable<string>,
  wanted = true,
): Operators {
  return {
    [name]: {
      takes: 1,
      compile: (target, [value = '']) => {
        const id = comparableValue(target.column, value);
        const ids = new Set(kin(target, hierarchyOf(target), id));
        return (text) => (text !== undefined && ids.has(text)) === wanted;
      },
    },
  };
}

/**
 * The relationship of a table with itself that is marked as its hierarchy. The column is the table's key or a
 * lookup to such a table. @throws ServiceError 400 `0x80047020` where there is none
 */
function hierarchyOf({ context, table, column }: Target): OneToManyDefinition {
  const { schema } = context.environment;
  const names = isLookup(column)
    ? schema
        .parents(table.logicalName)
        .filter((parent) => parent.referencingColumn === column.logicalName)
        .map((parent) => parent.referencedTable)
    : column.logicalName === table.primaryId
      ? [table.logicalName]
      : [];
  for (const name of names) {
    const found = schema
      .children(name)
      .find((child) => child.hierarchical && child.referencingTable === child.referencedTable);
    if (found !== undefined) return found;
  }
  throw badRequest(
    `This query uses a hierarchical operator, but the ${names[0] ?? table.logicalName} entity doesn't have a hierarchical relationship.`,
    '0x80047020',
  );
}

/** All rows below the row, nearest first, without itself. */
function below({ context }: Target, hierarchy: OneToManyDefinition, id: string): string[] {
  const store = context.environment.database.store(hierarchy.referencingTable);
  const found = new Set([id]);
  for (const parent of found) {
    for (const child of store.referrers(hierarchy.referencingColumn, parent)) found.add(child);
  }
  return [...found].slice(1);
}

/** All rows above the row, nearest first, without itself. */
function above({ context }: Target, hierarchy: OneToManyDefinition, id: string): string[] {
  const store = context.environment.database.store(hierarchy.referencingTable);
  const found = new Set([id]);
  for (const child of found) {
    const parent = referenceId(store.get(child)?.values[hierarchy.referencingColumn]);
    if (parent !== undefined) found.add(parent);
  }
  return [...found].slice(1);
}

export const HIERARCHY_OPERATORS: Operators = {
  ...amongKin('above', above),
  ...amongKin('eq-or-above', (target, hierarchy, id) => [id, ...above(target, hierarchy, id)]),
  ...amongKin('under', below),
  ...amongKin('eq-or-under', (target, hierarchy, id) => [id, ...below(target, hierarchy, id)]),
  ...amongKin('not-under', below, false),
};
