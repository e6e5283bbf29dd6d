/** Random values of every type, as `test/wasm/columns.ts` has them. */
import type { Random } from '../../bench/data/random.ts';
import type { DataType, Field, ScalarDataType } from '../../src/arrow/schema.ts';
import type { Value } from '../wasm/columns.ts';
import { randomScalar } from './scalar-texts.ts';

const CHARACTERS = ['a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\t', '\b', '\u0001', '\u001f'];
const WIDE_CHARACTERS = ['\u007f', 'é', '€', '\u2028', '\ufeff', '日', '🎁', '\u{10ffff}'];
const RAW_JSON = ['null', '1', '"x"', '{"a": [1,\n2]}', '[]', '1e5', '"\\u00e9"', 'true', ' \t1'];

/** A text that may need escapes. */
export function anyText(random: Random): string {
  const characters = random.chance(0.3) ? [...CHARACTERS, ...WIDE_CHARACTERS] : ['a', 'b', 'c'];
  const length = random.integer(0, random.chance(0.1) ? 199 : 23);
  return Array.from({ length }, () => random.pick(characters)).join('');
}

/** A double of any size and shape. */
export function anyDouble(random: Random): number {
  switch (random.integer(0, 5)) {
    case 0:
      return random.integer(0, 999) / random.pick([1, 2, 10, 100]);
    case 1:
      return (random.unit() - 0.5) * 10 ** random.integer(-20, 19);
    case 2:
      return random.integer(0, 2 ** 31) / 10 ** random.integer(0, 11);
    case 3:
      return random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 1e-7, 5e-324]);
    case 4:
      return Math.round((random.unit() - 0.5) * 2 ** random.integer(0, 69));
    default:
      return new Float64Array(new BigUint64Array([bits64(random)]).buffer)[0]!;
  }
}

/** A float32 of any size and shape. */
export function anyFloat(random: Random): number {
  if (random.chance(0.5)) return Math.fround(anyDouble(random));
  return new Float32Array(new Uint32Array([random.bits()]).buffer)[0]!;
}

/** Members with names that may need escapes, all nullable. */
export function anyFields(random: Random, depth: number): Field[] {
  return Array.from({ length: random.integer(1, 5) }, (_, i) => ({
    name: `${anyText(random)}${i}`,
    type: anyType(random, depth),
    nullable: true,
  }));
}

function anyType(random: Random, depth: number): DataType {
  const shape = depth > 0 ? random.integer(0, 9) : 9;
  const child = (name: string) => ({ name, type: anyType(random, depth - 1), nullable: true });
  if (shape === 0) return { kind: 'struct', fields: anyFields(random, depth - 1) };
  if (shape === 1) return { kind: 'list', item: child('item') };
  if (shape === 2) return { kind: 'map', value: child('value') };
  return randomScalar(random);
}

/** A value of the type; one in eight is null. */
export function anyValue(random: Random, type: DataType): Value {
  if (random.chance(1 / 8)) return null;
  switch (type.kind) {
    case 'struct':
      return Object.fromEntries(type.fields.map((f) => [f.name, anyValue(random, f.type)]));
    case 'list':
      return Array.from({ length: random.integer(0, 4) }, () => anyValue(random, type.item.type));
    case 'map':
      return new Map(
        Array.from({ length: random.integer(0, 4) }, () => [
          anyText(random),
          anyValue(random, type.value.type),
        ]),
      );
    default:
      return anyScalar(random, type);
  }
}

function anyScalar(random: Random, type: ScalarDataType): Value {
  switch (type.kind) {
    case 'bool':
      return random.chance(0.5);
    case 'int8':
    case 'int16':
    case 'int32':
      return random.bits() >> (32 - Number(type.kind.slice(3)));
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return random.bits() >>> (32 - Number(type.kind.slice(4)));
    case 'date':
      return random.bits() >> random.pick([0, 8, 16]);
    case 'uint64':
      return BigInt.asUintN(random.pick([8, 33, 54, 64]), bits64(random));
    case 'time':
      return bits64(random) % 86_400_000_000n;
    case 'decimal': {
      const limit = 10n ** BigInt(random.integer(0, type.precision));
      return (((bits64(random) << 64n) | bits64(random)) % limit) * random.pick([1n, -1n]);
    }
    case 'float32':
      return anyFloat(random);
    case 'float64':
      return anyDouble(random);
    case 'binary':
      return Uint8Array.from({ length: random.integer(0, 19) }, () => random.bits() & 255);
    case 'utf8':
      return anyText(random);
    case 'dictionary':
      return random.chance(0.9) ? random.pick(['red', 'green', '"']) : anyText(random);
    case 'json':
      return random.pick(RAW_JSON);
    case 'null':
      return null;
    default:
      return BigInt.asIntN(random.pick([8, 16, 33, 40, 54, 64]), bits64(random));
  }
}

function bits64(random: Random): bigint {
  return (BigInt(random.bits()) << 32n) | BigInt(random.bits());
}
