import { openApiDocument } from './openapi.ts';
import { operations } from './operations.ts';

const document = openApiDocument('https://backup.example.com/', '1.2.3');
const described = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  (['get', 'post'] as const).flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [{ path, method, operation }];
  }),
);

test('the document describes every operation, and no other', () => {
  const found = described.map(({ path, method, operation }) => `${method} ${path} ${operation.operationId}`);
  const listed = Object.values(operations).map((o) => `${o.method} ${o.path} ${o.operationId}`);
  expect(found.sort()).toEqual(listed.sort());
  expect(document.servers).toEqual([{ url: 'https://backup.example.com/v1' }]);
});

test('each parameter of a path is declared, and nothing else is said to be in the path', () => {
  for (const { path, operation } of described) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).flatMap((p) =>
      'in' in p && p.in === 'path' ? [p.name] : [],
    );
    expect(declared).toEqual(inPath);
  }
});

test('each error is answered as problem+json under one schema', () => {
  for (const { operation } of described) {
    const errors = Object.entries(operation.responses ?? {}).filter(([status]) => Number(status) >= 400);
    expect(errors.length).toBeGreaterThan(0);
    for (const [, response] of errors) {
      expect(response).toMatchObject({
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
      });
    }
  }
});

test('only the health of the service is told without a sign-in', () => {
  const open = described.filter(({ operation }) => operation.security?.length === 0);
  expect(open.map(({ path }) => path)).toEqual(['/health']);
  expect(document.security).toEqual([{ entra: [] }]);
});
