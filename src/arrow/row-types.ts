/** The TypeScript types of rows, inferred from schemas. Nothing of this exists at run time. */
import type {
  DataType as ArrowDataType,
  Schema as ArrowSchema,
  MapRow,
  TypeMap,
  Utf8,
  Vector,
} from 'apache-arrow';
import type { FieldLiteral, MapLiteral, Nullable, SchemaInput } from './schema-literal.ts';

/**
 * What each scalar type is in JavaScript, as apache-arrow gives it. A `timestamp` of any unit is
 * milliseconds since the epoch with what is below as its fraction; exact values are in the column's
 * `toArray()`, a `BigInt64Array`. A `decimal` is its unscaled integer, four words of 32 bits, the
 * lowest first: `decimalToString` writes it out. A `date` is the milliseconds of its midnight in
 * UTC, a `time` and a `duration` are microseconds, `json` is text.
 */
export interface ScalarValues {
  bool: boolean;
  int8: number;
  int16: number;
  int32: number;
  int64: bigint;
  uint8: number;
  uint16: number;
  uint32: number;
  uint64: bigint;
  float32: number;
  float64: number;
  decimal: Uint32Array;
  utf8: string;
  dictionary: string;
  binary: Uint8Array;
  json: string;
  date: number;
  time: bigint;
  duration: bigint;
  timestamp: number;
  null: null;
}

/** A map's value: iterable entries, and members by key. */
export type ArrowMap<V> = MapRow<Utf8, ArrowType<V>>;

/** The scalar type that a text of a literal names; parameters do not change the values' type. */
export type KindOf<T extends string> = T extends keyof ScalarValues
  ? T
  : T extends `decimal(${string}`
    ? 'decimal'
    : T extends `timestamp(${string}`
      ? 'timestamp'
      : never;

/** An Arrow type whose values are `V`; for the columns of tables and batches. */
export interface ArrowType<V> extends ArrowDataType {
  readonly TValue: V;
}

/** A list's value: an Arrow vector of its items, which can be iterated and indexed by `get(i)`. */
export type ArrowList<V> = Vector<ArrowType<V>>;

/** The value of one field of a schema literal; `unknown` where it could be any. */
export type ValueOf<L> = FieldLiteral extends L
  ? unknown
  : L extends `${infer T}?`
    ? ScalarValues[KindOf<T>] | null
    : L extends string
      ? ScalarValues[KindOf<L>]
      : L extends Nullable<infer Inner>
        ? ValueOf<Inner> | null
        : L extends MapLiteral<infer Value>
          ? ArrowMap<ValueOf<Value>>
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
  /** The message's timestamp, see {@link ScalarValues}; null where it has none. */
  _timestamp: number | null;
  _key: Uint8Array | null;
  _headers: ArrowList<HeaderRow>;
}
