/** Messages with one value of a type each: what the suite `types` decodes and encodes. */
import { map, type SchemaLiteral } from '../../src/arrow/schema-literal.ts';
import type { Random } from './random.ts';
import { COUNTRIES } from './table.ts';
import type { Messages } from './workload.ts';

interface TypedValue {
  readonly literal: SchemaLiteral[string];
  /** A value as JSON text, as the encoder would write it. */
  readonly write: (random: Random) => string;
}

const text = (random: Random) => random.words(random.integer(1, 4));
const quoted = (write: (random: Random) => string) => (random: Random) => `"${write(random)}"`;
const between = (least: number, most: number) => (random: Random) =>
  String(random.integer(least, most));
const two = (value: number) => String(value).padStart(2, '0');

/** The types by name. Values are exact in JavaScript, so that `JSON.parse` loses none. */
export const TYPED_VALUES: Readonly<Record<string, TypedValue>> = {
  ...numbers(),
  ...texts(),
  ...times(),
  ...nested(),
};

function numbers(): Record<string, TypedValue> {
  return {
    bool: { literal: 'bool', write: (random) => String(random.chance(0.5)) },
    int8: { literal: 'int8', write: between(-128, 127) },
    int16: { literal: 'int16', write: between(-32_768, 32_767) },
    int32: { literal: 'int32', write: between(-1e9, 1e9) },
    int64: { literal: 'int64', write: between(-1e15, 1e15) },
    uint8: { literal: 'uint8', write: between(0, 255) },
    uint16: { literal: 'uint16', write: between(0, 65_535) },
    uint32: { literal: 'uint32', write: between(0, 4e9) },
    uint64: { literal: 'uint64', write: between(0, 1e15) },
    // Eighths: the same digits as a float32 and as a double.
    float32: { literal: 'float32', write: (random) => String(random.integer(1, 1e6) / 8) },
    float64: { literal: 'float64', write: (random) => String(random.integer(1, 1e9) / 1000) },
    // The last digit is none that JavaScript would leave out.
    'decimal(12,2)': {
      literal: 'decimal(12,2)',
      write: (random) => `${random.integer(0, 1e8)}.${random.integer(0, 9)}${random.integer(1, 9)}`,
    },
    // Beyond 64 bits as a type.
    'decimal(30,4)': {
      literal: 'decimal(30,4)',
      write: (random) => `${random.integer(0, 1e8)}.${random.integer(100, 999)}5`,
    },
    null: { literal: 'null', write: () => 'null' },
    nullable: {
      literal: 'float64?',
      write: (random) => (random.chance(0.5) ? 'null' : String(random.integer(1, 999_999) / 100)),
    },
  };
}

function texts(): Record<string, TypedValue> {
  return {
    utf8: { literal: 'utf8', write: quoted(text) },
    dictionary: { literal: 'dictionary', write: quoted((random) => random.pick(COUNTRIES)) },
    binary: {
      literal: 'binary',
      write: quoted((random) => Buffer.from(random.hex(24), 'hex').toString('base64')),
    },
    json: {
      literal: 'json',
      write: (random) => `{"kind":"${text(random)}","tags":[1,${random.integer(2, 99)}]}`,
    },
  };
}

// JSON.parse leaves all of them texts.
function times(): Record<string, TypedValue> {
  return {
    date: { literal: 'date', write: quoted((random) => random.timestamp().slice(0, 10)) },
    // None is without a fraction, which would be left out.
    time: {
      literal: 'time',
      write: quoted((random) => `${random.timestamp().slice(11, 19)}.${random.integer(100, 999)}`),
    },
    duration: {
      literal: 'duration',
      write: quoted((random) => `PT${random.integer(1, 23)}H${random.integer(1, 59)}M`),
    },
    timestamp: { literal: 'timestamp', write: quoted((random) => random.timestamp()) },
    'timestamp(s)': {
      literal: 'timestamp(s)',
      write: quoted((random) => `${random.timestamp().slice(0, 19)}.000Z`),
    },
    'timestamp(ms,local)': {
      literal: 'timestamp(ms,local)',
      write: quoted((random) => random.timestamp().slice(0, -1)),
    },
    'timestamp(ns,Europe/Berlin)': {
      literal: 'timestamp(ns,Europe/Berlin)',
      write: quoted((random) => {
        const nanos = two(random.integer(1, 99));
        return `${random.timestamp().slice(0, -1)}${'0'.repeat(4)}${nanos}Z`;
      }),
    },
  };
}

function nested(): Record<string, TypedValue> {
  return {
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
    map: {
      literal: map('int32'),
      write: (random) => `{"size":${random.integer(1, 99)},"${random.hex(1)}x":1}`,
    },
  };
}

/** `count` messages `{"id":…,"value":…}`; the same in every run. */
export function typedMessages({ write }: TypedValue, count: number, random: Random): Messages {
  const texts = Array.from({ length: count }, (_, id) =>
    Buffer.from(`{"id":${id},"value":${write(random)}}`),
  );
  const offsets = new Int32Array(count + 1);
  for (const [i, { length }] of texts.entries()) offsets[i + 1] = offsets[i]! + length;
  return { bytes: Buffer.concat(texts), offsets };
}
