import { columnsWhere } from '../model/columns-where.ts';
import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { isLookup } from '../model/schema.ts';
import { divide, toScale } from '../store/decimal.ts';
import { isReference, referenceId, type Reference, textOf } from '../store/values.ts';
import type { Environment } from './environment.ts';
import { badRequest } from './errors.ts';
import { storedScale } from './normalise.ts';

type Values = Readonly<Record<string, StoredValue>>;

/** Amounts in the currency of the row. */
const amountColumns = columnsWhere(
  (column) =>
    column.type === 'MoneyType' &&
    column.calculationOf === undefined &&
    !column.logicalName.endsWith('_base'),
);

/** `owninguser`, `owningteam` and `owningbusinessunit` follow the owner. */
export function deriveOwnership(environment: Environment, table: TableDefinition, values: Values): Values {
  const owner = values['ownerid'];
  if (!isReference(owner) || !table.columns.has('ownerid')) return values;
  const principal = environment.database.get(owner.table, owner.id);
  const unit = referenceId(principal?.values['businessunitid']) ?? environment.rootBusinessUnitId;
  const derived: Record<string, StoredValue> = { ...values };
  const put = (name: string, value: Reference | null) => {
    const column = table.columns.get(name);
    // Some tables (list members, process stages) keep the companions as plain guids.
    if (value !== null && column !== undefined) derived[name] = isLookup(column) ? value : value.id;
    else if (name in derived) delete derived[name];
  };
  put('owninguser', owner.table === 'systemuser' ? { table: 'systemuser', id: owner.id } : null);
  put('owningteam', owner.table === 'team' ? { table: 'team', id: owner.id } : null);
  put('owningbusinessunit', { table: 'businessunit', id: unit });
  return derived;
}

/**
 * The exchange rate of the row's currency and every `*_base` amount. A row with an amount and no currency takes
 * the base currency when it is created.
 */
export function recomputeMoney(environment: Environment, table: TableDefinition, values: Values): Values {
  if (!table.columns.has('transactioncurrencyid')) return values;
  const amounts = amountColumns(table);
  const result: Record<string, StoredValue> = { ...values };
  const present = amounts.filter((column) => (result[column.logicalName] ?? null) !== null);
  if (present.length > 0 && (result['transactioncurrencyid'] ?? null) === null) {
    result['transactioncurrencyid'] = { table: 'transactioncurrency', id: environment.baseCurrencyId };
  }
  const currency = referenceId(result['transactioncurrencyid']);
  const rate = currency === undefined ? undefined : exchangeRate(environment, currency);
  setRate(table, result, rate);
  for (const column of amounts) {
    const base = table.columns.get(`${column.logicalName}_base`);
    if (base === undefined) continue;
    const amount = textOf(result[column.logicalName]);
    if (amount !== undefined && rate !== undefined)
      result[base.logicalName] = divide(amount, rate, storedScale(base));
    else if (base.logicalName in result) delete result[base.logicalName];
  }
  return result;
}

function setRate(
  table: TableDefinition,
  values: Record<string, StoredValue>,
  rate: string | undefined,
): void {
  const column = table.columns.get('exchangerate');
  if (column === undefined || table.logicalName === 'transactioncurrency') return;
  if (rate === undefined) delete values['exchangerate'];
  else values['exchangerate'] = toScale(rate, Math.max(12, storedScale(column)));
}

function exchangeRate(environment: Environment, currencyId: string): string {
  const rate = environment.database.get('transactioncurrency', currencyId)?.values['exchangerate'];
  return textOf(rate) ?? '1';
}

/** 400 `0x80048cfb`: amounts need a currency. */
export function refuseMissingCurrency(table: TableDefinition, values: Values): void {
  if (!table.columns.has('transactioncurrencyid') || (values['transactioncurrencyid'] ?? null) !== null)
    return;
  for (const column of table.columns.values()) {
    if (
      column.type === 'MoneyType' &&
      column.validForUpdate &&
      (values[column.logicalName] ?? null) !== null
    ) {
      throw badRequest('The currency cannot be null.', '0x80048cfb');
    }
  }
}
