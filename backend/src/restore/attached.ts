import { isReference, type Value } from '../base/value.ts';
import type { DataverseClient, ManyToMany, Party, TableDetails } from '../dataverse/index.ts';
import { literalId } from './literal.ts';
import type { FoundRow, PutVersion, Snapshot, Vault } from '../vault/index.ts';
import { newestPut, readDetails, snapshotShowing, type RecordVersions } from './record.ts';
import type { PlannedLink } from './plan.ts';

type Source = { readonly client: DataverseClient; readonly vault: Vault };

/** Tables whose rows belong to a record by `objectid` and go with it. */
const ownedTables = ['annotation', 'activitymimeattachment'];

export interface Owned {
  readonly details: TableDetails;
  readonly version: PutVersion;
}

/**
 * Notes and mail attachments that went with a deleted record: gone by the same snapshot or a later one, or not seen gone
 * yet, and not live now. What had been deleted before the record itself stays deleted.
 */
export async function goneWithRecord(source: Source, record: RecordVersions): Promise<Owned[]> {
  const found: Owned[] = [];
  const goneAfter = await goneAfterOf(source.vault, record);
  for (const table of ownedTables) {
    const at = record.tables.get(table);
    const details = at === undefined ? null : await readDetails(source.client, table);
    if (at === undefined || details === null) continue;
    const rows = await source.vault
      .table(table)
      .find('objectid', record.id, at.throughSeq, { includeGone: true });
    const wentAlong = rows.filter((row) => pointsTo(row, record) && wentWith(row, goneAfter));
    const live = await source.client.readRows(
      details,
      wentAlong.map(({ version }) => version.key),
      [details.primaryId ?? ''],
    );
    for (const { version } of wentAlong) if (!live.has(version.key)) found.push({ details, version });
  }
  return found;
}

function pointsTo(row: FoundRow, record: RecordVersions): boolean {
  const object = row.version.values['objectid'];
  return isReference(object) && object.table === record.table && object.id === record.id;
}

/**
 * Id of the last snapshot that shows the record alive: what is gone by a later run went with it, also where that run was
 * cut short between the two tables. Null: the record was not seen gone yet.
 */
async function goneAfterOf(vault: Vault, record: RecordVersions): Promise<string | null> {
  const last = record.versions.at(-1);
  if (last?.op !== 'gone') return null;
  return (await snapshotShowing(vault, record.table, last)).previous;
}

function wentWith(row: FoundRow, goneAfter: string | null): boolean {
  return row.gone === null || (goneAfter !== null && row.gone.snapshot > goneAfter);
}

/** Parties that a deleted activity had, without those that the platform derives (8 regarding, 9 owner). */
export async function partiesOf(source: Source, record: RecordVersions): Promise<Party[]> {
  const at = record.tables.get('activityparty');
  if (at === undefined) return [];
  const options = { includeGone: true };
  const rows = await source.vault
    .table('activityparty')
    .find('activityid', record.id, at.throughSeq, options);
  const goneAfter = await goneAfterOf(source.vault, record);
  return rows.filter((row) => wentWith(row, goneAfter)).flatMap(({ version }) => partyOf(version.values));
}

function partyOf(values: Readonly<Record<string, Value>>): Party[] {
  const mask = values['participationtypemask'];
  const party = values['partyid'];
  const address = values['addressused'];
  if (typeof mask !== 'number' || mask === 8 || mask === 9) return [];
  return [
    { mask, party: isReference(party) ? party : null, address: typeof address === 'string' ? address : null },
  ];
}

export interface LostLink {
  readonly relation: ManyToMany;
  readonly link: PlannedLink;
}

/**
 * Many-to-many links that the record had and that are gone: with the deleted record, or, of a live record, there at the
 * chosen snapshot and captured as gone since.
 */
