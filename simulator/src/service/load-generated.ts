import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { GeneratedRows } from '../store/generated/generated-rows.ts';
import { GeneratedTable } from '../store/generated/generated-table.ts';
import type { Environment, GeneratedContent } from './environment.ts';
import { defaultState, defaultStatus } from './state.ts';

/** Rows of another table that generated lookups may point to. */
const REFERRED_ROWS = 32;

/** Fills a table of the schema with generated rows; lookups point to rows that are there by now. */
export function loadGenerated(environment: Environment, content: GeneratedContent): void {
  const table = environment.schema.table(content.table);
  if (table === undefined) throw new Error(`The schema lacks the table ${content.table}.`);
  const { database } = environment;
  if (database.store(content.table).size > 0) throw new Error(`The table ${content.table} has rows already.`);
  const rows = new GeneratedRows({
    table,
    count: content.rows,
    seed: content.seed,
    firstVersion: database.version + 1,
    sources: { ids: (name) => someIds(environment, name), fixed: fixedValues(environment, table) },
  });
  database.version += content.rows;
  database.useStore(content.table, new GeneratedTable(rows));
}

function someIds(environment: Environment, table: string): readonly string[] {
  const ids: string[] = [];
  for (const row of environment.database.store(table).inOrder()) {
    if (ids.push(row.id) === REFERRED_ROWS) break;
  }
  return ids;
}

/** What the platform decides; the administrator made and owns all rows. */
function fixedValues(environment: Environment, table: TableDefinition): ReadonlyMap<string, StoredValue> {
  const admin = { table: 'systemuser', id: environment.adminUserId };
  const state = defaultState(table);
  return new Map<string, StoredValue>([
    ['ownerid', admin],
    ['owninguser', admin],
    ['owningteam', null],
    ['owningbusinessunit', { table: 'businessunit', id: environment.rootBusinessUnitId }],
    ['createdby', admin],
    ['modifiedby', admin],
    ['createdonbehalfby', null],
    ['modifiedonbehalfby', null],
    ['overriddencreatedon', null],
    ['utcconversiontimezonecode', null],
    ['timezoneruleversionnumber', 0],
    ['transactioncurrencyid', { table: 'transactioncurrency', id: environment.baseCurrencyId }],
    ['exchangerate', '1.000000000000'],
    ['statecode', state ?? null],
    ['statuscode', state === undefined ? null : (defaultStatus(table, state) ?? null)],
  ]);
}
