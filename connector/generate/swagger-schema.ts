import { z } from 'zod';

/** The part of Swagger 2.0's schema object that the platform's designer understands: one type a schema. */
export interface SwaggerSchema {
  type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  title?: string;
  'x-ms-summary'?: string;
  description?: string;
  format?: string;
  default?: unknown;
  'x-nullable'?: true;
  properties?: Record<string, SwaggerSchema>;
  required?: readonly string[];
  items?: SwaggerSchema;
  [extension: `x-ms-dynamic-${string}`]: unknown;
}

type Json = z.core.JSONSchema.BaseSchema;

/**
 * A zod schema as Swagger. Unions become one type: null is said by `x-nullable`, objects are merged (only what all
 * have is required), texts of several forms are text. What has no one type, such as a value that is text, a number or
 * a lookup, is undefined here and left out of the object that holds it: Power Apps refuses an answer whose value has
 * another type than the one declared, and takes one with undeclared properties.
 *
 * @param io `input` for what callers send, `output` for what they get.
 */
export function swaggerSchema(schema: z.ZodType, io: 'input' | 'output'): SwaggerSchema | undefined {
  return flatten(z.toJSONSchema(schema, { io, reused: 'inline', metadata: z.globalRegistry }), io);
}

function flatten(json: Json | boolean, io: 'input' | 'output'): SwaggerSchema | undefined {
  if (typeof json === 'boolean') return undefined;
  const choices = choicesOf(json);
  const flat = choices === undefined ? ofOneType(json, io) : ofSeveral(choices, io);
  return flat && { ...flat, ...texts(json), ...(json.default !== undefined && { default: json.default }) };
}

/** Zod says "text or null" as a list of types, and everything else that has several forms as a list of schemas. */
function choicesOf(json: Json): readonly (Json | boolean)[] | undefined {
  const types: unknown = json.type;
  if (!Array.isArray(types)) return json.anyOf ?? json.oneOf;
  // The list holds names of types, each of which is a schema with that type alone.
  return types.map((type) => ({ ...json, type: type as Json['type'] }) as Json);
}

function texts(json: Json): Pick<SwaggerSchema, 'title' | 'description'> {
  return {
    ...(json.title !== undefined && { title: json.title }),
    ...(json.description !== undefined && { description: json.description }),
  };
}

function ofOneType(json: Json, io: 'input' | 'output'): SwaggerSchema | undefined {
  switch (json.type) {
    case 'object':
      return ofObject(json, io);
    case 'array': {
      // Zod writes a list's items as one schema; only tuples have several, and the contract has none.
      const items = flatten((json.items ?? true) as Json | boolean, io);
      return items && { type: 'array', items };
    }
    case 'string':
      return { type: 'string', ...(json.format === 'date-time' && { format: 'date-time' }) };
    case 'integer':
      return { type: 'integer', format: 'int64' };
    case 'number':
      return { type: 'number', format: 'double' };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return undefined;
  }
}

function ofObject(json: Json, io: 'input' | 'output'): SwaggerSchema {
  const entries = Object.entries(json.properties ?? {}).flatMap(([name, property]) => {
    const flat = flatten(property, io);
    return flat === undefined ? [] : [[name, asProperty(flat)] as const];
  });
  const known = new Set(entries.map(([name]) => name));
  const required = (json.required ?? []).filter((name) => known.has(name));
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    ...(required.length > 0 && { required }),
  };
}

/** The designer shows a property by its summary. */
function asProperty({ title, ...schema }: SwaggerSchema): SwaggerSchema {
  return { ...schema, ...(title !== undefined && { 'x-ms-summary': title }) };
}

function ofSeveral(choices: readonly (Json | boolean)[], io: 'input' | 'output'): SwaggerSchema | undefined {
  const some = choices.filter((choice) => typeof choice === 'boolean' || choice.type !== 'null');
  const nullable = some.length < choices.length;
  const flat = some.map((choice) => flatten(choice, io));
  const merged = flat.reduce((a, b) => (a === undefined || b === undefined ? undefined : merge(a, b)));
  return merged && { ...merged, ...(nullable && { 'x-nullable': true }) };
}

function merge(a: SwaggerSchema, b: SwaggerSchema): SwaggerSchema | undefined {
  if (a.type !== b.type || a.type === 'array') return undefined;
  if (a.type !== 'object') return a.format === b.format ? a : { type: a.type };
  const required = (a.required ?? []).filter((name) => b.required?.includes(name));
  return {
    type: 'object',
    properties: { ...b.properties, ...a.properties },
    ...(required.length > 0 && { required }),
  };
}
