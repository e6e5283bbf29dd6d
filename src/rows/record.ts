/** Messages as objects: what the row API reads, what it takes, what it tells. */
import type { Schema as ArrowSchema, RecordBatch } from 'apache-arrow';
import type { ScalarValues } from '../arrow/row-types.ts';
import type { Nullable, SchemaInput } from '../arrow/schema-literal.ts';
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

type PlainScalars = Omit<ScalarValues, 'binary'> & { binary: Buffer };

/** The plain value of one field of a schema literal: lists are arrays, bytes are buffers. */
export type PlainValue<L> = L extends keyof PlainScalars
  ? PlainScalars[L]
  : L extends `${infer Scalar extends keyof PlainScalars}?`
    ? PlainScalars[Scalar] | null
    : L extends Nullable<infer Inner>
      ? PlainValue<Inner> | null
      : L extends readonly [infer Item]
        ? PlainValue<Item>[]
        : { -readonly [K in keyof L]: PlainValue<L[K]> };

/** A row of a schema as a plain object; an Arrow schema does not say which values. */
export type PlainRow<S extends SchemaInput> =
  S extends ArrowSchema<infer Types>
    ? { -readonly [K in keyof Types]: unknown }
    : { -readonly [K in keyof S]: PlainValue<S[K]> };

/** Bytes of a key: text is UTF-8, numbers are written in decimal; null is no key. */
export type KeyInput = string | Uint8Array | number | bigint | null | undefined;

/** Headers as an object, or as a list, which may have a key more than once. */
export type HeadersInput =
  | Readonly<Record<string, string | Uint8Array | null>>
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
  /** Milliseconds since the epoch. Default: now. */
  readonly timestamp?: number | Date;
  /** Told what became of the message, besides the promise; default: the sink's `onDelivery`. */
  readonly onDelivery?: DeliveryListener;
}

/** A partition for one value, from 0 to `partitions` - 1. */
export type RowPartitioner<Value = unknown> = (value: Value, partitions: number) => number;

/** A partition for each row of a batch, from 0 to `partitions` - 1. */
export type BatchPartitioner = (batch: RecordBatch, partitions: number) => Int32Array;
