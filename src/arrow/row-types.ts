/** The TypeScript types of rows, inferred from schemas. Nothing of this exists at run time. */
import type {
  DataType as ArrowDataType,
  Schema as ArrowSchema,
  TypeMap,
  Vector,
} from 'apache-arrow';
import type { Nullable, SchemaInput } from './schema-literal.ts';

/**
 * What each scalar type is in JavaScript. A `timestamp` is milliseconds since the epoch with the
 * microseconds as its fraction, as apache-arrow gives it; exact microseconds are in the column's
 * `toArray()`, a `BigInt64Array`.
 */
export interface ScalarValues {
  bool: boolean;
  int32: number;
  int64: bigint;
  float64: number;
  utf8: string;
  binary: Uint8Array;
  timestamp: number;
}

/** An Arrow type whose values are `V`; for the columns of tables and batches. */
export interface ArrowType<V> extends ArrowDataType {
  readonly TValue: V;
}

/** A list's value: an Arrow vector of its items, which can be iterated and indexed by `get(i)`. */
export type ArrowList<V> = Vector<ArrowType<V>>;

/** The value of one field of a schema literal. */
export type ValueOf<L> = L extends keyof ScalarValues
  ? ScalarValues[L]
  : L extends `${infer S extends keyof ScalarValues}?`
    ? ScalarValues[S] | null
    : L extends Nullable<infer Inner>
      ? ValueOf<Inner> | null
      : L extends readonly [infer Item]
        ? ArrowList<ValueOf<Item>>
        : { -readonly [K in keyof L]: ValueOf<L[K]> };

/** The row of Arrow columns of these types; Arrow's types say nothing of nullability. */
export type RowOfTypes<T extends TypeMap> = { -readonly [K in keyof T]: T[K]['TValue'] | null };

/** The row of a schema literal or of a typed Arrow schema. */
export type RowOf<S extends SchemaInput> =
  S extends ArrowSchema<infer T> ? RowOfTypes<T> : { -readonly [K in keyof S]: ValueOf<S[K]> };

/** Column types of a table or batch with rows of this type. */
export type ColumnTypes<Row> = { [K in keyof Row]: ArrowType<Row[K]> };

/** One Kafka header. */
export interface HeaderRow {
  key: string;
  value: Uint8Array | null;
}

/** Columns that every Kafka source has beside those of its messages; made only when used. */
export interface MetadataRow {
  /** Topic the message came from. */
  _topic: string;
  _partition: number;
  _offset: bigint;
  /** The message's timestamp; see {@link ScalarValues}. */
  _timestamp: number;
  _key: Uint8Array | null;
  _headers: ArrowList<HeaderRow>;
}
