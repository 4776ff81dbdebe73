import type { Facts, OptionFact } from './facts.ts';

/** Choices that several standard tables share, by the name of the column and of the set, as documented. */
const NAMES = [
  'budgetstatus',
  'initialcommunication',
  'need',
  'purchaseprocess',
  'purchasetimeframe',
] as const;

const COMPONENT_STATES: readonly OptionFact[] = [
  [0, 'Published'],
  [1, 'Unpublished'],
  [2, 'Deleted'],
  [3, 'Deleted Unpublished'],
];

/** The options of each shared choice: from the one table that they are recorded of. */
export function globalChoices(standard: Facts['standard']): ReadonlyMap<string, readonly OptionFact[]> {
  const columns = Object.values(standard.tables).map((table) => table.columns);
  const shared = NAMES.map((name) => {
    const options = columns.find((one) => one[name]?.options !== undefined)?.[name]?.options;
    return [name, options ?? []] as const;
  });
  return new Map<string, readonly OptionFact[]>([...shared, ['componentstate', COMPONENT_STATES]]);
}
