import { guidFromText } from '../../model/guid.ts';

interface LocalisedText {
  readonly LocalizedLabels: readonly object[];
  readonly UserLocalizedLabel: object | null;
}

/** The same text is the same object in every answer: there are thousands of them in a whole schema. */
const made = new Map<string, LocalisedText>();

/** A localised text as the metadata shows it. */
export function label(text: string, isManaged = true): LocalisedText {
  const key = `${isManaged} ${text}`;
  const known = made.get(key) ?? makeLabel(text, isManaged);
  made.set(key, known);
  return known;
}

function makeLabel(text: string, isManaged: boolean): LocalisedText {
  if (text === '') return { LocalizedLabels: [], UserLocalizedLabel: null };
  const one = {
    Label: text,
    LanguageCode: 1033,
    IsManaged: isManaged,
    MetadataId: guidFromText(`label ${text}`),
    HasChanged: null,
  };
  return { LocalizedLabels: [one], UserLocalizedLabel: one };
}

export function managed(value: unknown, name: string, canBeChanged = true) {
  return { Value: value, CanBeChanged: canBeChanged, ManagedPropertyLogicalName: name };
}
