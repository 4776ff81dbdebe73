import type { PackageData, RawField, RawRecord } from './read-package-data.ts';

/** What the data itself says about a column: the package lists neither options nor lengths nor scales. */
export interface Observed {
  values: number;
  longest: number;
  multiline: boolean;
  /** Digits after the point. */
  scale: number;
  /** Every instant is at midnight. */
  midnight: boolean;
  readonly numbers: Set<number>;
  readonly targets: Set<string>;
  /** Status values with the state of the row they were met in. */
  readonly states: Map<number, number>;
}

/** By table and column; parties count as rows of `activityparty`. */
export type Observations = ReadonlyMap<string, ReadonlyMap<string, Observed>>;

export function observe(data: PackageData): Observations {
  const tables = new Map<string, Map<string, Observed>>();
  const columnsOf = (table: string): Map<string, Observed> => {
    let columns = tables.get(table);
    if (!columns) tables.set(table, (columns = new Map<string, Observed>()));
    return columns;
  };
  for (const [table, records] of data.tables) {
    const columns = columnsOf(table);
    for (const record of records) {
      observeRecord(columns, record);
      for (const field of record.fields) {
        for (const party of field.parties) observeRecord(columnsOf('activityparty'), party);
      }
    }
  }
  return tables;
}

function observeRecord(columns: Map<string, Observed>, record: RawRecord): void {
  for (const field of record.fields) {
    let seen = columns.get(field.name);
    if (!seen) columns.set(field.name, (seen = nothing()));
    if (field.value !== '') observeField(seen, field);
    if (field.name === 'statuscode') {
      const state = record.fields.find((one) => one.name === 'statecode');
      if (state) seen.states.set(Number(field.value), Number(state.value));
    }
  }
}

function nothing(): Observed {
  return {
    values: 0,
    longest: 0,
    multiline: false,
    scale: 0,
    midnight: true,
    numbers: new Set(),
    targets: new Set(),
    states: new Map(),
  };
}

function observeField(seen: Observed, { value, lookupTable }: RawField): void {
  seen.values++;
  if (value.length > seen.longest) seen.longest = value.length;
  seen.multiline ||= value.includes('\n');
  if (lookupTable !== undefined) {
    seen.targets.add(lookupTable);
    return;
  }
  if (value.length > 40) return;
  for (const part of value.startsWith('[') ? value.slice(1, -1).split(',') : [value]) {
    if (/^-?\d+$/.test(part)) seen.numbers.add(Number(part));
  }
  const fraction = /^-?\d+\.(\d+)$/.exec(value)?.[1];
  if (fraction !== undefined) seen.scale = Math.max(seen.scale, fraction.length);
  seen.midnight &&= /T00:00:00|12:00:00 AM$/.test(value);
}
