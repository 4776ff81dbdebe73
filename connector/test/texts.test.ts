import { operationsOf, readSwagger, type Schema } from './support/files.ts';

/** The rules of the platform's reviewers for what people read in the designer. */

const swagger = readSwagger();
const operations = operationsOf(swagger);
const sentence = /^[A-Z].*\.$/s;

/** Every schema of the definition with a path to it; `isProperty` when a person sees it as a field. */
function* schemas(
  at: string,
  schema: Schema,
  isProperty: boolean,
): Generator<{ at: string; schema: Schema; isProperty: boolean }> {
  yield { at, schema, isProperty };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* schemas(`${at}.${name}`, property, true);
  }
  if (schema.items !== undefined) yield* schemas(`${at}[]`, schema.items, false);
}

const everySchema = [
  ...Object.entries(swagger.definitions).flatMap(([name, schema]) => [...schemas(name, schema, false)]),
  ...operations.flatMap(({ operation }) =>
    operation.parameters.flatMap((parameter) =>
      parameter.schema === undefined
        ? [
            {
              at: `${operation.operationId} ${parameter.name}`,
              schema: parameter,
              isProperty: true,
            },
          ]
        : [...schemas(`${operation.operationId} body`, parameter.schema, false)],
    ),
  ),
];

test('the title is short and names neither a platform product nor the kind of thing it is', () => {
  expect(swagger.info.title.length).toBeLessThanOrEqual(30);
  expect(swagger.info.title).not.toMatch(/\b(API|Connector|Microsoft|Power|Dataverse|Azure)\b/i);
  expect(swagger.info.description.length).toBeGreaterThanOrEqual(30);
  expect(swagger.info.description.length).toBeLessThanOrEqual(500);
  expect(swagger.host).not.toMatch(/[/:]/);
});

test('operation ids are unique and begin with a verb', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^(List|Get|Start|Cancel|Compare|Plan|Run|Undo)[A-Z][A-Za-z]+$/);
});

test('summaries are short phrases, descriptions are other and full sentences', () => {
  for (const { operation } of operations) {
    expect(operation.summary).toMatch(/^[A-Z][^/\\<>*%&?]{2,79}$/);
    expect(operation.summary).not.toMatch(/[.!?:;,]$/);
    expect(operation.description).toMatch(sentence);
    expect(operation.description.replace(/\.$/, '')).not.toBe(operation.summary);
  }
});

test('every field that people see has a summary in title case and a sentence that describes it', () => {
  for (const { at, schema, isProperty } of everySchema) {
    if (!isProperty) continue;
    const summary = schema['x-ms-summary'] ?? '';
    expect([at, summary.split(' ').every((word) => /^[A-Z]/.test(word))]).toEqual([at, true]);
    expect([at, sentence.test(schema.description ?? '')]).toEqual([at, true]);
  }
});

test('every schema has one type that the designer knows, and nothing is empty', () => {
  for (const { at, schema } of everySchema) {
    expect([
      at,
      ['object', 'array', 'string', 'integer', 'number', 'boolean'].includes(schema.type ?? ''),
    ]).toEqual([at, true]);
    if (schema.type === 'object') {
      expect([at, Object.keys(schema.properties ?? {}).length > 0]).toEqual([at, true]);
    }
  }
  const text = JSON.stringify(swagger);
  for (const keyword of ['oneOf', 'anyOf', 'allOf', '"null"']) expect(text).not.toContain(keyword);
});

test('every answer has a schema that exists, and errors are listed by status', () => {
  for (const { operation } of operations) {
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '429', '500']));
    expect(operation.responses['default']).toBeUndefined();
    for (const { schema } of Object.values(operation.responses)) {
      const name = schema.$ref?.replace('#/definitions/', '') ?? '';
      expect(Object.keys(swagger.definitions)).toContain(name);
    }
  }
});

test('parameters of the path are required, encoded once and named in the path', () => {
  for (const { path, method, operation } of operations) {
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
    expect(inPath.map((parameter) => `{${parameter.name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    for (const parameter of inPath) {
      expect(parameter).toMatchObject({ required: true, 'x-ms-url-encoding': 'single' });
    }
    if (method === 'get')
      expect(operation.parameters.some((parameter) => parameter.in === 'body')).toBe(false);
  }
});

interface Picker {
  readonly operationId: string;
  readonly parameters?: Readonly<
    Record<string, { readonly parameter?: string; readonly parameterReference?: string }>
  >;
}

test('every picker calls an operation that exists, fills its path from parameters that exist, and finds its fields', () => {
  let found = 0;
  for (const { operation } of operations) {
    const fields: readonly Schema[] = operation.parameters.flatMap((parameter) =>
      parameter.schema === undefined ? [parameter] : Object.values(parameter.schema.properties ?? {}),
    );
    for (const field of fields) {
      if (field['x-ms-dynamic-values'] === undefined) continue;
      found += 1;
      // The generator writes these two shapes; the test below proves each part of them.
      const old = field['x-ms-dynamic-values'] as Picker & Record<string, string>;
      const now = field['x-ms-dynamic-list'] as Picker & Record<string, string>;
      const target = operations.find((other) => other.operation.operationId === old.operationId);
      expect(now.operationId).toBe(old.operationId);
      const needs = (target?.operation.parameters ?? []).filter((p) => p.required).map((p) => p.name);
      const own = operation.parameters.map((parameter) => parameter.name);
      expect(Object.keys(old.parameters ?? {})).toEqual(needs);
      for (const filled of Object.values(old.parameters ?? {})) expect(own).toContain(filled.parameter);
      for (const filled of Object.values(now.parameters ?? {}))
        expect(own).toContain(filled.parameterReference);
      const answer = target?.operation.responses['200']?.schema.$ref?.replace('#/definitions/', '') ?? '';
      const item = swagger.definitions[answer]?.properties?.[now['itemsPath'] ?? '']?.items?.properties ?? {};
      for (const name of [
        old['value-path'],
        old['value-title'],
        now['itemValuePath'],
        now['itemTitlePath'],
      ]) {
        expect(Object.keys(item)).toContain(name);
      }
    }
  }
  expect(found).toBeGreaterThan(10);
});

test('no secret and no id of anybody is in the files', () => {
  const ids =
    JSON.stringify(swagger).match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? [];
  expect(new Set(ids)).toEqual(new Set(['00000000-0000-0000-0000-000000000000']));
});
