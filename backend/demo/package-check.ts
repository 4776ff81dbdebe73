import { createHash } from 'node:crypto';
import type { Value } from '../src/base/value.ts';
import { isReference } from '../src/base/value.ts';
import type { PutVersion, Snapshot, TableSchema, Vault } from '../src/vault/index.ts';
import type { Story } from './console.ts';
import type { CoveredTable } from './coverage-check.ts';
import { type PackageField, type PackageRecord, type PackageTable, readPackage } from './package-reader.ts';
import type { Services } from './services.ts';
import type { Hurt } from './story.ts';
import { withVault } from './vault-access.ts';

interface Findings {
  compared: number;
  readonly wrong: string[];
  /** Columns that the vault does not hold, with the reason and how many values it touches. */
  readonly left: Map<string, { reason: string; values: number }>;
  /** By table and column, why the coverage report says that the vault does not hold it as a column of its own. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Reads every value of the package back from the vault, at the first snapshot, and says what is not there and why. */
export async function comparePackage(
  services: Services,
  hurt: Hurt,
  path: string,
  covered: readonly CoveredTable[],
  story: Story,
): Promise<void> {
  story.heading('The vault against the package, value for value');
  const tables = await readPackage(path);
  await withVault(services, async (vault) => {
    const first = await vault.snapshots.read(hurt.first.id);
    const findings: Findings = { compared: 0, wrong: [], left: new Map(), reasons: reasonsOf(covered) };
    let records = 0;
    for (const table of tables) {
      if (table.records.length > 0 || table.links.length > 0)
        await compareTable(vault, first, hurt, table, findings);
      records += table.records.length;
    }
    const links = tables.reduce((sum, table) => sum + table.links.length, 0);
    story.check(
      findings.wrong.length === 0,
      `${tables.length} tables, ${records} records, ${findings.compared} values and ${links} many-to-many pairs read back equal`,
      findings.wrong.slice(0, 20).join('\n      '),
    );
    for (const [column, { reason, values }] of findings.left)
      story.line(`    not compared: ${column} (${values} values): ${reason}`);
  });
}

function reasonsOf(covered: readonly CoveredTable[]): ReadonlyMap<string, string> {
  return new Map(
    covered.flatMap(({ table, columns }) =>
      columns.flatMap(({ column, reason }): [string, string][] =>
        reason === null ? [] : [[`${table}.${column}`, `${reason.code}, ${reason.why}`]],
      ),
    ),
  );
}

async function compareTable(
  vault: Vault,
  first: Snapshot,
  hurt: Hurt,
  table: PackageTable,
  findings: Findings,
): Promise<void> {
  if (table.records.length > 0) await compareRecords(vault, first, table, findings);
  for (const relationship of new Set(table.links.map((link) => link.relationship))) {
    const held = await pairsOf(vault, first, hurt, relationship);
    for (const { source, target } of table.links.filter((link) => link.relationship === relationship))
      if (!held.has(`${source} ${target}`) && !held.has(`${target} ${source}`))
        findings.wrong.push(`${relationship}: the pair ${source} – ${target} is not in the vault`);
  }
}

async function compareRecords(
  vault: Vault,
  first: Snapshot,
  table: PackageTable,
  findings: Findings,
): Promise<void> {
  const at = await vault.snapshots.tableAt(first, table.name);
  if (!at) {
    findings.wrong.push(`${table.name}: the table is not in the snapshot`);
    return;
  }
  const rows = new Map<string, PutVersion>();
  for await (const version of vault.table(table.name).scan(at.throughSeq)) rows.set(version.key, version);
  const files = await vault.snapshots.tableAt(first, 'rowback_file');
  const contents = new Map(
    (files ? await vault.files.contentsOf(table.name, 'all', files.throughSeq) : []).map((entry) => [
      `${entry.key}.${entry.column}`,
      entry.sha256,
    ]),
  );
  const schemas = new Map<string, TableSchema>();
  const parties = table.records.some((record) => record.fields.some((field) => field.type === 'partylist'))
    ? await partiesOf(vault, first)
    : new Map<string, string[]>();
  for (const record of table.records) {
    const row = rows.get(record.id);
    if (!row) {
      findings.wrong.push(`${table.name} ${record.id}: not in the vault`);
      continue;
    }
    // The vault promises that the schema of a version can be read.
    if (!schemas.has(row.schema)) schemas.set(row.schema, await vault.schemas.read(row.schema));
    const schema = schemas.get(row.schema);
    for (const field of record.fields)
      compareField(table.name, record, field, row, schema, contents, parties, findings);
  }
}

function compareField(
  table: string,
  record: PackageRecord,
  field: PackageField,
  row: PutVersion,
  schema: TableSchema | undefined,
  contents: ReadonlyMap<string, string | null>,
  parties: ReadonlyMap<string, readonly string[]>,
  findings: Findings,
): void {
  const where = `${table} ${record.id} ${field.name}`;
  if (field.type === 'partylist') {
    const held = parties.get(record.id) ?? [];
    for (const party of field.parties) {
      findings.compared += 1;
      const id = party.get('partyid')?.text.toLowerCase() ?? '';
      if (!held.includes(id)) findings.wrong.push(`${where}: the party ${id} is not in the vault`);
    }
    return;
  }
  const column = schema?.columns.find((each) => each.name === field.name);
  if (!column) {
    const key = `${table}.${field.name}`;
    const reason = findings.reasons.get(key);
    if (reason === undefined) {
      findings.wrong.push(`${where}: not in the vault, and the coverage report does not say why`);
      return;
    }
    const entry = findings.left.get(key) ?? { reason, values: 0 };
    entry.values += 1;
    findings.left.set(key, entry);
    return;
  }
  findings.compared += 1;
  if (column.type === 'image' || column.type === 'body') {
    const expected = createHash('sha256').update(Buffer.from(field.text, 'base64')).digest('hex');
    if (contents.get(`${record.id}.${field.name}`) !== expected)
      findings.wrong.push(`${where}: its content is not the package's`);
    return;
  }
  const value = row.values[field.name];
  if (!equal(field, value))
    findings.wrong.push(`${where}: ${JSON.stringify(field.text)} came back as ${JSON.stringify(value)}`);
}

function equal(field: PackageField, value: Value | undefined): boolean {
  const { type, text } = field;
  if (value === undefined) return false;
  // A package prints an empty text for "no value".
  if (value === null) return text === '';
  switch (type) {
    case 'string':
    case 'memo':
      return value === text;
    case 'number':
    case 'optionsetvalue':
    case 'state':
    case 'status':
    case 'float':
      return value === Number(text);
    case 'decimal':
    case 'money':
      return typeof value === 'string' && trimZeros(value) === trimZeros(text);
    case 'bool':
      return value === (text.toLowerCase() === 'true');
    case 'guid':
      return value === text.toLowerCase();
    case 'datetime':
      return typeof value === 'string' && value === instantOf(text).slice(0, value.length);
    case 'entityreference':
    case 'owner':
    case 'lookup':
      return (
        isReference(value) &&
        value.id === text.toLowerCase() &&
        (field.lookupTable ?? value.table) === value.table
      );
    case 'optionsetvaluecollection':
      return typeof value === 'string' && setOf(value) === setOf(text.replace(/[[\]]/g, ''));
    // 64-bit integers are digits; of other types nothing is known but their text.
    default:
      return value === text;
  }
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const setOf = (text: string): string =>
  text
    .split(',')
    .filter((part) => part !== '-1')
    .sort()
    .join();

/** `10/2/2018 5:48:12 PM` (older packages, no zone: taken as UTC) or ISO with seven digits, as whole seconds with Z. */
function instantOf(text: string): string {
  const american = /^(\d+)\/(\d+)\/(\d+) (\d+):(\d+):(\d+) (AM|PM)$/.exec(text);
  if (!american) return `${text.slice(0, 19)}Z`;
  const [, month, day, year, hour, minute, second, half] = american;
  const hours = (Number(hour) % 12) + (half === 'PM' ? 12 : 0);
  const two = (part: string | number | undefined): string => String(part).padStart(2, '0');
  return `${year ?? ''}-${two(month)}-${two(day)}T${two(hours)}:${two(minute)}:${two(second)}Z`;
}

async function partiesOf(vault: Vault, first: Snapshot): Promise<Map<string, string[]>> {
  const parties = new Map<string, string[]>();
  const at = await vault.snapshots.tableAt(first, 'activityparty');
  if (!at) return parties;
  for await (const { values } of vault.table('activityparty').scan(at.throughSeq)) {
    const [activity, party] = [values['activityid'], values['partyid']];
    if (!isReference(activity)) continue;
    const list = parties.get(activity.id) ?? [];
    list.push(isReference(party) ? party.id : '');
    parties.set(activity.id, list);
  }
  return parties;
}

async function pairsOf(
  vault: Vault,
  first: Snapshot,
  hurt: Hurt,
  relationship: string,
): Promise<Set<string>> {
  const pairs = new Set<string>();
  const tables = await hurt.administrator.get(
    `RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata?$filter=SchemaName eq '${relationship}'`,
  );
  // Recorded shape of the service.
  const relation = (tables['value'] as Record<string, string>[])[0];
  const table = relation?.['IntersectEntityName'];
  const at = table === undefined ? null : await vault.snapshots.tableAt(first, table);
  if (!relation || table === undefined || !at) return pairs;
  for await (const { values } of vault.table(table).scan(at.throughSeq))
    pairs.add(
      `${idIn(values[relation['Entity1IntersectAttribute'] ?? ''])} ${idIn(values[relation['Entity2IntersectAttribute'] ?? ''])}`,
    );
  return pairs;
}

const idIn = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
