import { type Outsider, type RawRow, type TableFacts } from './outsider.ts';

/** A row by table and id, with the name that people know it by. */
export interface DamagedRow {
  readonly table: string;
  readonly id: string;
  readonly name: string;
}

export interface Damage {
  readonly overwritten: { readonly rows: readonly DamagedRow[]; readonly columns: readonly string[] };
  readonly deleted: DamagedRow & { readonly notes: number; readonly files: number };
  readonly unlinked: (DamagedRow & { readonly between: string }) | null;
}

interface Column {
  readonly LogicalName: string;
  readonly AttributeTypeName: { readonly Value: string } | null;
  readonly IsValidForUpdate: boolean;
  readonly RequiredLevel: { readonly Value: string } | null;
  readonly AttributeOf: string | null;
}

/** Tables whose rows belong to the platform: the story leaves them alone. */
const spared = new Set(
  (
    'systemuser team businessunit organization role transactioncurrency queue workflow processstage connectionrole annotation customeraddress ' +
    'activityparty fileattachment privilege subject uom uomschedule product pricelevel productpricelevel'
  ).split(' '),
);
const overwrittenRows = 30;

/** Does what hurts: an import overwrites two columns of many rows, a user deletes a record, a link is removed. */
export async function doDamage(
  administrator: Outsider,
  importer: Outsider,
  person: Outsider,
  tables: readonly TableFacts[],
): Promise<Damage> {
  const deletion = await chooseDeletion(administrator, tables);
  const overwritten = await overwrite(importer, administrator, tables, deletion.id);
  const unlinked = await unlink(administrator, person, tables, deletion.id);
  const facts = tables.find((table) => table.table === deletion.table);
  if (!facts) throw new Error(`no facts about ${deletion.table}`);
  await person.send('DELETE', `${facts.entitySet}(${deletion.id})`);
  return { overwritten, deleted: deletion, unlinked };
}

async function overwrite(
  importer: Outsider,
  administrator: Outsider,
  tables: readonly TableFacts[],
  spare: string,
): Promise<Damage['overwritten']> {
  const candidates = tables.filter(
    (facts) => !spared.has(facts.table) && !facts.intersect && facts.primaryName !== null,
  );
  let best: { facts: TableFacts; rows: RawRow[]; columns: string[] } | null = null;
  for (const facts of candidates) {
    const columns = await writableTexts(administrator, facts);
    if (columns.length === 0) continue;
    const rows = (await administrator.rows(facts)).filter(
      (row) => row[facts.primaryId] !== spare && row['statecode'] !== 1,
    );
    if (!best || interest(facts, rows.length) > interest(best.facts, best.rows.length))
      best = { facts, rows, columns };
  }
  if (!best) throw new Error('the environment has no table with a text column to overwrite');
  const { facts, columns } = best;
  const rows = best.rows.slice(0, overwrittenRows);
  for (const [index, row] of rows.entries()) {
    const body = Object.fromEntries(columns.map((column) => [column, `Import ${index + 1}`]));
    await importer.send('PATCH', `${facts.entitySet}(${String(row[facts.primaryId])})`, body, {
      'if-match': '*',
    });
  }
  return {
    columns,
    rows: rows.map((row) => ({
      table: facts.table,
      id: String(row[facts.primaryId]),
      name: nameOf(row, facts),
    })),
  };
}

/** A table with enough rows, accounts before all others: everybody knows what an account is. */
const interest = (facts: TableFacts, rowCount: number): number =>
  Math.min(rowCount, overwrittenRows) +
  (facts.table === 'account' && rowCount >= overwrittenRows / 2 ? 1000 : 0);

/** Two writable text columns: the name, and another one; not of an address, which the platform keeps in two places. */
async function writableTexts(service: Outsider, facts: TableFacts): Promise<string[]> {
  const answer = await service.get(
    `EntityDefinitions(LogicalName='${facts.table}')/Attributes?$select=LogicalName,AttributeTypeName,IsValidForUpdate,RequiredLevel,AttributeOf`,
  );
  // Recorded shape of the service.
  const columns = (answer['value'] as Column[]).filter(
    (column) =>
      column.IsValidForUpdate &&
      column.AttributeOf === null &&
      ['StringType', 'MemoType'].includes(column.AttributeTypeName?.Value ?? ''),
  );
  const names = columns.map((column) => column.LogicalName).sort();
  if (facts.primaryName === null || !names.includes(facts.primaryName)) return [];
  const others = names.filter((name) => name !== facts.primaryName && !name.startsWith('address'));
  const other =
    others.find((name) => name === 'telephone1') ??
    others.find((name) => /description|city|comment|title|note/.test(name));
  return other === undefined ? [facts.primaryName] : [facts.primaryName, other];
}

