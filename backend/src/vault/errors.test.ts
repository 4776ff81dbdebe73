import { scratchError } from './errors.ts';

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
