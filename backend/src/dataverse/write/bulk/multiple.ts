import type { ChangedRow, DeletedRow, NewRow, RowOutcome } from '../../client.ts';
import type { Values } from '../../../base/value.ts';
import type { TableDetails } from '../../metadata/types.ts';
import { keyText, rowPath } from '../../row-address.ts';
import { encodeRow, type EncodedRow, type TableByName } from '../encode.ts';
import { identity } from '../write-rows.ts';
import { DataverseError } from '../../errors.ts';
import type { Item } from './item.ts';
import type { BulkMessage } from './support.ts';
import { writeMany, type BulkWrite } from './write-many.ts';

export interface Multiple {
  readonly tables: TableByName;
  /** Everything that a write for this user needs; undefined: whoever the client acts for. */
  readonly writeFor: (user: string | undefined) => BulkWrite;
  readonly table: TableDetails;
}

/** Rows of one user go together: a request has one caller. */
export async function multiple(
  call: Multiple,
  message: BulkMessage,
  rows: readonly (NewRow | ChangedRow | DeletedRow)[],
): Promise<readonly RowOutcome[]> {
  refuseRepeats(call.table, rows);
  const items = rows.map((row, index) => itemOf(call, message, row, index));
  const outcomes: RowOutcome[] = [];
  for (const [user, own] of byUser(rows, items)) {
    for (const [item, outcome] of await writeMany(call.writeFor(user), own)) outcomes[item.index] = outcome;
  }
  return outcomes;
}

/** The service's answer to a row that comes twice is not defined, and neither would be ours. */
function refuseRepeats(table: TableDetails, rows: readonly DeletedRow[]): void {
  const seen = new Set<string>();
  for (const row of rows) {
    rowPath(table, row);
    const key = keyText(row);
    if (seen.has(key)) {
      throw new DataverseError(
        `${table.name} ${key} stands twice among the rows to be written.`,
        { kind: 'bad-request', status: 0, serviceCode: '', requestId: null, table: table.name, row: key },
        { hint: 'Give each row once.' },
      );
    }
    seen.add(key);
  }
}

function itemOf(
  { tables, table }: Multiple,
  message: BulkMessage,
  row: NewRow | ChangedRow | DeletedRow,
  index: number,
): Item {
  const values = 'values' in row ? row.values : {};
  const isNew = message === 'CreateMultiple';
  const { body, omitted } = encodeRow(table, values, isNew ? 'create' : 'update', tables);
  const own = isNew ? identity(table, { id: row.id, ...('createdOn' in row ? row : {}) }) : {};
  const { id, partition } = row;
  return {
    index,
    address: { id, ...(partition === undefined ? {} : { partition }) },
    body: { ...body, ...own },
    sent: withoutOmitted(values, { body, omitted }),
    omitted,
    ifMatch: 'ifMatch' in row ? (row.ifMatch ?? null) : null,
  };
}

function withoutOmitted(values: Values, { omitted }: EncodedRow): Values {
  const left = new Set(omitted.map(({ column }) => column));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !left.has(name)));
}

function byUser(
  rows: readonly DeletedRow[],
  items: readonly Item[],
): ReadonlyMap<string | undefined, readonly Item[]> {
  const groups = new Map<string | undefined, Item[]>();
  for (const item of items) {
    const user = rows[item.index]?.as;
    const own = groups.get(user);
    if (own === undefined) groups.set(user, [item]);
    else own.push(item);
  }
  return groups;
}