/** The record to delete: with notes if any record has notes, and with files if one has both. */
async function chooseDeletion(service: Outsider, tables: readonly TableFacts[]): Promise<Damage['deleted']> {
  const notes = await notesByParent(service, tables);
  const files = await filesByParent(service);
  const left = await peopleWhoLeft(service);
  let best: Damage['deleted'] | null = null;
  for (const facts of tables) {
    if (spared.has(facts.table) || facts.intersect) continue;
    for (const row of await service.rows(facts)) {
      if (left.has(String(row['_ownerid_value']))) continue;
      const id = String(row[facts.primaryId]);
      const candidate = {
        table: facts.table,
        id,
        name: nameOf(row, facts),
        notes: notes.get(id) ?? 0,
        files: files.get(id) ?? 0,
      };
      if (!best || weight(candidate) > weight(best)) best = candidate;
    }
  }
  if (!best) throw new Error('the environment has no record to delete');
  return best;
}

const weight = (row: { notes: number; files: number }): number =>
  (row.notes > 0 ? 100 : 0) + (row.files > 0 ? 100 : 0) + row.notes + row.files;

async function notesByParent(service: Outsider, tables: readonly TableFacts[]): Promise<Map<string, number>> {
  const facts = tables.find((table) => table.table === 'annotation');
  if (!facts) return new Map();
  const left = await peopleWhoLeft(service);
  const rows = await service.rows(facts, '?$select=annotationid,_objectid_value,_ownerid_value');
  const parents = countBy(rows, '_objectid_value');
  for (const row of rows)
    if (left.has(String(row['_ownerid_value']))) parents.delete(String(row['_objectid_value']));
  return parents;
}

/** Nobody can own a row any more who has left: a restore gives it to somebody else and says so. The story wants all back. */
async function peopleWhoLeft(service: Outsider): Promise<Set<string>> {
  const users = (await service.tables()).get('systemuser');
  if (!users) return new Set();
  const rows = await service.rows(users, '?$select=systemuserid&$filter=isdisabled eq true');
  return new Set(rows.map((row) => String(row['systemuserid'])));
}

async function filesByParent(service: Outsider): Promise<Map<string, number>> {
  const facts = (await service.tables()).get('fileattachment');
  return facts
    ? countBy(await service.rows(facts, '?$select=fileattachmentid,_objectid_value'), '_objectid_value')
    : new Map();
}

function countBy(rows: readonly RawRow[], column: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const id = row[column];
    if (typeof id === 'string') counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

interface ManyToMany {
  readonly IntersectEntityName: string;
  readonly Entity1LogicalName: string;
  readonly Entity1IntersectAttribute: string;
  readonly Entity1NavigationPropertyName: string;
  readonly Entity2LogicalName: string;
  readonly Entity2IntersectAttribute: string;
}

/** Removes one many-to-many link between two rows that both stay. */
async function unlink(
  administrator: Outsider,
  person: Outsider,
  tables: readonly TableFacts[],
  spare: string,
): Promise<Damage['unlinked']> {
  const answer = await administrator.get(
    'RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata',
  );
  // Recorded shape of the service.
  for (const relation of answer['value'] as ManyToMany[]) {
    const facts = tables.find((table) => table.table === relation.IntersectEntityName);
    const first = tables.find((table) => table.table === relation.Entity1LogicalName);
    const second = tables.find((table) => table.table === relation.Entity2LogicalName);
    if (!facts || !first || !second || spared.has(first.table) || spared.has(second.table)) continue;
    const row = (await administrator.rows(facts)).find(
      (link) =>
        link[relation.Entity1IntersectAttribute] !== spare &&
        link[relation.Entity2IntersectAttribute] !== spare,
    );
    if (!row) continue;
    const [id1, id2] = [
      String(row[relation.Entity1IntersectAttribute]),
      String(row[relation.Entity2IntersectAttribute]),
    ];
    await person.send(
      'DELETE',
      `${first.entitySet}(${id1})/${relation.Entity1NavigationPropertyName}(${id2})/$ref`,
    );
    const between = `${first.table} and ${second.table}`;
    return { table: facts.table, id: String(row[facts.primaryId]), name: `${id1} – ${id2}`, between };
  }
  return null;
}

function nameOf(row: RawRow, facts: TableFacts): string {
  const name = facts.primaryName === null ? null : row[facts.primaryName];
  return typeof name === 'string' ? name : String(row[facts.primaryId]);
}
