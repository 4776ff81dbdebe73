/**
 * A LIKE pattern of the database as a regular expression: `%` any text, `_` one character, `[…]` one of a set.
 * They act inside the values of contains, startswith and endswith too. Case does not matter.
 */
export function likePattern(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!; // bounded by length
    const close = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (close > 0) {
      source += setPattern(pattern.slice(at + 1, close));
      at = close;
    } else if (character === '%') source += '.*';
    else if (character === '_') source += '.';
    else source += character.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
  }
  return new RegExp(`^${source}$`, 'isu');
}

function setPattern(set: string): string {
  const negated = set.startsWith('^');
  const members = (negated ? set.slice(1) : set).replace(/[\]\\^]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}
