/** Messages with one value of a type each: what the suite `types` decodes and encodes. */
import type { SchemaLiteral } from '../../src/arrow/schema-literal.ts';
import type { Random } from './random.ts';
import type { Messages } from './workload.ts';

interface TypedValue {
  readonly literal: SchemaLiteral[string];
  /** A value as JSON text, as the encoder would write it. */
  readonly write: (random: Random) => string;
}

const text = (random: Random) => random.words(random.integer(1, 4));

/** The types by name. Values are exact in JavaScript, so that `JSON.parse` loses none. */
export const TYPED_VALUES: Readonly<Record<string, TypedValue>> = {
  bool: { literal: 'bool', write: (random) => String(random.chance(0.5)) },
  int32: { literal: 'int32', write: (random) => String(random.integer(-1e9, 1e9)) },
  int64: { literal: 'int64', write: (random) => String(random.integer(-1e15, 1e15)) },
  float64: { literal: 'float64', write: (random) => String(random.integer(1, 1e9) / 1000) },
  utf8: { literal: 'utf8', write: (random) => `"${text(random)}"` },
  timestamp: { literal: 'timestamp', write: (random) => `"${random.timestamp()}"` },
  nullable: {
    literal: 'float64?',
    write: (random) => (random.chance(0.5) ? 'null' : String(random.integer(1, 999_999) / 100)),
  },
  list: {
    literal: ['int32'],
    write(random) {
      const items = Array.from({ length: random.integer(0, 6) }, () => random.integer(1, 9999));
      return JSON.stringify(items);
    },
  },
  struct: {
    literal: { x: 'int32', s: 'utf8' },
    write: (random) => `{"x":${random.integer(1, 9999)},"s":"${text(random)}"}`,
  },
};

/** `count` messages `{"id":…,"value":…}`; the same in every run. */
export function typedMessages({ write }: TypedValue, count: number, random: Random): Messages {
  const texts = Array.from({ length: count }, (_, id) =>
    Buffer.from(`{"id":${id},"value":${write(random)}}`),
  );
  const offsets = new Int32Array(count + 1);
  for (const [i, { length }] of texts.entries()) offsets[i + 1] = offsets[i]! + length;
  return { bytes: Buffer.concat(texts), offsets };
}
