/** A column as written, with the alias of its table where one stands before it. Both in lower case. */
export interface ColumnName {
  readonly table: string | undefined;
  readonly column: string;
}

export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

export interface SelectItem {
  /** Undefined in `COUNT(*)`. */
  readonly column: ColumnName | undefined;
  readonly aggregate: AggregateName | undefined;
  readonly distinct: boolean;
  readonly alias: string | undefined;
}

export interface TableName {
  readonly name: string;
  readonly alias: string;
}

export interface SqlJoin {
  readonly table: TableName;
  readonly outer: boolean;
  readonly on: SqlCondition;
}

export type SqlCondition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly SqlCondition[] }
  | {
      /** A comparison of a column with constants, by the operator of FetchXML that means the same. */
      readonly kind: 'test';
      readonly column: ColumnName;
      readonly operator: string;
      readonly values: readonly string[];
    }
  | { readonly kind: 'equal'; readonly left: ColumnName; readonly right: ColumnName };

export interface SqlOrder {
  readonly column: ColumnName;
  readonly descending: boolean;
}

/** One SELECT command of the subset that the service takes. */
export interface SqlQuery {
  readonly distinct: boolean;
  readonly top: number | undefined;
  readonly items: readonly SelectItem[];
  readonly from: TableName;
  readonly joins: readonly SqlJoin[];
  readonly where: SqlCondition | undefined;
  readonly groupBy: readonly ColumnName[];
  readonly orderBy: readonly SqlOrder[];
  readonly offset: { readonly skip: number; readonly size: number | undefined } | undefined;
}
