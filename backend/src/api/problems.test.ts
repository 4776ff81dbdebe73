import { AssertionError } from '../base/assert.ts';
import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import { problemOf } from './problems.ts';

const hint = 'do this';

test.each([
  [new InputError('row-id-malformed', 'no id', { hint }), 400],
  [new InputError('snapshot-missing', 'no snapshot', { hint }), 404],
  [new RefusedError('backup-running', 'running', { hint }), 409],
  [new RefusedError('read-denied', 'no right', { hint }), 403],
  [new RowbackError('storage-unreachable', 'storage is away', { hint }), 503],
  [new RowbackError('dataverse-forbidden', 'refused', { hint }), 502],
])('%s has its status, code and hint', (error, status) => {
  expect(problemOf(error)).toMatchObject({ status, code: error.code, detail: error.message, hint });
});

test('what is not ours is told without its text, which may hold values', () => {
  const problem = problemOf(new Error('secret value 42'));
  expect(problem.status).toBe(500);
  expect(JSON.stringify(problem)).not.toContain('secret');
});

test('a broken assertion is an unexpected error', () => {
  expect(problemOf(new AssertionError('row without key'))).toMatchObject({ status: 500, code: 'unexpected' });
});

test('a body that is too large says so', () => {
  expect(problemOf(Object.assign(new Error('too large'), { status: 413 }))).toMatchObject({
    status: 413,
    code: 'body-too-large',
  });
});
