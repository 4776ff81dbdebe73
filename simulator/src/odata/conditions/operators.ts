import { badRequest } from '../../service/errors.ts';
import { CALLER_OPERATORS } from './caller-operators.ts';
import { COMPARE_OPERATORS } from './compare-operators.ts';
import type { Operator, Operators, Target, ValueTest } from './condition.ts';
import { DATE_OPERATORS } from './date-operators.ts';
import { FISCAL_OPERATORS } from './fiscal-operators.ts';
import { HIERARCHY_OPERATORS } from './hierarchy-operators.ts';

/** More conditions than this in one query are refused. */
const CONDITION_LIMIT = 500;

const OPERATORS: Operators = {
  ...COMPARE_OPERATORS,
  ...DATE_OPERATORS,
  ...FISCAL_OPERATORS,
  ...CALLER_OPERATORS,
  ...HIERARCHY_OPERATORS,
};

/**
 * The test behind an operator of FetchXML, which is also what a query function of `$filter` stands for.
 * @throws ServiceError 400 `0x80041120` for an unknown operator, `0x80041106` for too few or too many values
 */
export function compileOperator(target: Target, name: string, values: readonly string[]): ValueTest {
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (operator === undefined) {
    throw badRequest(`Unsupported condition operator. Condition operator: '${name}'.`, '0x80041120');
  }
  if (!takes(operator, values.length)) {
    throw badRequest(
      `Incorrect filter condition or conditions. The condition operator '${name}' expects ${operator.takes} value(s), ${values.length} given.`,
      '0x80041106',
    );
  }
  return operator.compile(target, values);
}

function takes(operator: Operator, count: number): boolean {
  return operator.takes === 'some' ? count > 0 : operator.takes === count;
}

/** @throws ServiceError 400 `0x8004430C` */
export function refuseTooManyConditions(count: number): void {
  if (count <= CONDITION_LIMIT) return;
  throw badRequest('Number of conditions in query exceeded maximum limit.', '0x8004430C');
}
