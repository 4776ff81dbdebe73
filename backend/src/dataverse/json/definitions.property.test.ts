import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLosslessNumber } from 'lossless-json';
import { numberText, parseDefinitions, parseLossless } from './lossless.ts';

/** Numbers as a service may print them, plain ones mostly. */
const printed = fc.oneof(
  { weight: 8, arbitrary: fc.integer().map(String) },
  fc.constantFrom('1.50', '-0', '1e3', '9223372036854775807', '0.1', '100000000000.0', '-922337203685477'),
);

/** A JSON text with those numbers in it, and strings that look like numbers or end in backslashes and quotes. */
const wires = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    printed,
    fc
      .oneof(fc.string(), fc.constantFrom('1.50', '\\', '"1.50"', '\\" 1e3'))
      .map((text) => JSON.stringify(text)),
    fc.constantFrom('null', 'true', 'false'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), tie('value')), {
        maxLength: 4,
        selector: ([k]) => k,
      })
      .map((members) => `{${members.map(([name, value]) => `"${name}" :${value}`).join(',')}}`),
  ),
})).value;

function withTexts(value: unknown): unknown {
  if (typeof value === 'number' || isLosslessNumber(value)) return { number: numberText(value) };
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withTexts(inner)]));
}

test('numbers of definitions have the text that they were sent as, whichever parser read them', () => {
  fc.assert(
    fc.property(wires, (wire) => {
      expect(withTexts(parseDefinitions(wire))).toEqual(withTexts(parseLossless(wire)));
    }),
    { numRuns: 500 },
  );
});
