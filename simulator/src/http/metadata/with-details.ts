import type { Details } from '../../model/definitions.ts';
import type { Shape } from './table-shape.ts';

/**
 * Lays recorded details over a computed answer. A detail never adds a property, since the recordings come from builds
 * that show others; of an object (a managed property, a menu) only the members that the detail names change.
 */
export function withDetails(shape: Shape, details: Details | undefined): Shape {
  if (details === undefined) return shape;
  const result = { ...shape };
  for (const [name, value] of Object.entries(details)) {
    if (!(name in shape)) continue;
    const computed = shape[name];
    result[name] = isMembers(value) && isMembers(computed) ? { ...computed, ...value } : value;
  }
  return result;
}

function isMembers(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
