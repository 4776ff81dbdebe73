/** One reader's work in a process of its own, as its one argument says it. */
export interface ReadJob {
  readonly reader: ReaderName;
  /** Origin of the simulator, which takes any token. */
  readonly url: string;
  readonly table: string;
  readonly entitySet: string;
  /** Logical names for our client, property names for the others: the same columns. */
  readonly columns: readonly string[];
  readonly properties: readonly string[];
  /** Pages read before measuring, so that compiling the reader is not measured, and pages measured. */
  readonly warmUp: number;
  readonly pages: number;
}

export type ReaderName = 'rowback' | 'bareFetch' | 'fetchJson' | 'dynamicsWebApi';

export interface ReadResult {
  readonly rows: number;
  /** Processor time of the reading process, its garbage collector and threads included. */
  readonly cpuSeconds: number;
  readonly seconds: number;
}

export const pageSize = 5000;
export const token = 'any';
/** What every reader asks for: nothing but the tables of lookups, without which a lookup is half a value. */
export const annotations = 'Microsoft.Dynamics.CRM.lookuplogicalname';
