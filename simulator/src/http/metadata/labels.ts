import { guidFromText } from '../../model/guid.ts';

/** A localised text as the metadata shows it. */
export function label(text: string, managed = true) {
  if (text === '') return { LocalizedLabels: [], UserLocalizedLabel: null };
  const one = {
    Label: text,
    LanguageCode: 1033,
    IsManaged: managed,
    MetadataId: guidFromText(`label ${text}`),
    HasChanged: null,
  };
  return { LocalizedLabels: [one], UserLocalizedLabel: one };
}

export function managed(value: unknown, name: string, canBeChanged = true) {
  return { Value: value, CanBeChanged: canBeChanged, ManagedPropertyLogicalName: name };
}
