import { deepEqual, ok } from 'node:assert/strict';
import type { Bench } from '../bench.ts';
import type { CsdlModel, Member } from './model.ts';

type Row = Readonly<Record<string, unknown>>;
const ROWS_OF_A_SET = 5;

/** What rows and definitions really show is declared, with a type that fits, and the other way round. */
export async function checkRows({ checks, api }: Bench, model: CsdlModel): Promise<void> {
  const tables = await tableSets(api);
  await checks.check('the service document and $metadata list the same sets', async () => {
    const { value } = await api.row('');
    deepEqual(value.map((one: Row) => one['name']).sort(), tables);
    deepEqual(
      model.sets
        .map((set) => set.name)
        .filter((name) => !METADATA_SETS.has(name))
        .sort(),
      tables,
    );
  });
  const undeclared: string[] = [];
  const unfit: string[] = [];
  const missing: string[] = [];
  let seen = 0;
  for (const set of tables) {
    const type = model.sets.find((one) => one.name === set)?.type ?? '';
    const answer = await api.get(`${set}?$top=${ROWS_OF_A_SET}`);
    for (const row of (answer.json?.value ?? []) as readonly Row[]) {
      seen += 1;
      const members = model.members(type);
      undeclared.push(...undeclaredIn(row, members, set));
      unfit.push(...unfitIn(row, members, model, set));
      missing.push(...missingFrom(row, members, set));
    }
  }
  await checks.check('rows of most sets were seen', () => ok(seen > tables.length, `${seen} rows`));
  await checks.check('every property that a row shows is declared', () => deepEqual(some(undeclared), []));
  await checks.check('every value of a row fits the declared type', () => deepEqual(some(unfit), []));
  await checks.check('every declared property is shown by a row', () => deepEqual(some(missing), []));
  await checkDefinitions({ checks, api }, model);
}

const METADATA_SETS = new Set([
  'EntityDefinitions',
  'GlobalOptionSetDefinitions',
  'ManagedPropertyDefinitions',
  'RelationshipDefinitions',
]);

const some = (findings: readonly string[]) => [...new Set(findings)].slice(0, 10);

async function tableSets(api: Bench['api']): Promise<readonly string[]> {
  const { value } = await api.row('EntityDefinitions?$select=EntitySetName&$filter=EntitySetName ne null');
  return value.map((table: Row) => table['EntitySetName']).sort();
}

const plain = (row: Row) => Object.entries(row).filter(([name]) => !name.includes('@'));

function undeclaredIn(row: Row, members: ReadonlyMap<string, Member>, where: string): string[] {
  return plain(row)
    .filter(([name]) => !members.has(name))
    .map(([name]) => `${where}.${name}`);
}

/** The key that users and teams inherit from their base is known to types only. */
const NEVER_SHOWN = new Set(['ownerid']);

function missingFrom(row: Row, members: ReadonlyMap<string, Member>, where: string): string[] {
  return [...members]
    .filter(([name, member]) => member.$Kind === undefined && !(name in row) && !NEVER_SHOWN.has(name))
    .map(([name]) => `${where}.${name}`);
}

function unfitIn(row: Row, members: ReadonlyMap<string, Member>, model: CsdlModel, where: string): string[] {
  return plain(row).flatMap(([name, value]) => {
    const member = members.get(name);
    return member === undefined || value === null || fits(value, member, model)
      ? []
      : [`${where}.${name}: ${JSON.stringify(value).slice(0, 60)} is no ${member.$Type ?? 'Edm.String'}`];
  });
}

const FORMS: Readonly<Record<string, RegExp>> = {
  'Edm.Guid': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'Edm.DateTimeOffset': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  'Edm.Date': /^\d{4}-\d\d-\d\d$/,
  'Edm.Binary': /^[A-Za-z0-9+/_-]*={0,2}$/,
  'Edm.String': /^/,
};

function fits(value: unknown, member: Member, model: CsdlModel): boolean {
  if (member.$Kind === 'NavigationProperty') return typeof value === 'object';
  if (member.$Collection === true) {
    return Array.isArray(value) && value.every((one) => fitsOne(one, member.$Type, model));
  }
  return fitsOne(value, member.$Type, model);
}

function fitsOne(value: unknown, type = 'Edm.String', model: CsdlModel): boolean {
  const form = FORMS[type];
  if (form !== undefined) return typeof value === 'string' && form.test(value);
  if (type === 'Edm.Boolean') return typeof value === 'boolean';
  if (/^Edm\.Int(16|32|64)$/.test(type)) return Number.isInteger(value);
  if (type.startsWith('Edm.')) return typeof value === 'number';
  const declared = model.type(type);
  if (declared?.$Kind === 'EnumType') return typeof value === 'string';
  if (typeof value !== 'object' || value === null) return false;
  const members = model.members(type);
  return (
    undeclaredIn(value as Row, members, '').length === 0 &&
    unfitIn(value as Row, members, model, '').length === 0 // an object is a record
  );
}

/** Tables, columns, relationships and keys as the definitions show them, against their declared classes. */
async function checkDefinitions(
  { checks, api }: Pick<Bench, 'checks' | 'api'>,
  model: CsdlModel,
): Promise<void> {
  const shows = (name: string, path: string, type: string, list = true) =>
    checks.check(`what ${name} shows is declared, with types that fit`, async () => {
      const answer = await api.row(path);
      const rows = (list ? answer.value : [answer]) as readonly Row[];
      ok(rows.length > 0);
      const findings = rows.flatMap((row) => {
        const named = row['@odata.type'];
        const own = typeof named === 'string' ? named.replace(/^#Microsoft\.Dynamics\.CRM\./, '') : type;
        const members = model.members(own);
        return [...undeclaredIn(row, members, own), ...unfitIn(row, members, model, own)];
      });
      deepEqual(some(findings), []);
    });
  await shows('EntityDefinitions', "EntityDefinitions(LogicalName='account')", 'EntityMetadata', false);
  await shows('Attributes', "EntityDefinitions(LogicalName='demo_sample')/Attributes", 'AttributeMetadata');
  await shows('RelationshipDefinitions', 'RelationshipDefinitions', 'RelationshipMetadataBase');
  await shows('Keys', "EntityDefinitions(LogicalName='demo_sample')/Keys", 'EntityKeyMetadata');
}
