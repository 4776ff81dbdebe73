import { RowbackError } from '../base/errors.ts';
import type { Values } from '../base/value.ts';
import { readRequest } from './request.ts';

const id = '11111111-1111-4111-8111-111111111111';
const row = '0F2C1B7E-58A1-4A8E-9D53-7B0C6A1E2D34';
const at = { environmentId: 'aaaa', now: '2026-11-23T14:10:00.000Z' };
const good: Values = {
  createdby: { table: 'systemuser', id: 'u1' },
  createdon: '2026-11-23T14:02:05Z',
  createdonbehalfby: null,
  rowback_environmentid: 'AAAA',
  rowback_input: '{"kind":"history"}',
  rowback_kind: 714200000,
  rowback_requeststatus: null,
  rowback_targetid: row,
  rowback_targettable: 'account',
};

const codeOf = (values: Values): string => {
  try {
    readRequest(id, { ...good, ...values }, at);
    return 'taken';
  } catch (error) {
    return error instanceof RowbackError ? error.code : String(error);
  }
};

describe('a request row', () => {
  it('is read with its author from the service, never from its input', () => {
    expect(readRequest(id, good, at)).toEqual({
      id,
      table: 'account',
      row: row.toLowerCase(),
      userId: 'u1',
      input: { kind: 'history' },
    });
  });

  it('is refused when it is older than ten minutes, or has no age', () => {
    expect(codeOf({ createdon: '2026-11-23T14:00:00Z' })).toBe('taken');
    expect(codeOf({ createdon: '2026-11-23T13:59:59Z' })).toBe('request-too-old');
    expect(codeOf({ createdon: null })).toBe('request-too-old');
  });

  it('is refused when it pretends to be younger than it can be', () => {
    expect(codeOf({ createdon: '2026-11-23T14:10:30Z' })).toBe('taken');
    expect(codeOf({ createdon: '2026-11-23T14:12:00Z' })).toBe('request-too-old');
  });

  it('is refused when it was made for another environment', () => {
    expect(codeOf({ rowback_environmentid: 'bbbb' })).toBe('request-other-environment');
    expect(codeOf({ rowback_environmentid: null })).toBe('request-other-environment');
  });

  it('is refused when somebody made it in the name of another', () => {
    expect(codeOf({ createdonbehalfby: { table: 'systemuser', id: 'u2' } })).toBe('request-on-behalf');
    const { createdonbehalfby: _, ...unknown } = good;
    expect(() => readRequest(id, unknown, at)).toThrow('on behalf');
  });

  it.each([
    ['no JSON', { rowback_input: '{' }],
    ['an empty input', { rowback_input: null }],
    ['another kind than its column says', { rowback_input: '{"kind":"undo","restoreId":"r"}' }],
    ['an unknown kind', { rowback_kind: 714200009 }],
    ['members that nobody knows', { rowback_input: '{"kind":"history","as":"admin"}' }],
    ['a table that is no logical name', { rowback_targettable: "account'" }],
    ['an id that is none', { rowback_targetid: 'x' }],
  ])('is refused with %s', (_, values) => {
    expect(codeOf(values)).toBe('request-malformed');
  });
});
