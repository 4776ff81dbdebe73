import type { TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import { indexKey, type Row, type RowValues } from '../table-store.ts';
import { drawChoices, type ValueSources } from './choices.ts';
import { GeneratedIds } from './generated-ids.ts';
import { hashText, mix } from './mix.ts';

/** How many different rows there are, apart from what is a row's own. */
const PATTERNS = 512;

/** A column that has another value in every row, and what it is. */
export type OwnColumn = 'id' | 'version' | 'name' | 'index';

export interface GeneratedRowsOptions {
  readonly table: TableDefinition;
  readonly count: number;
  readonly seed: number;
  /** Row version of the first row; the others follow, one each. */
  readonly firstVersion: number;
  readonly sources: ValueSources;
}

/**
 * Rows made from a seed by index and kept nowhere. Ids, row versions, names and import numbers differ from row to row;
 * all other values come from one of some hundred patterns, in no order. So a table of millions of rows takes no more
 * memory than one of hundreds, and the text of a row is ready but for its own values.
 */
export class GeneratedRows {
  readonly count: number;
  readonly firstVersion: number;
  readonly ids: GeneratedIds;
  readonly patterns: readonly RowValues[];
  readonly #seed: number;
  readonly #table: TableDefinition;

  constructor(options: GeneratedRowsOptions) {
    const { table, count, seed, sources } = options;
    this.count = count;
    this.firstVersion = options.firstVersion;
    this.#seed = hashText(`${seed} ${table.logicalName}`);
    this.ids = new GeneratedIds(count, this.#seed);
    this.#table = table;
    this.patterns = makePatterns(
      table,
      (name) => this.ownColumn(name) === undefined,
      Math.min(count, PATTERNS),
      seed,
      sources,
    );
  }

  /** Undefined: the column's value is that of the row's pattern. */
  ownColumn(column: string): OwnColumn | undefined {
    if (column === this.#table.primaryId) return 'id';
    if (column === 'versionnumber') return 'version';
    if (column === this.#table.primaryName) return 'name';
    return column === 'importsequencenumber' ? 'index' : undefined;
  }

  /** The number of the row's pattern. */
  patternOf(index: number): number {
    return mix(this.#seed, index) % this.patterns.length;
  }

  /** Text before the number in every row's name. */
  get namePrefix(): string {
    return `${this.#table.displayName} `;
  }

  row(index: number): Row {
    return new GeneratedRow(this, index);
  }

  valuesAt(index: number): RowValues {
    const values: Record<string, StoredValue> = { ...this.patterns[this.patternOf(index)] };
    values[this.#table.primaryId] = this.ids.idAt(index);
    for (const name of [this.#table.primaryName, 'importsequencenumber']) {
      if (name !== null && this.#table.columns.has(name)) values[name] = this.#ownValue(name, index);
    }
    return values;
  }

  /** Indices of the rows whose column equals the value, in the sense of `TableStore.referrers`. */
  *indicesWhere(column: string, value: string): Generator<number> {
    const wanted = value.toLowerCase();
    const own = this.ownColumn(column);
    if (own === undefined) {
      const fits = this.patterns.map((pattern) => indexKey(pattern[column]) === wanted);
      if (!fits.includes(true)) return;
      for (let index = 0; index < this.count; index++) if (fits[this.patternOf(index)] === true) yield index;
    } else if (own === 'id') {
      const index = this.ids.indexOf(wanted);
      if (index !== undefined) yield index;
    } else if (own !== 'version') {
      const index = Number(/\d+$/.exec(wanted)?.[0] ?? 0) - 1;
      if (index < 0 || index >= this.count) return;
      if (indexKey(this.#ownValue(column, index)) === wanted) yield index;
    }
  }

  #ownValue(column: string, index: number): StoredValue {
    return column === this.#table.primaryName ? `${this.namePrefix}${index + 1}` : index + 1;
  }
}

/** A row that is made when it is asked for; most readers look at its id and version only. */
class GeneratedRow implements Row {
  readonly id: string;
  readonly version: number;
  readonly #rows: GeneratedRows;
  readonly #index: number;
  #values: RowValues | undefined;

  constructor(rows: GeneratedRows, index: number) {
    this.#rows = rows;
    this.#index = index;
    this.id = rows.ids.idAt(index);
    this.version = rows.firstVersion + index;
  }

  get values(): RowValues {
    return (this.#values ??= this.#rows.valuesAt(this.#index));
  }
}

function makePatterns(
  table: TableDefinition,
  isDrawn: (column: string) => boolean,
  count: number,
  seed: number,
  sources: ValueSources,
): readonly RowValues[] {
  const patterns: Record<string, StoredValue>[] = Array.from({ length: count }, () => ({}));
  for (const column of table.columns.values()) {
    const { logicalName, calculationOf } = column;
    if (!column.validOData || !isDrawn(logicalName)) continue;
    const drawn = drawChoices(table.logicalName, column, count, seed, sources);
    for (const [at, pattern] of patterns.entries()) {
      // Generated rows are in the base currency, at a rate of one; the amount comes before its base.
      const value = calculationOf === undefined ? drawn[at] : pattern[calculationOf];
      if (value !== undefined && value !== null) pattern[logicalName] = value;
    }
  }
  return patterns;
}
