/** The TypeScript types of user functions, from the literals of their declaration. */

import type { KindOf } from '../../arrow/row-types.ts';
import type { FieldLiteral, MapLiteral, Nullable } from '../../arrow/schema-literal.ts';
import type { Expr, Operand } from '../expr.ts';

/** The values of scalar types as functions see and give them. */
export interface UdfScalars {
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
  /** The unscaled integer: 12.34 of a `decimal(12,2)` is 1234n. */
  decimal: bigint;
  utf8: string;
  dictionary: string;
  binary: Uint8Array;
  json: string;
  /** Days since the epoch. */
  date: number;
  /** Microseconds since midnight. */
  time: bigint;
  /** Microseconds. */
  duration: bigint;
  /** Since the epoch, in the unit of the type. */
  timestamp: bigint;
  null: null;
}

/** The typed array that holds the values of a type of fixed width. */
export interface UdfArrays {
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
  /** Two words a value, the lower one first, in two's complement. */
  decimal: BigUint64Array;
  date: Int32Array;
  time: BigInt64Array;
  duration: BigInt64Array;
  timestamp: BigInt64Array;
}

/** What writes to a typed array, or hands it out as one that can be written to. */
type Writers = 'set' | 'fill' | 'sort' | 'reverse' | 'copyWithin' | 'subarray' | 'valueOf';

/**
 * A typed array that is only read. It is a view on a column that later steps read, too: what is
 * written to it all the same, by a cast, is in their data.
 */
export type ReadonlyTypedArray<A extends UdfArrays[keyof UdfArrays]> = A extends unknown
  ? Readonly<Omit<A, Writers | 'setFromBase64' | 'setFromHex'>> & {
      subarray(begin?: number, end?: number): ReadonlyTypedArray<A>;
    }
  : never;

/**
 * The plain value of a declared type; `?` and `nullable()` add null. Unknown where the declaration
 * is only known at run time.
 */
export type UdfValue<L> = [FieldLiteral] extends [L] ? unknown : DeclaredValue<L>;

type DeclaredValue<L> = L extends `${infer T}?`
  ? UdfScalars[KindOf<T>] | null
  : L extends string
    ? UdfScalars[KindOf<L>]
    : L extends Nullable<infer Inner>
      ? UdfValue<Inner> | null
      : L extends MapLiteral<infer Value>
        ? Map<string, UdfValue<Value>>
        : L extends readonly [infer Item]
          ? UdfValue<Item>[]
          : { -readonly [K in keyof L]: UdfValue<L[K]> };

/**
 * A column of one call, `length` rows that are all in play. Its arrays are views, to be read:
 * later steps read them, too. Valid until the function returns: afterwards their memory holds
 * other things.
 */
export interface UdfVector<V = unknown> {
  readonly length: number;
  readonly nullCount: number;
  /** Arrow's bitmap, least significant bit first, 1 = not null; absent where nothing is null. */
  readonly validity: ReadonlyTypedArray<Uint8Array> | undefined;
  isNull(row: number): boolean;
  /** The plain value of a row; null where it is null. Texts and bytes are copied out. */
  get(row: number): V;
}

/** Values of fixed width: a view on the worker's memory. What lies under a null is anything. */
export interface UdfFixedVector<
  V = unknown,
  A extends UdfArrays[keyof UdfArrays] = UdfArrays[keyof UdfArrays],
> extends UdfVector<V> {
  readonly values: ReadonlyTypedArray<A>;
}

/** Bools: a bitmap as `validity`. */
export interface UdfBoolVector<V = boolean | null> extends UdfVector<V> {
  readonly bits: ReadonlyTypedArray<Uint8Array>;
}

/** Texts or bytes: row i is `data` from `offsets[i]` to `offsets[i + 1]`, both views. */
export interface UdfBytesVector<V = unknown> extends UdfVector<V> {
  readonly offsets: ReadonlyTypedArray<Int32Array>;
  readonly data: ReadonlyTypedArray<Uint8Array>;
  /** The bytes of a row (a text's UTF-8), as a view. */
  bytes(row: number): ReadonlyTypedArray<Uint8Array>;
}

/** Texts of which each is stored once: row i is `values.get(indices[i])`. */
export interface UdfDictionaryVector<V = string | null> extends UdfVector<V> {
  readonly indices: ReadonlyTypedArray<Int32Array>;
  readonly values: UdfBytesVector<string>;
}

/** Structs: members by their place, in the order of the declaration. */
export interface UdfStructVector<V = unknown> extends UdfVector<V> {
  readonly children: readonly UdfVector[];
  /** The member of a name. */
  field(name: string): UdfVector;
}

