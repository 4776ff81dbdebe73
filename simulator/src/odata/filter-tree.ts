export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export interface Literal {
  readonly kind: 'literal';
  readonly type: 'string' | 'number' | 'guid' | 'date' | 'boolean' | 'null' | 'enum';
  readonly text: string;
}

export interface Path {
  readonly kind: 'path';
  /** Property names from the row outwards; the last is a column. */
  readonly steps: readonly string[];
}

export type Operand = Literal | Path;

/** `$filter` as a tree of syntax; names are not looked up yet. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly kind: 'text';
      readonly function: 'contains' | 'startswith' | 'endswith';
      readonly path: Path;
      readonly value: Operand;
    }
  | {
      /** A query function of the service, as the condition operator that it stands for. */
      readonly kind: 'condition';
      readonly operator: string;
      readonly path: Path;
      readonly values: readonly string[];
    }
  | Lambda
  | { readonly kind: 'flag'; readonly path: Path };

export interface Lambda {
  readonly kind: 'any' | 'all';
  readonly path: Path;
  readonly variable: string;
  readonly inner: Filter | undefined;
}

/** How many conditions the filter has. */
export function countConditions(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return countConditions(filter.left) + countConditions(filter.right);
    case 'not':
      return countConditions(filter.inner);
    case 'any':
    case 'all':
      return filter.inner === undefined ? 1 : countConditions(filter.inner);
    default:
      return 1;
  }
}
