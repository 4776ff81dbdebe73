import type { z } from 'zod';
import type { Operation } from '../../backend/src/api/operation.ts';
import { pickerFor } from './pickers.ts';
import { swaggerSchema, type SwaggerSchema } from './swagger-schema.ts';

export type Parameter = Readonly<Record<string, unknown>> & { readonly name: string; readonly in: string };

/** What an operation takes, as Swagger: path, query, header, body, in that order. */
export function parametersOf(operation: Operation): readonly Parameter[] {
  return [
    ...(operation.params ? simple(operation.params, 'path') : []),
    ...(operation.query ? simple(operation.query, 'query') : []),
    ...(operation.headers ? simple(operation.headers, 'header') : []),
    ...(operation.body ? [body(operation.body)] : []),
  ];
}

function simple(schema: z.ZodObject, where: 'path' | 'query' | 'header'): readonly Parameter[] {
  const { properties, required } = swaggerSchema(schema, 'input') ?? {};
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const needed = required?.includes(name) ?? false;
    return {
      name,
      in: where,
      required: needed,
      ...property,
      'x-ms-visibility': needed ? 'important' : 'advanced',
      ...(where === 'path' && { 'x-ms-url-encoding': 'single' }),
      ...pickerFor(name),
    };
  });
}

function body(schema: z.ZodType): Parameter {
  const flat = swaggerSchema(schema, 'input');
  if (flat === undefined) throw new Error('The body of an operation has no one type in Swagger.');
  const properties = Object.entries(flat.properties ?? {}).map(
    ([name, property]): [string, SwaggerSchema] => {
      const needed = flat.required?.includes(name) ?? false;
      const shown = { ...property, 'x-ms-visibility': needed ? 'important' : 'advanced', ...pickerFor(name) };
      return [name, shown];
    },
  );
  return {
    name: 'body',
    in: 'body',
    required: true,
    schema: { ...flat, properties: Object.fromEntries(properties) },
  };
}
