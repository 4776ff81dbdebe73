import { engineMemoryError, scratchError } from './errors.ts';

it.each([
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
  new Error('Out of Memory Error: failed to offload data block of size 256.0 KiB (0 bytes/0 bytes used).'),
])('a full disk is named as one: %p', (error) => {
  expect(scratchError(error)).toMatchObject({ code: 'scratch-full', cause: error });
});

it('other errors are left alone', () => {
  expect(scratchError(new Error('something else'))).toBeNull();
  expect(scratchError('no error at all')).toBeNull();
});

it('too little memory for the engine is named, and nothing else is called so', () => {
  const error = new Error(
    'Out of Memory Error: failed to allocate data of size 38.1 MiB (128.0 KiB/19.0 MiB used)',
  );
  expect(engineMemoryError(error)).toMatchObject({ code: 'engine-memory', cause: error });
  expect(engineMemoryError(new Error('Invalid Input Error: no number'))).toBeNull();
});
