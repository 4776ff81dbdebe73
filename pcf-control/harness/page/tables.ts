import { getJson, type Row } from './web-api.ts';

/** Tables and columns as the page shows them, read from EntityDefinitions and remembered. */

export type Table = {
  name: string;
  set: string;
  key: string;
  primaryName: string | null;
  label: string;
  labelOfMany: string;
  isCustom: boolean;
};

export type Column = {
  name: string;
  label: string;
  type: string;
  canUpdate: boolean;
  canRead: boolean;
  options: { value: number; label: string }[];
};

const tables = new Map<string, Promise<Table>>();
const columns = new Map<string, Promise<Column[]>>();
const facts =
  'LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,DisplayName,DisplayCollectionName,IsCustomEntity,IsIntersect';

export function readTable(name: string): Promise<Table> {
  return remember(tables, name, async () =>
    toTable(await getJson(`EntityDefinitions(LogicalName='${name}')?$select=${facts}`)),
  );
}

/** Tables a business user works with, best known first, then those of the organisation's own. */
export async function listTables(): Promise<Table[]> {
  const { value } = await getJson(`EntityDefinitions?$select=${facts}`);
  const known = ['account', 'contact', 'opportunity', 'lead', 'incident', 'task', 'phonecall', 'email'];
  const rank = (table: Table) => (known.includes(table.name) ? known.indexOf(table.name) : known.length);
  return (value as Row[])
    .filter((row) => row['IsIntersect'] !== true && row['PrimaryNameAttribute'] && row['EntitySetName'])
    .map(toTable)
    .filter((table) => !table.name.startsWith('rowback_') && (table.isCustom || known.includes(table.name)))
    .sort((a, b) => rank(a) - rank(b) || a.labelOfMany.localeCompare(b.labelOfMany));
}

export function readColumns(table: string): Promise<Column[]> {
  return remember(columns, table, async () => {
    const path = `EntityDefinitions(LogicalName='${table}')/Attributes`;
    const select = 'LogicalName,AttributeType,DisplayName,IsValidForUpdate,IsValidForRead,AttributeOf';
    const [all, options] = await Promise.all([getJson(`${path}?$select=${select}`), readOptions(path)]);
    return (all['value'] as Row[])
      .filter((row) => !row['AttributeOf'] && labelOf(row['DisplayName']) !== '')
      .map((row) => toColumn(row, options.get(String(row['LogicalName'])) ?? []));
  });
}

async function readOptions(path: string): Promise<Map<string, Column['options']>> {
  const cast = `${path}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata`;
  const { value } = await getJson(`${cast}?$select=LogicalName&$expand=OptionSet($select=Options)`);
  return new Map(
    (value as { LogicalName: string; OptionSet: { Options: Row[] } | null }[]).map(
      ({ LogicalName, OptionSet }) => [
        LogicalName,
        (OptionSet?.Options ?? []).map((option) => ({
          value: Number(option['Value']),
          label: labelOf(option['Label']),
        })),
      ],
    ),
  );
}

function toTable(row: Row): Table {
  const name = String(row['LogicalName']);
  const label = labelOf(row['DisplayName']) || name;
  return {
    name,
    label,
    labelOfMany: labelOf(row['DisplayCollectionName']) || label,
    set: String(row['EntitySetName']),
    key: String(row['PrimaryIdAttribute']),
    primaryName: typeof row['PrimaryNameAttribute'] === 'string' ? row['PrimaryNameAttribute'] : null,
    isCustom: row['IsCustomEntity'] === true,
  };
}

function toColumn(row: Row, options: Column['options']): Column {
  return {
    name: String(row['LogicalName']),
    label: labelOf(row['DisplayName']),
    type: String(row['AttributeType']),
    canUpdate: row['IsValidForUpdate'] === true,
    canRead: row['IsValidForRead'] !== false,
    options,
  };
}

type Label = { UserLocalizedLabel?: { Label?: string } | null } | null | undefined;
const labelOf = (label: unknown): string => (label as Label)?.UserLocalizedLabel?.Label ?? '';

function remember<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key) ?? make();
  memory.set(key, known);
  known.catch(() => memory.delete(key));
  return known;
}
