/** Random values of every type of column. */
import type { DataType } from '../../src/arrow/schema.ts';
import type { Value } from '../wasm/columns.ts';
import type { Random } from './random.ts';

/** A value as `columnToValues` gives it, null in one of five. */
export function randomValue(random: Random, type: DataType): Value {
  if (random.next() < 0.2) return null;
  switch (type.kind) {
    case 'bool':
      return random.next() < 0.5;
    case 'null':
      return null;
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field) => [field.name, randomValue(random, field.type)]),
      );
    case 'list':
      return Array.from({ length: random.below(4) }, () => randomValue(random, type.item.type));
    case 'map': {
      const keys = Array.from({ length: random.below(4) }, (_, i) => `key ${i}`);
      return new Map(keys.map((key) => [key, randomValue(random, type.value.type)]));
    }
    case 'binary':
      return new TextEncoder().encode('bytes of some length'.slice(0, random.below(20)));
    case 'utf8':
    case 'dictionary':
    case 'json':
      return 'text of some length'.slice(0, random.below(20));
    case 'decimal':
      return (BigInt(random.below(1000)) - 500n) << 90n;
    case 'int64':
    case 'uint64':
    case 'time':
    case 'duration':
    case 'timestamp':
      return BigInt(random.below(1000)) << 40n;
    default:
      return random.below(128);
  }
}
