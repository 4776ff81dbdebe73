import { z } from 'zod';
import { operations } from '../../backend/src/api/operations.ts';
import { shown } from '../../backend/src/jobs/contract.ts';
import { swaggerSchema, type SwaggerSchema } from './swagger-schema.ts';

const output = (schema: z.ZodType): SwaggerSchema | undefined => swaggerSchema(schema, 'output');

test('text or nothing is text that may be null', () => {
  expect(output(z.string().nullable())).toEqual({ type: 'string', 'x-nullable': true });
});

test('texts of several forms are text', () => {
  expect(output(z.union([z.literal('latest'), z.iso.datetime()]))).toEqual({ type: 'string' });
});

test('objects of a union become one object that requires what all of them have', () => {
  expect(output(shown)).toMatchObject({
    type: 'object',
    properties: { captured: { type: 'boolean' }, text: { type: 'string' } },
    required: ['captured'],
  });
});

test('what has no one type is left out of its object and is not required', () => {
  const schema = z.object({ id: z.string(), either: z.union([z.string(), z.number()]) });
  expect(output(schema)).toEqual({
    type: 'object',
    properties: { id: { type: 'string' } },
    required: ['id'],
  });
});

test('a field with a default need not be sent, and a caller sees the default', () => {
  const flat = swaggerSchema(z.object({ to: z.string().default('live') }), 'input');
  expect(flat).toEqual({ type: 'object', properties: { to: { type: 'string', default: 'live' } } });
});

test('a transformed input is described as it is sent', () => {
  const lower = z.string().transform((text) => text.toLowerCase());
  expect(swaggerSchema(lower, 'input')).toEqual({ type: 'string' });
});

test('of all answers the connector leaves out two fields only: the raw value, and the columns of a selection', () => {
  const left = new Set<string>();
  for (const operation of Object.values(operations)) {
    for (const answer of Object.values(operation.responses)) {
      const flat = paths(output(answer.schema));
      for (const path of paths(z.toJSONSchema(answer.schema, { reused: 'inline' }))) {
        if (!flat.includes(path)) left.add(path.split('.').slice(-2).join('.'));
      }
    }
  }
  const lookup = ['value.table', 'value.id'];
  expect([...left].filter((path) => !lookup.includes(path)).sort()).toEqual([
    'from.value',
    'now.value',
    'selection.columns',
    'to.value',
    'wanted.value',
  ]);
});

/** Every property below a JSON schema, whichever branch of a union it stands in. */
function paths(schema: unknown, at = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  // Both kinds of schema are plain JSON here.
  const json = schema as Readonly<Record<string, unknown>>;
  const branches = [json['anyOf'], json['oneOf']].flatMap((list) => (Array.isArray(list) ? list : []));
  const properties = Object.entries((json['properties'] ?? {}) as Readonly<Record<string, unknown>>);
  return [
    ...branches.flatMap((branch) => paths(branch, at)),
    ...paths(json['items'], at),
    ...properties.flatMap(([name, property]) => {
      const path = at === '' ? name : `${at}.${name}`;
      return [path, ...paths(property, path)];
    }),
  ];
}
