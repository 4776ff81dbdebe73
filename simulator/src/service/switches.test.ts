import { readFileSync } from 'node:fs';
import { readSwitches, SWITCHES, switchesWith } from './switches.ts';

test('a switch takes only its own values, as such or as text', () => {
  expect(readSwitches({ metadataChangeExpiresTokens: 'true' })).toEqual({
    metadataChangeExpiresTokens: true,
  });
  expect(readSwitches({ metadataChangeExpiresTokens: 'perhaps' })).toBeUndefined();
  expect(readSwitches({ toString: true })).toBeUndefined();
  expect(switchesWith().metadataChangeExpiresTokens).toBe(false);
});

test('every switch stands in the list of guesses', () => {
  const list = readFileSync(new URL('../../../docs/testing.md', import.meta.url), 'utf8');
  expect(Object.keys(SWITCHES).filter((name) => !list.includes(`\`${name}\``))).toEqual([]);
});
