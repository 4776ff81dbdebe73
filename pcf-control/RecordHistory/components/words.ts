import type { Person, Shown, VersionSummary } from '../services/contract';
import type { Surroundings } from './surroundings';

/** When the values of a version came to be: its last save, or for a deleted one the backup that found it gone. */
export const versionInstant = (version: VersionSummary): string => version.modifiedOn ?? version.capturedAt;

export function personName({ text, userId }: Surroundings, person: Person | null): string {
  if (person === null) return text.say('Somebody');
  return person.id.toLowerCase() === userId ? text.say('You') : (person.name ?? text.say('Somebody'));
}

/** What the pill beside a version says. */
export function versionPill({ text }: Surroundings, version: VersionSummary): string {
  switch (version.kind) {
    case 'created':
      return text.say('Kind_Created');
    case 'first-captured':
      return text.say('Kind_FirstCaptured');
    case 'deleted':
      return text.say('Kind_Deleted');
    case 'restored-after-delete':
      return text.say('Kind_Restored');
    case 'changed':
      return text.count('Columns', version.changedColumns.length);
  }
}

/** A value as text; an empty one is a dash, and one that the backup does not hold is never taken for empty. */
export function shownText({ text }: Surroundings, shown: Shown, missing: 'NotCaptured' | 'NotShown'): string {
  if (!shown.captured) return text.say(missing);
  return shown.text === '' ? '—' : shown.text;
}

/** The same in the middle of a sentence, where a dash says nothing. */
export function shownInWords(
  surroundings: Surroundings,
  shown: Shown,
  missing: 'NotCaptured' | 'NotShown',
): string {
  if (shown.captured && shown.text === '') return surroundings.text.say('Empty_Value');
  return shownText(surroundings, shown, missing);
}

export const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
