import type { ManyToManyDefinition, TableDefinition } from '../../model/definitions.ts';
import { intersectTable } from '../define-table.ts';
import { stableId } from '../stable-id.ts';
import type { PackageData } from './read-package-data.ts';
import type { PackageTable } from './read-package-schema.ts';

const FIRST_CODE = 11_500;

export interface End {
  readonly link: ManyToManyDefinition;
  readonly intersect: TableDefinition;
}

/** Many-to-many relationships that the package declares or has pairs of, with their intersect tables. */
export function manyToManyOf(
  packageTables: readonly PackageTable[],
  data: PackageData,
  tables: ReadonlyMap<string, TableDefinition>,
  known: readonly ManyToManyDefinition[],
  notes: string[],
): End[] {
  const have = new Set(known.flatMap((link) => [link.schemaName, link.intersectTable]));
  const declared = packageTables.flatMap((table) =>
    table.manyToMany.map(({ name, target }) => ({ name, source: table.name, target })),
  );
  const met = data.links.map((link) => ({
    name: link.relationship,
    source: link.sourceTable,
    target: link.targetTable,
  }));
  const ends: End[] = [];
  for (const { name, source, target } of [...declared, ...met]) {
    if (have.has(name)) continue;
    const [one, two] = [tables.get(source), tables.get(target)];
    if (!one || !two) {
      notes.push(
        `The many-to-many ${name} is left out: this environment has no table ${one ? target : source}, and the package has no pair of it.`,
      );
    } else ends.push(linkOf(name, one, two, FIRST_CODE + ends.length));
    have.add(name);
  }
  return ends;
}

function linkOf(name: string, one: TableDefinition, two: TableDefinition, code: number): End {
  const self = one.logicalName === two.logicalName;
  const column1 = self ? `${one.primaryId}one` : one.primaryId;
  const column2 = self ? `${two.primaryId}two` : two.primaryId;
  const link: ManyToManyDefinition = {
    schemaName: name,
    metadataId: stableId('link', name),
    intersectTable: name,
    table1: one.logicalName,
    column1,
    navigation1: name,
    table2: two.logicalName,
    column2,
    navigation2: self ? `${name}_referenced` : name,
    custom: true,
  };
  return { link, intersect: intersectTable(name, code, column1, column2) };
}
