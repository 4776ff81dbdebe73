import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row, RowValues } from '../store/table-store.ts';
import { plainText, textOf } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import type { Environment } from './environment.ts';
import { ServiceError } from './errors.ts';

const ACTIVE = 1;

/**
 * Refuses a row that a published rule calls a duplicate. The Web API looks only when a request says
 * `MSCRM.SuppressDuplicateDetection: false`. @throws ServiceError `0x80040333`
 */
export function refuseDuplicates(
  context: RequestContext,
  table: TableDefinition,
  id: string,
  values: RowValues,
  changed?: readonly string[],
): void {
  const { environment, headers } = context;
  if (headers.get('mscrm.suppressduplicatedetection')?.trim().toLowerCase() !== 'false') return;
  if (environment.setting('isduplicatedetectionenabled') === false) return;
  for (const rule of publishedRules(environment, table.logicalName)) {
    if (changed !== undefined && !rule.conditions.some(({ base }) => changed.includes(base))) continue;
    if (matches(environment, rule, id, values).length === 0) continue;
    throw new ServiceError(
      environment.switches.duplicateRuleRefusal,
      '0x80040333',
      'A record was not created or updated because a duplicate of the current record already exists.',
    );
  }
}

/** Rows of the other table that a published rule matches with these values. */
export function findDuplicates(
  environment: Environment,
  table: string,
  matching: string,
  id: string,
  values: RowValues,
): readonly Row[] {
  const rules = publishedRules(environment, table).filter((rule) => rule.matching === matching);
  return [...new Set(rules.flatMap((rule) => matches(environment, rule, id, values)))];
}

interface Rule {
  readonly matching: string;
  readonly caseSensitive: boolean;
  readonly onlyActive: boolean;
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly base: string;
  readonly matching: string;
  readonly operator: number;
  readonly count: number;
  readonly ignoreBlank: boolean;
}

function publishedRules(environment: Environment, table: string): readonly Rule[] {
  const { database } = environment;
  const rules = database.store('duplicaterule');
  return rules.referrers('baseentityname', table).flatMap((id) => {
    const values = rules.get(id)?.values;
    if (values === undefined || Number(values['statecode']) !== ACTIVE) return [];
    const conditions = conditionsOf(environment, id);
    if (conditions.length === 0) return [];
    return [
      {
        matching: plainText(values['matchingentityname']),
        caseSensitive: values['iscasesensitive'] === true,
        onlyActive: values['excludeinactiverecords'] === true,
        conditions,
      },
    ];
  });
}

function conditionsOf(environment: Environment, ruleId: string): readonly Condition[] {
  const store = environment.database.store('duplicaterulecondition');
  return store.referrers('regardingobjectid', ruleId).flatMap((id) => {
    const values = store.get(id)?.values;
    if (values === undefined) return [];
    return [
      {
        base: plainText(values['baseattributename']),
        matching: plainText(values['matchingattributename']),
        operator: Number(values['operatorcode'] ?? 0),
        count: Number(values['operatorparam'] ?? 0),
        ignoreBlank: values['ignoreblankvalues'] === true,
      },
    ];
  });
}

function matches(environment: Environment, rule: Rule, id: string, values: RowValues): Row[] {
  const found: Row[] = [];
  for (const row of environment.database.store(rule.matching).values()) {
    if (row.id === id) continue;
    if (rule.onlyActive && Number(row.values['statecode'] ?? 0) !== 0) continue;
    if (rule.conditions.every((one) => agree(rule, one, values[one.base], row.values[one.matching])))
      found.push(row);
  }
  return found;
}

/** Blank values agree with each other unless the condition ignores them. */
function agree(
  rule: Rule,
  { operator, count, ignoreBlank }: Condition,
  base: StoredValue | undefined,
  other: StoredValue | undefined,
): boolean {
  const [left, right] = [base, other].map((value) => {
    const text = textOf(value) ?? '';
    return rule.caseSensitive ? text : text.toLowerCase();
  }) as [string, string]; // one for each of the two
  if (left === '' || right === '') return !ignoreBlank && left === right;
  switch (operator) {
    case 1:
      return left.slice(0, count) === right.slice(0, count);
    case 2:
      return left.slice(-count) === right.slice(-count);
    case 3:
      return left.slice(0, 10) === right.slice(0, 10);
    default:
      return left === right;
  }
}
