import type { OneToManyDefinition, SchemaDefinition, TableDefinition } from '../model/definitions.ts';
import { lookupRelationship, systemRelationships } from './define-table.ts';

export interface AttachOptions {
  /** Notes may be written to rows of the table. */
  readonly notes?: boolean;
  /** Activities may regard rows of the table. */
  readonly activities?: boolean;
  /** Relationships of the table's own lookups. */
  readonly lookups?: readonly OneToManyDefinition[];
}

const PARENTAL = {
  assign: 'Cascade',
  delete: 'Cascade',
  merge: 'NoCascade',
  reparent: 'Cascade',
  share: 'Cascade',
  unshare: 'Cascade',
} as const;

/** The schema with one more table, joined to what every table is joined to: owners, notes, activities, files. */
export function attachTable(
  schema: SchemaDefinition,
  table: TableDefinition,
  options: AttachOptions = {},
): SchemaDefinition {
  const added = withoutRepeats([...(options.lookups ?? []), ...systemRelationships(table)]);
  const widened = new Map<string, readonly string[]>();
  const point = (
    child: string,
    column: string,
    navigation: string,
    cascade: OneToManyDefinition['cascade'] | object,
  ): void => {
    widened.set(child, [...(widened.get(child) ?? []), column]);
    added.push(
      lookupRelationship({
        schemaName: `${table.logicalName}_${child}_${column}`,
        parent: table.logicalName,
        parentId: table.primaryId,
        child,
        column,
        navigation,
        custom: true,
        cascade,
      }),
    );
  };
  const name = table.logicalName;
  if (options.notes) point('annotation', 'objectid', `objectid_${name}`, PARENTAL);
  if (options.activities) {
    point('activityparty', 'partyid', `partyid_${name}`, {});
    for (const activity of schema.tables.filter((one) => one.activity)) {
      const own = activity.logicalName === 'activitypointer' ? '' : `_${activity.logicalName}`;
      point(
        activity.logicalName,
        'regardingobjectid',
        `regardingobjectid_${name}${own}`,
        own === '' ? {} : PARENTAL,
      );
    }
  }
  if ([...table.columns.values()].some((column) => column.secured === true)) {
    point('principalobjectattributeaccess', 'objectid', `objectid_${name}`, { delete: 'Cascade' });
  }
  if ([...table.columns.values()].some((column) => column.type === 'FileType')) {
    point('fileattachment', 'objectid', `objectid_${name}`, { delete: 'Cascade' });
  }
  return {
    ...schema,
    tables: [...schema.tables.map((one) => withTarget(one, widened.get(one.logicalName), name)), table],
    oneToMany: [...schema.oneToMany, ...added],
  };
}

/** The first relationship of a lookup to a table counts. */
function withoutRepeats(relationships: readonly OneToManyDefinition[]): OneToManyDefinition[] {
  const keyOf = (one: OneToManyDefinition): string =>
    `${one.referencingTable}.${one.referencingColumn}>${one.referencedTable}`;
  return [...new Map([...relationships].reverse().map((one) => [keyOf(one), one])).values()].reverse();
}

function withTarget(
  table: TableDefinition,
  names: readonly string[] | undefined,
  target: string,
): TableDefinition {
  if (!names) return table;
  const columns = new Map(table.columns);
  for (const name of names) {
    const column = columns.get(name);
    if (column?.targets && !column.targets.includes(target)) {
      columns.set(name, { ...column, targets: [...column.targets, target].sort() });
    }
  }
  return { ...table, columns };
}