export async function lostLinks(
  source: Source,
  record: RecordVersions,
  details: TableDetails,
  chosen: { readonly snapshot: Snapshot; readonly live: boolean },
): Promise<LostLink[]> {
  const lost = new Map<string, LostLink>();
  for (const relation of details.manyToMany) {
    const at = record.tables.get(relation.intersectTable);
    if (at === undefined) continue;
    for (const side of sidesOf(relation, record.table)) {
      const rows = chosen.live
        ? await lostOfLive(source.vault, record, relation.intersectTable, side, chosen.snapshot)
        : await lostWithRecord(source.vault, record, relation.intersectTable, side);
      for (const version of rows) {
        const link = linkOf(relation, version);
        if (link !== null) lost.set(`${relation.schemaName} ${link.id1} ${link.id2}`, { relation, link });
      }
    }
  }
  const links = [...lost.values()];
  return chosen.live ? await withoutLive(source.client, links) : links;
}

function sidesOf(relation: ManyToMany, table: string): string[] {
  const sides: string[] = [];
  if (relation.table1 === table) sides.push(relation.column1);
  if (relation.table2 === table) sides.push(relation.column2);
  return sides;
}

async function lostWithRecord(
  vault: Vault,
  record: RecordVersions,
  table: string,
  column: string,
): Promise<PutVersion[]> {
  const at = record.tables.get(table)?.throughSeq ?? 0;
  const rows = await vault.table(table).find(column, record.id, at, { includeGone: true });
  const goneAfter = await goneAfterOf(vault, record);
  return rows.filter((row) => wentWith(row, goneAfter)).map(({ version }) => version);
}

async function lostOfLive(
  vault: Vault,
  record: RecordVersions,
  table: string,
  column: string,
  snapshot: Snapshot,
): Promise<PutVersion[]> {
  const then = await vault.snapshots.tableAt(snapshot, table);
  if (then === null) return [];
  const wanted = await vault.table(table).find(column, record.id, then.throughSeq);
  if (wanted.length === 0) return [];
  const newest = record.tables.get(table)?.throughSeq ?? 0;
  const heads = await vault.table(table).headsOf(
    wanted.map(({ version }) => version.key),
    newest,
  );
  return wanted.map(({ version }) => version).filter((version) => heads.get(version.key)?.op === 'gone');
}

/** Null where a column of the pair was not captured. */
export function linkOf(relation: ManyToMany, version: PutVersion): PlannedLink | null {
  const id1 = idIn(version.values[relation.column1]);
  const id2 = idIn(version.values[relation.column2]);
  if (id1 === null || id2 === null) return null;
  return { relationship: relation.schemaName, table1: relation.table1, id1, table2: relation.table2, id2 };
}

function idIn(value: Value | undefined): string | null {
  if (isReference(value)) return value.id;
  return typeof value === 'string' ? value : null;
}

/** The pair may have been linked again under another row id. */
async function withoutLive(client: DataverseClient, links: readonly LostLink[]): Promise<LostLink[]> {
  const missing: LostLink[] = [];
  for (const lost of links) if (!(await isLinked(client, lost.relation, lost.link))) missing.push(lost);
  return missing;
}

/** Whether the pair is linked now. */
export async function isLinked(
  client: DataverseClient,
  relation: ManyToMany,
  link: PlannedLink,
): Promise<boolean> {
  const details = await readDetails(client, relation.intersectTable);
  if (details?.primaryId == null) return false;
  const filter = `${relation.column1} eq ${literalId(link.id1)} and ${relation.column2} eq ${literalId(link.id2)}`;
  for await (const row of client.readWhere(details, [details.primaryId], filter, { top: 1 }))
    return row.id !== '';
  return false;
}

/** Name of the record in its newest version that has one. */
export function nameIn(record: RecordVersions, primaryName: string | null): string | null {
  if (primaryName === null) return null;
  for (const version of [...record.versions].reverse()) {
    const name = version.op === 'put' ? version.values[primaryName] : null;
    if (typeof name === 'string') return name;
  }
  const last = newestPut(record).values[primaryName];
  return typeof last === 'string' ? last : null;
}
