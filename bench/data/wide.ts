/** Messages of 100 columns of which 3 are read: what skipping costs. */
import type { SchemaLiteral } from '../../src/arrow/schema-literal.ts';
import type { Random } from './random.ts';

const COLUMN_COUNT = 100;
const KINDS = ['int64', 'float64', 'utf8', 'bool', 'timestamp'] as const;

const columns = Array.from({ length: COLUMN_COUNT }, (_, i) => ({
  name: `column_${String(i).padStart(2, '0')}`,
  kind: KINDS[i % KINDS.length]!,
}));

/** Columns of `wide`. */
export const wideSchema: SchemaLiteral = Object.fromEntries(
  columns.map(({ name, kind }) => [name, kind]),
);

/** The three that are read: an int64, a float64 and a utf8, spread over the message. */
export const wideColumns = ['column_05', 'column_51', 'column_92'];

const WRITERS = {
  int64: (random: Random) => String(random.integer(0, 1e9)),
  float64: (random: Random) => String(random.integer(0, 1e7) / 1000),
  utf8: (random: Random) => `"${random.words(2)}"`,
  bool: (random: Random) => String(random.chance(0.5)),
  timestamp: (random: Random) => `"${random.timestamp()}"`,
};

/** One wide message. */
export function wide(random: Random): string {
  return `{${columns.map(({ name, kind }) => `"${name}":${WRITERS[kind](random)}`).join(',')}}`;
}
