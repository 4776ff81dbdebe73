import { badRequest } from '../../service/errors.ts';
import { compareTexts, kindOf } from '../../store/values.ts';
import { likePattern } from '../like.ts';
import { comparableValue } from './column-value.ts';
import {
  unsupportedOperator,
  type Operator,
  type Operators,
  type Target,
  type ValueTest,
} from './condition.ts';

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** Null is unequal to every value, and neither greater nor less. */
export function holds(comparison: Comparison, order: number): boolean {
  switch (comparison) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
  }
}

function comparing(comparison: Comparison): Operator {
  return {
    takes: 1,
    compile: ({ column }, [value = '']) => {
      const kind = kindOf(column);
      const wanted = comparableValue(column, value);
      return (text) =>
        text === undefined ? comparison === 'ne' : holds(comparison, compareTexts(kind, text, wanted));
    },
  };
}

/** The value stands in a pattern, in which `%`, `_` and `[…]` act. Null is like nothing. */
function like(wanted: boolean, pattern: (value: string) => string): Operator {
  return {
    takes: 1,
    compile: (target, [value = '']) => {
      if (kindOf(target.column) === 'guid' || target.column.type === 'DateTimeType') {
        throw unsupportedOperator('like', target);
      }
      const regular = likePattern(pattern(value));
      return (text) => (text !== undefined && regular.test(text)) === wanted;
    },
  };
}

function inList(wanted: boolean): Operator {
  return {
    takes: 'some',
    compile: (target, values) => {
      refuseLongText(target);
      const kind = kindOf(target.column);
      const list = values.map((value) => comparableValue(target.column, value));
      return (text) =>
        (text !== undefined && list.some((one) => compareTexts(kind, text, one) === 0)) === wanted;
    },
  };
}

/** Both ends belong to the range. */
function between(wanted: boolean): Operator {
  return {
    takes: 2,
    compile: (target, values) => {
      refuseLongText(target);
      const kind = kindOf(target.column);
      const [low = '', high = ''] = values.map((value) => comparableValue(target.column, value));
      const inside: ValueTest = (text) =>
        text !== undefined && compareTexts(kind, text, low) >= 0 && compareTexts(kind, text, high) <= 0;
      return (text) => inside(text) === wanted;
    },
  };
}

function refuseLongText({ column }: Target): void {
  if (column.type !== 'MemoType') return;
  throw badRequest(
    'between, not-between, in, and not-in operators are not allowed on attributes of type text or ntext.',
    '0x80044153',
  );
}

/** Choices of several values: does the row hold any of those given? */
function containing(wanted: boolean): Operator {
  return {
    takes: 'some',
    compile: (target, values) => {
      if (target.column.type !== 'MultiSelectPicklistType')
        throw unsupportedOperator('contain-values', target);
      const asked = new Set(values.map((value) => value.trim()));
      return (text) =>
        (text !== undefined && text.split(',').some((one) => asked.has(one.trim()))) === wanted;
    },
  };
}

export const COMPARE_OPERATORS: Operators = {
  eq: comparing('eq'),
  ne: comparing('ne'),
  neq: comparing('ne'),
  gt: comparing('gt'),
  ge: comparing('ge'),
  lt: comparing('lt'),
  le: comparing('le'),
  null: { takes: 0, compile: () => (text) => text === undefined },
  'not-null': { takes: 0, compile: () => (text) => text !== undefined },
  like: like(true, (value) => value),
  'not-like': like(false, (value) => value),
  'begins-with': like(true, (value) => `${value}%`),
  'not-begin-with': like(false, (value) => `${value}%`),
  'ends-with': like(true, (value) => `%${value}`),
  'not-end-with': like(false, (value) => `%${value}`),
  in: inList(true),
  'not-in': inList(false),
  between: between(true),
  'not-between': between(false),
  'contain-values': containing(true),
  'not-contain-values': containing(false),
};
