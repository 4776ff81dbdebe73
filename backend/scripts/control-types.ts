import { z } from 'zod';
import * as contract from '../src/jobs/contract.ts';

/**
 * The contract as plain TypeScript types for the form control. The control is bundled by a tool of its own and may not
 * carry a validation library, so it gets types only; this file keeps them equal to the schemas.
 */

const named = {
  Shown: contract.shown,
  Person: contract.person,
  VersionSummary: contract.versionSummary,
  RecordHistory: contract.recordHistory,
  ComparisonSide: contract.comparisonSide,
  ComparedColumn: contract.comparedColumn,
  Comparison: contract.comparison,
  ColumnDecision: contract.columnDecision,
  PlannedColumn: contract.plannedColumn,
  PlannedRow: contract.plannedRow,
  Problem: contract.problem,
  RestorePlan: contract.restorePlan,
  RowOutcome: contract.rowOutcome,
  RestoreStatus: contract.restoreStatus,
  RestoreResult: contract.restoreResult,
  Restore: contract.restore,
  RequestInput: contract.requestInput,
  RequestResult: contract.requestResult,
} satisfies Record<string, z.ZodType>;

type Schema = z.core.JSONSchema.BaseSchema;

const header = `// Generated from backend/src/jobs/contract.ts by backend/scripts/control-types.ts. Do not edit: change the contract and
// run \`npm run control-types -w backend\`.
`;

/** The text of \`pcf-control/RecordHistory/services/contract.ts\`. */
export function controlTypes(): string {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => id });
  const types = Object.entries(schemas).map(
    ([id, schema]) => `export type ${id} = ${typeText(schema, '')};\n`,
  );
  return `${header}\n${types.join('\n')}`;
}

function typeText(schema: boolean | Schema, indent: string): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  if (schema.$ref !== undefined) return schema.$ref;
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map((choice) => typeText(choice, indent)));
  if (schema.type === 'array') return `${bracketed(typeText(itemsOf(schema), indent))}[]`;
  if (schema.type === 'object') return objectText(schema, indent);
  if (schema.type !== undefined) return union([schema.type].flat().map(primitive));
  throw new Error(`control-types knows no TypeScript type for ${JSON.stringify(schema)}`);
}

function objectText(schema: Schema, indent: string): string {
  const inner = `${indent}  `;
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties ?? {}).map(
    ([name, property]) => `${inner}${name}${required.has(name) ? '' : '?'}: ${typeText(property, inner)};`,
  );
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function itemsOf(schema: Schema): boolean | Schema {
  if (Array.isArray(schema.items)) throw new Error('control-types knows no tuples');
  return schema.items ?? true;
}

const primitive = (type: string): string => (type === 'integer' ? 'number' : type);
const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
const union = (parts: string[]): string => [...new Set(parts)].join(' | ');
const bracketed = (text: string): string => (text.includes(' | ') ? `(${text})` : text);
