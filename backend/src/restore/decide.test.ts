import { decide, type ColumnCase } from './decide.ts';

const column = (values: Partial<ColumnCase>): ColumnCase => ({
  type: 'string',
  wanted: 'right',
  bad: 'wrong',
  since: [],
  now: 'wrong',
  onRequest: false,
  cannot: null,
  ...values,
});

describe('the three-way rule', () => {
  it('restores what went bad and was not touched since', () => {
    expect(decide(column({})).decision).toBe('restore');
  });

  it('leaves alone what did not go bad, whatever it is now', () => {
    expect(decide(column({ bad: 'right', now: 'right' })).decision).toBe('untouched');
    expect(decide(column({ bad: 'right', now: 'edited' })).decision).toBe('untouched');
  });

  it('has nothing to do where the live row is right already', () => {
    expect(decide(column({ now: 'right' })).decision).toBe('already-right');
  });

  it('keeps what somebody changed after the newest backup', () => {
    expect(decide(column({ now: 'edited' })).decision).toBe('kept');
  });

  it('keeps what was edited and edited back in a later version', () => {
    expect(decide(column({ since: ['edited', 'wrong'] })).decision).toBe('kept');
  });

  it('is not misled by a later version that does not hold the column', () => {
    expect(decide(column({ since: [undefined, 'wrong'] })).decision).toBe('restore');
  });

  it('puts a named column back although somebody changed it since', () => {
    expect(decide(column({ now: 'edited', onRequest: true })).decision).toBe('restore');
    expect(decide(column({ bad: 'right', now: 'edited', onRequest: true })).decision).toBe('restore');
  });

  it('never writes a column that was not captured, named or not', () => {
    expect(decide(column({ wanted: undefined })).decision).toBe('not-captured');
    expect(decide(column({ wanted: undefined, onRequest: true })).decision).toBe('not-captured');
  });

  it('restores an empty value: empty is not the same as not captured', () => {
    expect(decide(column({ wanted: null })).decision).toBe('restore');
  });

  it('says why a column that differs cannot be written', () => {
    expect(decide(column({ cannot: 'Read-only.' }))).toEqual({ decision: 'cannot', why: 'Read-only.' });
    expect(decide(column({ cannot: 'Read-only.', now: 'right' })).decision).toBe('already-right');
  });

  it('keeps a column that the newest backup does not hold', () => {
    expect(decide(column({ bad: undefined })).decision).toBe('kept');
  });

  it('compares by meaning, not by spelling', () => {
    expect(decide(column({ type: 'decimal', wanted: '45.0000', now: '45', bad: '30' })).decision).toBe(
      'already-right',
    );
    expect(decide(column({ type: 'multiSelect', wanted: '1,10,2', now: '2,1,10' })).decision).toBe(
      'already-right',
    );
    const instant = {
      type: 'timestamp',
      wanted: '2026-01-02T03:04:05Z',
      now: '2026-01-02T03:04:05.000000Z',
    } as const;
    expect(decide(column({ ...instant, bad: null })).decision).toBe('already-right');
  });
});
