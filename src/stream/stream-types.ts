/** How the steps of a stream change the type of its rows. Nothing of this exists at run time. */
import type { MapRow, RecordBatch, Struct, Table, TypeMap, Vector } from 'apache-arrow';
import type { ColumnTypes } from '../arrow/row-types.ts';
import type { Operand } from '../operators/expr.ts';
import type { UdfExpr } from '../operators/udf/function-types.ts';

/** Writes an intersection out as one object type. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};

/** Names that a step can use: columns of the rows, and metadata columns where there are some. */
export type ColumnName<Row, Metadata> = keyof (Row & Metadata) & string;

/** New columns by name: expressions, or plain values for constants. */
export type NewColumns = { readonly [name: string]: Operand };

/**
 * The value of a new column. An expression's type is only known against a schema, at run time, so
 * it is `unknown` here, but for user functions, which declare it;
 * `map<{ euros: number }>({ euros: … })` says it.
 */
export type OperandValue<O> =
  O extends UdfExpr<infer V>
    ? V
    : O extends string
      ? string
      : O extends number
        ? number
        : O extends bigint
          ? bigint
          : O extends boolean
            ? boolean
            : O extends Date
              ? number
              : O;

/** Columns by name, and what each is made of. */
export type ExprColumns<New> = { readonly [K in keyof New]: Operand };

/** Rows after `map`: columns are added, or replaced where the name is there. */
export type Mapped<Row, New> = Simplify<Omit<Row, keyof New> & New>;

/** One argument of `select`: a column's name, or new columns. */
export type Selected<Row, Metadata> = ColumnName<Row, Metadata> | NewColumns;

type NewOf<C> = C extends string
  ? never
  : C extends object
    ? { -readonly [K in keyof C]: OperandValue<C[K]> }
    : never;
type Intersect<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never;
type NewFrom<C> = [NewOf<C>] extends [never] ? object : Intersect<NewOf<C>>;

/** Rows after `select`; `C` is the union of its arguments. */
export type SelectedRow<All, C> = Simplify<Pick<All, C & keyof All & string> & NewFrom<C>>;

/** Rows after `rename`. A renamed metadata column becomes a column like any other. */
export type RenamedRow<Row, Metadata, Names> = Simplify<
  {
    [K in keyof Row as K extends keyof Names ? Names[K] & string : K]: Row[K];
  } & {
    [K in keyof Metadata & keyof Names as Names[K] & string]: Metadata[K];
  }
>;

/** Names of the columns that `unnest` takes; where nothing is known of a type, any. */
export type ListColumn<All> = {
  [K in keyof All & string]: unknown extends All[K]
    ? K
    : NonNullable<All[K]> extends Vector | MapRow
      ? K
      : never;
}[keyof All & string];

type ItemOf<V> = NonNullable<V> extends Vector<infer T> ? T['TValue'] : unknown;
type IfOuter<O> = O extends { readonly outer: true } ? null : never;
type Names<O> = O extends { readonly as: infer N extends { key: string; value: string } }
  ? N
  : { key: 'key'; value: 'value' };
type ItemColumns<K extends PropertyKey, V, O> =
  NonNullable<V> extends MapRow<infer Key, infer Value>
    ? { [P in Names<O>['key']]: Key['TValue'] | IfOuter<O> } & {
        [P in Names<O>['value']]: Value['TValue'] | IfOuter<O>;
      }
    : { [P in O extends { readonly as: infer N extends string } ? N : K]: ItemOf<V> | IfOuter<O> };
type IndexColumn<O> = O extends { readonly index: infer N extends string }
  ? { [P in N]: number | IfOuter<O> }
  : unknown;

/** Rows after `unnest`: the items in the place of their list, and their index. */
export type Unnested<Row, Metadata, K extends keyof (Row & Metadata), O> = Simplify<
  Omit<Row, K> & ItemColumns<K, (Row & Metadata)[K], O> & IndexColumn<O>
>;

/** Rows of two streams: a value is of either. */
export type United<Row, Other> = {
  [K in keyof Row]: Row[K] | (K extends keyof Other ? Other[K] : never);
};

/** Metadata columns that two streams both have: all, or none. */
export type SharedMetadata<One, Other> = keyof One extends keyof Other ? One : object;

type AsTypeMap<T> = T extends TypeMap ? T : TypeMap;

/** A record batch with rows of this type. */
export type BatchOf<Row> = RecordBatch<AsTypeMap<ColumnTypes<Row>>>;

/** A row of a table or batch, as apache-arrow gives it: columns by name, `toJSON`, `toArray`. */
type ArrowRow<Row> = Struct<AsTypeMap<ColumnTypes<Row>>>['TValue'];

/** A table with rows of this type. Arrow's own declaration gives rows of `any` when iterated. */
export interface TableOf<Row> extends Table<AsTypeMap<ColumnTypes<Row>>> {
  [Symbol.iterator](): IterableIterator<ArrowRow<Row>>;
  toArray(): ArrowRow<Row>[];
}
