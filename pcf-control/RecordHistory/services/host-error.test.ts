import { readHostError } from './host-error';

test.each([
  [{ errorCode: 0x80040217, message: 'a' }, 'not-found'],
  [{ errorCode: -2147220969, message: 'a' }, 'not-found'],
  [{ code: 0x80040220, message: 'a' }, 'no-privilege'],
  [{ errorCode: -2147220960, message: 'a' }, 'no-privilege'],
  [{ code: 500, message: 'a' }, 'other'],
  [new Error('a'), 'other'],
])('%p is %s', (error, kind) => {
  expect(readHostError(error)).toEqual({ kind, message: 'a' });
});

test('what is no error object is told as it is', () => {
  expect(readHostError('down')).toEqual({ kind: 'other', message: 'down' });
});