/** Lists: row i has the items from `offsets[i]` to `offsets[i + 1]`. */
export interface UdfListVector<V = unknown> extends UdfVector<V> {
  readonly offsets: ReadonlyTypedArray<Int32Array>;
  readonly items: UdfVector;
}

/** Maps: row i has the entries from `offsets[i]` to `offsets[i + 1]`. */
export interface UdfMapVector<V = unknown> extends UdfVector<V> {
  readonly offsets: ReadonlyTypedArray<Int32Array>;
  readonly keys: UdfBytesVector<string>;
  readonly values: UdfVector;
}

type Bare<L> = L extends `${infer T}?` ? T : L extends Nullable<infer Inner> ? Inner : L;

type VectorOfKind<K, V> = K extends keyof UdfArrays
  ? UdfFixedVector<V, UdfArrays[K]>
  : K extends 'bool'
    ? UdfBoolVector<V>
    : K extends 'dictionary'
      ? UdfDictionaryVector<V>
      : K extends 'utf8' | 'json' | 'binary'
        ? UdfBytesVector<V>
        : UdfVector<V>;

/** The vector of a declared argument. */
export type UdfVectorOf<L> =
  Bare<L> extends string
    ? VectorOfKind<KindOf<Bare<L>>, UdfValue<L>>
    : Bare<L> extends MapLiteral
      ? UdfMapVector<UdfValue<L>>
      : Bare<L> extends readonly unknown[]
        ? UdfListVector<UdfValue<L>>
        : UdfStructVector<UdfValue<L>>;

/** Where a function writes its result, one value a row. */
export interface UdfOutput<V = unknown> {
  readonly length: number;
  /** Writes a value, checked; null where the declaration allows it. */
  set(row: number, value: V): void;
  /** Makes a row null; for a declaration that allows it. */
  setNull(row: number): void;
}

/**
 * A result of fixed width: `values` lies in the worker's memory and begins as zeros. What is
 * written there is not checked; a row that nothing is written to is 0.
 */
export interface UdfFixedOutput<V = unknown, A = UdfArrays[keyof UdfArrays]> extends UdfOutput<V> {
  readonly values: A;
}

type OutputOfKind<K, V> = K extends keyof UdfArrays
  ? UdfFixedOutput<V, UdfArrays[K]>
  : UdfOutput<V>;

/** The output of a declared result. */
export type UdfOutputOf<L> =
  Bare<L> extends string ? OutputOfKind<KindOf<Bare<L>>, UdfValue<L>> : UdfOutput<UdfValue<L>>;

type ArrayOfKind<K> = K extends keyof UdfArrays ? UdfArrays[K] : never;

/** What a vector function may return in the place of writing to its output: a value a row. */
export type UdfReturned<L> =
  | Iterable<UdfValue<L>>
  | (Bare<L> extends string ? ArrayOfKind<KindOf<Bare<L>>> : never);

/** The vectors of declared arguments. */
export type UdfVectors<Args extends readonly FieldLiteral[]> = {
  readonly [I in keyof Args]: UdfVectorOf<Args[I]>;
};

/**
 * A function over the rows of one morsel, as a module exports it for `udf`.
 *
 * @example
 * ```ts
 * export const risk: VectorFunction<['float64', 'utf8?'], 'float64'> = (
 *   [amount, country], rows, out,
 * ) => {
 *   for (let row = 0; row < rows; row++) {
 *     out.values[row] = amount.values[row]! * (country.get(row) === 'DE' ? 1 : 2);
 *   }
 * };
 * ```
 */
export type VectorFunction<Args extends readonly FieldLiteral[], Returns extends FieldLiteral> = (
  args: UdfVectors<Args>,
  rows: number,
  out: UdfOutputOf<Returns>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that writes to `out` has no result
) => void | undefined | UdfReturned<Returns>;

/** The values of declared arguments, in their order. */
export type UdfValues<Args extends readonly unknown[]> = {
  -readonly [I in keyof Args]: UdfValue<Args[I]>;
};

/** A function of the values of one row, as a module exports it for `udf` with `mode: 'row'`. */
export type RowFunction<Args extends readonly unknown[], Returns> = (
  ...values: UdfValues<Args>
) => UdfValue<Returns>;

/** An expression whose value's type is known: that of a user function. */
export interface UdfExpr<V> extends Expr {
  /** For the compiler alone; there is nothing at run time. */
  readonly valueType?: V;
}

/** What `udf` makes: takes an operand for each argument and gives an expression. */
export type UserFunction<Args extends readonly FieldLiteral[], Returns extends FieldLiteral> = (
  ...operands: { [I in keyof Args]: Operand }
) => UdfExpr<UdfValue<Returns>>;
