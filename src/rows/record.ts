/** Messages as objects: what the row API reads, what it takes, what it tells. */
import type { Schema as ArrowSchema, RecordBatch } from 'apache-arrow';
import type { KindOf, ScalarValues } from '../arrow/row-types.ts';
import type { MapLiteral, Nullable, SchemaInput } from '../arrow/schema-literal.ts';
import type { MillraceError } from '../errors.ts';

/** A header as it was read. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** A message as it was read. Its buffers are views on the batch that it came in. */
export interface KafkaRecord<Value = unknown> {
  readonly value: Value;
  readonly key: Buffer | null;
  /** In the order of the message; empty where it has none. */
  readonly headers: readonly RecordHeader[];
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since the epoch; -1 where the message has none. */
  readonly timestamp: number;
}

/**
 * What each scalar type is in rows: as in batches, but bytes are buffers, a `decimal` is its text
 * with all digits (`'12.50'`), and `json` is the value that its text stands for.
 */
export interface PlainScalars extends Omit<ScalarValues, 'binary' | 'decimal' | 'json'> {
  binary: Buffer;
  decimal: string;
  json: unknown;
}

/** The plain value of one field of a schema literal: lists are arrays, maps are objects. */
export type PlainValue<L> = L extends `${infer T}?`
  ? PlainScalars[KindOf<T>] | null
  : L extends string
    ? PlainScalars[KindOf<L>]
    : L extends Nullable<infer Inner>
      ? PlainValue<Inner> | null
      : L extends MapLiteral<infer Value>
        ? { [key: string]: PlainValue<Value> }
        : L extends readonly [infer Item]
          ? PlainValue<Item>[]
          : { -readonly [K in keyof L]: PlainValue<L[K]> };

/** A row of a schema as a plain object; an Arrow schema does not say which values. */
export type PlainRow<S extends SchemaInput> =
  S extends ArrowSchema<infer Types>
    ? { -readonly [K in keyof Types]: unknown }
    : { -readonly [K in keyof S]: PlainValue<S[K]> };

/**
 * What each scalar type takes in a sink's values. Texts of dates and times are ISO 8601; bigints of
 * a `time` or `duration` are microseconds, of a `timestamp` its own unit; numbers of a `date` or
 * `timestamp` are milliseconds since the epoch.
 */
export interface InputScalars {
  bool: boolean;
  int8: number | bigint;
  int16: number | bigint;
  int32: number | bigint;
  int64: number | bigint;
  uint8: number | bigint;
  uint16: number | bigint;
  uint32: number | bigint;
  uint64: number | bigint;
  float32: number;
  float64: number;
  decimal: string | number | bigint;
  utf8: string;
  dictionary: string;
  binary: Uint8Array;
  json: unknown;
  date: string | number | Date;
  time: string | bigint;
  duration: string | bigint;
  timestamp: string | number | bigint | Date;
  null: null;
}

/** What one field of a schema literal takes in a sink's values. */
export type InputValue<L> = L extends `${infer T}?`
  ? InputScalars[KindOf<T>] | null
  : L extends string
    ? InputScalars[KindOf<L>]
    : L extends Nullable<infer Inner>
      ? InputValue<Inner> | null
      : L extends MapLiteral<infer Value>
        ? Readonly<Record<string, InputValue<Value>>> | ReadonlyMap<string, InputValue<Value>>
        : L extends readonly [infer Item]
          ? Iterable<InputValue<Item>>
          : InputFields<L>;

type OptionalNames<L> = {
  [K in keyof L]: L[K] extends `${string}?` | 'null' | Nullable ? K : never;
}[keyof L];

type InputFields<L> = { readonly [K in Exclude<keyof L, OptionalNames<L>>]: InputValue<L[K]> } & {
  readonly [K in OptionalNames<L>]?: InputValue<L[K]> | undefined;
};

/** A value that a sink of this schema takes: nullable fields may be missing. */
export type InputRow<S extends SchemaInput> =
  S extends ArrowSchema<infer Types> ? { readonly [K in keyof Types]?: unknown } : InputFields<S>;

/** Bytes of a key: text is UTF-8, numbers are written in decimal; null is no key. */
export type KeyInput = string | Uint8Array | number | bigint | null | undefined;

/** Headers as an object or a Map, or as a list, which may have a key more than once. */
export type HeadersInput =
  | Readonly<Record<string, string | Uint8Array | null>>
  | ReadonlyMap<string, string | Uint8Array | null>
  | readonly { readonly key: string; readonly value: string | Uint8Array | null }[];

/** Where a message is stored. */
export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  /** -1 where the broker did not say: with `acks: 0`, or where it had stored the batch before. */
  readonly offset: bigint;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** Told once a message, with either the error or the delivery. */
export type DeliveryListener = (
  error: MillraceError | undefined,
  delivery: Delivery | undefined,
) => void;

/** What goes with one message. */
export interface MessageOptions {
  /** Default: what the sink's option `key` says. */
  readonly key?: KeyInput;
  readonly headers?: HeadersInput;
  /** Default: what the sink's partitioner says. */
  readonly partition?: number;
  /** Milliseconds since the epoch. Default, and for the -1 of records that have none: now. */
  readonly timestamp?: number | bigint | Date;
  /** Told what became of the message, besides the promise; default: the sink's `onDelivery`. */
  readonly onDelivery?: DeliveryListener;
}

/** A partition for one value, from 0 to `partitions` - 1. */
export type RowPartitioner<Value = unknown> = (value: Value, partitions: number) => number;

/** A partition for each row of a batch, from 0 to `partitions` - 1. */
export type BatchPartitioner = (batch: RecordBatch, partitions: number) => Int32Array;
