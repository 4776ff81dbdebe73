import type { TableMetadata } from '../dataverse/index.ts';
import { leftOutAsNoData, tableMatcher } from './left-out.ts';

const kinds = {
  standard: ({ kind }) => kind === 'standard',
  activity: ({ kind }) => kind === 'activity',
  /** The rows of many-to-many relationships. */
  intersect: ({ kind }) => kind === 'intersect',
  elastic: ({ kind }) => kind === 'elastic',
  custom: ({ custom }) => custom,
  /** Instances of business process flows. */
  process: ({ isBusinessProcessFlow }) => isBusinessProcessFlow,
  /** Logs and queues of the platform; out unless chosen. */
  log: ({ name }) => leftOutAsNoData(name)?.code === 'log',
} satisfies Record<string, (table: TableMetadata) => boolean>;

/** What may stand in a policy's lists behind `kind:`. */
export const tableKinds = Object.keys(kinds) as (keyof typeof kinds)[];

/** Which tables an entry of a policy's list means: `kind:` and a kind, or a logical name with `*` for any characters. */
export function tableChoice(entry: string): (table: TableMetadata) => boolean {
  const kind = tableKinds.find((one) => entry === `kind:${one}`);
  if (kind !== undefined) return kinds[kind];
  const matches = tableMatcher(entry);
  return ({ name }) => matches(name);
}

/** Entries that mean no table of the environment: misspelt, or of a table that is gone. */
export function entriesWithoutTable(entries: readonly string[], tables: readonly TableMetadata[]): string[] {
  return entries.filter((entry) => !tables.some(tableChoice(entry)));
}
