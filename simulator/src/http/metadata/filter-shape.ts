import type { Comparison, Filter, Literal, Operand } from '../../odata/filter-tree.ts';
import { badRequest, propertyNotFound } from '../../service/errors.ts';
import type { Shape } from './table-shape.ts';

/** `$filter` over metadata: primitives, enums as text, managed properties by path. Not labels. */
export function shapeMatches(filter: Filter, shape: Shape, type: string): boolean {
  switch (filter.kind) {
    case 'and':
      return shapeMatches(filter.left, shape, type) && shapeMatches(filter.right, shape, type);
    case 'or':
      return shapeMatches(filter.left, shape, type) || shapeMatches(filter.right, shape, type);
    case 'not':
      return !shapeMatches(filter.inner, shape, type);
    case 'flag':
      return valueOf(filter.path, shape, type) === 'true';
    case 'compare':
      return compare(filter.operator, valueOf(filter.left, shape, type), valueOf(filter.right, shape, type));
    case 'text': {
      const value = valueOf(filter.path, shape, type)?.toLowerCase() ?? '';
      const wanted = valueOf(filter.value, shape, type)?.toLowerCase() ?? '';
      if (filter.function === 'contains') return value.includes(wanted);
      return filter.function === 'startswith' ? value.startsWith(wanted) : value.endsWith(wanted);
    }
    case 'condition': {
      if (filter.operator !== 'in' && filter.operator !== 'not-in') throw unsupported();
      const value = valueOf(filter.path, shape, type);
      return (value !== undefined && filter.values.includes(value)) === (filter.operator === 'in');
    }
    default:
      throw unsupported();
  }
}

const unsupported = () => badRequest('This filter is not supported on metadata.');

/** Null is undefined here; everything else is compared as text or, where both are numbers, as numbers. */
function compare(operator: Comparison, left: string | undefined, right: string | undefined): boolean {
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (left === undefined || right === undefined) return false;
  const difference = Number(left) - Number(right);
  const order = Number.isNaN(difference) ? (left < right ? -1 : left > right ? 1 : 0) : difference;
  return operator === 'gt'
    ? order > 0
    : operator === 'ge'
      ? order >= 0
      : operator === 'lt'
        ? order < 0
        : order <= 0;
}

function valueOf(operand: Operand, shape: Shape, type: string): string | undefined {
  return operand.kind === 'literal' ? literalText(operand) : pathText(operand.steps, shape, type);
}

function literalText(literal: Literal): string | undefined {
  if (literal.type === 'null') return undefined;
  return literal.type === 'guid' ? literal.text.toLowerCase() : literal.text;
}

function pathText(steps: readonly string[], shape: Shape, type: string): string | undefined {
  let value: unknown = shape;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (!(step in value)) throw propertyNotFound(step, type);
    value = (value as Shape)[step]; // `in` has shown that it is an object with this member
  }
  if (typeof value === 'object' && value !== null && 'LocalizedLabels' in value) {
    throw badRequest(`The property ${steps.join('/')} cannot be filtered.`);
  }
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean}`; // what JSON is made of
}
