/**
 * Schemas as plain data: what a plan carries across threads, what codecs and kernels are compiled
 * from. Literals and Arrow schemas are turned into it, and it into Arrow schemas.
 */

/** Unit of a timestamp: seconds, milli-, micro- or nanoseconds. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/**
 * Scalar types without parameters.
 *
 * `date` is days since the epoch (Arrow's date32), `time` microseconds since midnight (time64),
 * `duration` microseconds, `dictionary` utf8 that stores each text of a batch once, `json` the raw
 * text of any JSON value (laid out as utf8), `null` a column without any value.
 */
export type PlainType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'utf8'
  | 'binary'
  | 'date'
  | 'time'
  | 'duration'
  | 'dictionary'
  | 'json'
  | 'null';

/** The name of a scalar type: one that is neither struct nor list nor map. */
export type ScalarType = PlainType | 'decimal' | 'timestamp';

/** Exact decimal numbers in 128 bits: 1 to 38 digits, `scale` of them behind the point. */
export interface DecimalType {
  readonly kind: 'decimal';
  /** Digits, 1 to 38. */
  readonly precision: number;
  /** Digits behind the point, 0 to `precision`. */
  readonly scale: number;
}

/**
 * A point in time since the epoch. With a `zone` it is an instant, stored as UTC whatever zone is
 * named; with null it is what a clock on a wall shows, of no zone.
 */
export interface TimestampType {
  readonly kind: 'timestamp';
  readonly unit: TimeUnit;
  readonly zone: string | null;
}

/** A scalar type with its parameters. */
export type ScalarDataType = { readonly kind: PlainType } | DecimalType | TimestampType;

/** Any column type. The keys of a map are utf8 and never null. */
export type DataType =
  | ScalarDataType
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly item: Field }
  | { readonly kind: 'map'; readonly value: Field };

/** A named, typed column or struct member. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The columns of a stream, in order; names are unique. */
export interface Schema {
  readonly fields: readonly Field[];
}

/**
 * Structs, lists and maps may be nested so deep, columns counted; deeper schemas are refused. What
 * goes through a type goes down by recursion, in kernels too, and this is far from where a stack
 * ends.
 */
export const MAX_SCHEMA_DEPTH = 256;

/** What `'timestamp'` alone stands for: an instant in microseconds. */
export const TIMESTAMP: TimestampType = Object.freeze({
  kind: 'timestamp',
  unit: 'us',
  zone: 'UTC',
});
