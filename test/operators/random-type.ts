/** Random types of columns, nested ones among them. */
import { PLAIN_TYPES } from '../../src/arrow/scalar-text.ts';
import type { DataType, Field } from '../../src/arrow/schema.ts';
import type { Random } from './random.ts';

const field = (name: string, type: DataType): Field => ({ name, type, nullable: true });

/** Every scalar type, decimals and timestamps among them. */
export const SCALAR_TYPES: readonly DataType[] = [
  ...PLAIN_TYPES.map((kind) => ({ kind })),
  { kind: 'decimal', precision: 38, scale: 10 },
  { kind: 'timestamp', unit: 's', zone: null },
];

/** A struct, list or map of at most `depth` levels, everything in it nullable. */
export function randomNestedType(random: Random, depth: number): DataType {
  const part = () =>
    depth > 1 && random.next() < 0.5
      ? randomNestedType(random, depth - 1)
      : random.pick(SCALAR_TYPES);
  switch (random.below(3)) {
    case 0:
      return { kind: 'list', item: field('item', part()) };
    case 1:
      return { kind: 'map', value: field('value', part()) };
    default: {
      const names = ['a', 'b', 'c'].slice(0, 1 + random.below(3));
      return { kind: 'struct', fields: names.map((name) => field(name, part())) };
    }
  }
}
