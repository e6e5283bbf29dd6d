/** The messages that benchmarks and tests work on, made by seeded generators. */
import type { Schema } from '../../src/arrow/schema.ts';
import { type SchemaLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { nested, nestedSchema } from './nested.ts';
import { order, orderSchema, orderShuffled, orderText, orderTextSchema } from './order.ts';
import { Random } from './random.ts';
import { small, smallSchema } from './small.ts';
import { wide, wideColumns, wideSchema } from './wide.ts';

/** Message i is `bytes[offsets[i], offsets[i + 1])`; there are `offsets.length - 1`. */
export interface Messages {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

/** A kind of message. */
export interface Workload {
  readonly name: WorkloadName;
  /** Every column that the messages have. */
  readonly schema: Schema;
  /** The columns that a reader wants. */
  readonly columns: readonly string[];
  /** `count` messages as JSON text; the same for the same seed. Default seed 1. */
  messages(count: number, seed?: number): Messages;
}

interface Definition {
  readonly literal: SchemaLiteral;
  readonly write: (random: Random) => string;
  readonly columns?: readonly string[];
}

const DEFINITIONS = {
  /** 178 bytes, fixed key order, ASCII. */
  order: { literal: orderSchema, write: order },
  /** Orders with escapes, non-ASCII text and nulls. */
  'order-text': { literal: orderTextSchema, write: orderText },
  /** Orders whose keys come in another order in every message. */
  'order-shuffled': { literal: orderSchema, write: orderShuffled },
  /** About 900 bytes: structs, lists of structs, free text. */
  nested: { literal: nestedSchema, write: nested },
  /** About 60 bytes. */
  small: { literal: smallSchema, write: small },
  /** 100 columns, of which 3 are read. */
  wide: { literal: wideSchema, write: wide, columns: wideColumns },
} as const satisfies Record<string, Definition>;

/** The kinds of messages. */
export type WorkloadName = keyof typeof DEFINITIONS;

/** Every kind, in the order of the documentation. */
export const WORKLOADS = Object.keys(DEFINITIONS) as WorkloadName[];

/** The workload of that name. */
export function workload(name: WorkloadName): Workload {
  const { literal, write, columns }: Definition = DEFINITIONS[name];
  const schema = toSchema(literal);
  return {
    name,
    schema,
    columns: columns ?? schema.fields.map((field) => field.name),
    messages: (count, seed = 1) => writeMessages(write, count, new Random(seed)),
  };
}

function writeMessages(write: (random: Random) => string, count: number, random: Random): Messages {
  const offsets = new Int32Array(count + 1);
  let bytes = Buffer.allocUnsafe(Math.max(1024, count * 192));
  let used = 0;
  for (let i = 0; i < count; i++) {
    const text = write(random);
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (used + text.length * 3 > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, used + text.length * 3));
      bytes.copy(larger, 0, 0, used);
      bytes = larger;
    }
    used += bytes.write(text, used, 'utf8');
    offsets[i + 1] = used;
  }
  return { bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, used), offsets };
}
