import type { ColumnDefinition, KeyDefinition, TableDefinition } from '../../model/definitions.ts';
import { columnMap, customTable, systemColumns } from '../define-table.ts';
import { stableId } from '../stable-id.ts';
import { labelOf, readColumn, type ColumnContext } from './read-column.ts';
import { SolutionError } from './solution-error.ts';
import { child, children, textOf, type XmlElement } from './xml-tree.ts';

export interface SolutionTable {
  readonly definition: TableDefinition;
  readonly notes: boolean;
  readonly activities: boolean;
}

/** A table of the solution: everything of it where the environment has none of that name, else what it adds. */
export function readTable(
  entity: XmlElement,
  known: TableDefinition | undefined,
  code: number,
  context: Omit<ColumnContext, 'table' | 'targets'> & {
    targets: ReadonlyMap<string, ColumnContext['targets']>;
  },
): SolutionTable {
  const node = child(entity, 'EntityInfo', 'entity');
  const schemaName = node?.attributes['Name'] ?? child(entity, 'Name')?.text.trim() ?? '';
  const logicalName = schemaName.toLowerCase();
  const attributes = children(node, 'attributes', 'attribute');
  const own = attributes.map((attribute) =>
    readColumn(attribute, {
      table: logicalName,
      targets: context.targets.get(logicalName) ?? new Map(),
      globalChoices: context.globalChoices,
    }),
  );
  const notes = isTrue(textOf(node, 'HasRelatedNotes'));
  const activities = isTrue(textOf(node, 'HasRelatedActivities'));
  const definition = known
    ? extended(known, own)
    : created({ node, entity, schemaName, logicalName, own, attributes, code, notes });
  return { definition, notes: notes && !known, activities: activities && !known };
}

const isTrue = (text: string | undefined): boolean => text === '1' || text?.toLowerCase() === 'true';

function extended(known: TableDefinition, own: readonly ColumnDefinition[]): TableDefinition {
  const added = own.filter((column) => !known.columns.has(column.logicalName));
  return { ...known, columns: columnMap(known.logicalName, [...known.columns.values(), ...added]) };
}

interface Draft {
  readonly node: XmlElement | undefined;
  readonly entity: XmlElement;
  readonly schemaName: string;
  readonly logicalName: string;
  readonly own: readonly ColumnDefinition[];
  readonly attributes: readonly XmlElement[];
  readonly code: number;
  readonly notes: boolean;
}

function created({
  node,
  entity,
  schemaName,
  logicalName,
  own,
  attributes,
  code,
  notes,
}: Draft): TableDefinition {
  const named = (test: (attribute: XmlElement) => boolean): string | undefined => {
    const at = attributes.findIndex(test);
    return at === -1 ? undefined : own[at]?.logicalName;
  };
  const primaryId = named((attribute) => textOf(attribute, 'Type') === 'primarykey');
  if (primaryId === undefined) {
    throw new SolutionError(
      'solution-incomplete',
      `Table ${schemaName} comes without a primary key column`,
      'A new table must be in the solution with all its columns.',
    );
  }
  const ownership = textOf(node, 'OwnershipTypeMask') === 'UserOwned' ? 'UserOwned' : 'OrganizationOwned';
  const label =
    labelOf(child(node, 'LocalizedNames'), 'LocalizedName') ??
    child(entity, 'Name')?.attributes['LocalizedName'] ??
    schemaName;
  const activity = textOf(node, 'IsActivity') === '1';
  const set = textOf(node, 'EntitySetName');
  // An export leaves out what the platform adds by itself, the row version among it.
  const system = systemColumns(logicalName, ownership).filter(
    (column) => !own.some((one) => one.logicalName === column.logicalName),
  );
  const table = customTable({
    logicalName,
    schemaName,
    displayName: label,
    displayCollectionName:
      labelOf(child(node, 'LocalizedCollectionNames'), 'LocalizedCollectionName') ?? `${label}s`,
    objectTypeCode: code,
    primaryId,
    primaryName:
      named((attribute) => (textOf(attribute, 'DisplayMask') ?? '').split('|').includes('PrimaryName')) ??
      null,
    primaryImage: own.find((column) => column.primaryImage)?.logicalName ?? null,
    ownership,
    columns: [...own, ...system],
    hasNotes: notes,
    keys: keysOf(node, logicalName),
    changeTracking: textOf(node, 'ChangeTrackingEnabled') === '1',
    ...(set === undefined ? {} : { entitySetName: set }),
  });
  return activity ? { ...table, activity, tableType: 'Activity' } : table;
}

function keysOf(node: XmlElement | undefined, table: string): KeyDefinition[] {
  return children(node, 'EntityKeys', 'EntityKey').map((key) => {
    const schemaName = textOf(key, 'Name') ?? '';
    return {
      logicalName: textOf(key, 'LogicalName') ?? schemaName.toLowerCase(),
      schemaName,
      metadataId: stableId('key', table, schemaName),
      columns: children(key, 'EntityKeyAttributes', 'AttributeName').map((name) =>
        name.text.trim().toLowerCase(),
      ),
    };
  });
}
