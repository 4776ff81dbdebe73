import { shownValue } from './presentation.ts';

const names = new Map([['contact:c1', 'Amira Haddad']]);
const text = (...args: Parameters<typeof shownValue>) => {
  const shown = shownValue(...args);
  return shown.captured ? shown.text : 'not captured';
};

describe('a value as people read it', () => {
  it('tells not captured from empty', () => {
    expect(shownValue({ type: 'string' }, undefined, names)).toEqual({ captured: false });
    expect(shownValue({ type: 'string' }, null, names)).toEqual({ captured: true, value: null, text: '' });
  });

  it('prints money with its scale, and every digit that says something', () => {
    expect(text({ type: 'decimal', scale: 2 }, '250000', names)).toBe('250,000.00');
    expect(text({ type: 'decimal', scale: 2 }, '-1234.5600', names)).toBe('-1,234.56');
    expect(text({ type: 'decimal', scale: 2 }, '0.1234567891', names)).toBe('0.1234567891');
    expect(text({ type: 'decimal', scale: 10 }, '99999999999.1234567891', names)).toBe(
      '99,999,999,999.1234567891',
    );
    expect(text({ type: 'decimal', scale: 0 }, '1000', names)).toBe('1,000');
  });

  it('prints choices by their labels, and a value without a label as it is', () => {
    const choices = { '1': 'Net 30', '2': 'Net 45' };
    expect(text({ type: 'int', choices }, 2, names)).toBe('Net 45');
    expect(text({ type: 'int', choices }, 714200000, names)).toBe('714200000');
    expect(text({ type: 'multiSelect', choices }, '1,2', names)).toBe('Net 30; Net 45');
    expect(text({ type: 'boolean', choices: { '0': 'Allow', '1': 'Do Not Allow' } }, true, names)).toBe(
      'Do Not Allow',
    );
    expect(text({ type: 'boolean' }, false, names)).toBe('No');
  });

  it('prints a lookup by the name of its row, or by its id', () => {
    expect(text({ type: 'lookup' }, { table: 'contact', id: 'c1' }, names)).toBe('Amira Haddad');
    expect(text({ type: 'lookup' }, { table: 'account', id: 'c1' }, names)).toBe('c1');
  });

  it('prints an instant with its zone and wall time without one', () => {
    expect(text({ type: 'timestamp' }, '2026-11-23T14:02:05Z', names)).toBe('2026-11-23 14:02 UTC');
    expect(text({ type: 'wallTime' }, '2026-11-23T14:02:05Z', names)).toBe('2026-11-23 14:02');
  });

  it('prints a content by its file name and size', () => {
    const content = { state: 'stored', sha256: 'ab', bytes: 12345, name: 'a.pdf', mimeType: null } as const;
    expect(text({ type: 'file' }, 'ab', names, content)).toBe('a.pdf (12,345 bytes)');
  });
});
