/** Random schemas, random messages for them, and random damage. */
import type { Random } from '../../bench/data/random.ts';
import type { DataType, Field, PlainType, Schema } from '../../src/arrow/schema.ts';
import { scalarOf } from '../arrow/scalar-of.ts';

const SCALARS: readonly (PlainType | 'timestamp')[] = [
  'bool',
  'int32',
  'int64',
  'float64',
  'utf8',
  'timestamp',
];
const SPACES = ['', '', '', ' ', '\n', '\t ', '\r\n   '];
const NAMES = [
  'a',
  'id',
  'é',
  'x"y',
  'user_id',
  'sixteen_bytes_16',
  'a_much_longer_name_than_that',
];
const INTERESTING_NUMBERS = [
  '0',
  '-0',
  '1e3',
  '1.0',
  '1.5',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '2147483648',
  '1e400',
  '5e-324',
  '0.1e1',
  '123456789012345678901234567890',
  '9007199254740993',
];
const TEXTS = [
  '',
  'plain',
  'a text of more than sixteen bytes',
  'é',
  '日本語',
  '🎁',
  'q"b\\n\n\t',
  '\u007f',
];
const DAMAGE = [
  0x00, 0x1f, 0x20, 0x22, 0x2c, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x80, 0xed, 0xff,
];

/** A schema of a few columns, with structs and lists up to `depth` deep. */
export function randomSchema(random: Random, depth = 2): Schema {
  return { fields: randomFields(random, depth) };
}

function randomFields(random: Random, depth: number): Field[] {
  const names = random.shuffle([...NAMES]).slice(0, random.integer(1, NAMES.length));
  return names.map((name) => ({ name, ...randomField(random, depth) }));
}

function randomField(random: Random, depth: number): Omit<Field, 'name'> {
  return { type: randomType(random, depth), nullable: random.chance(0.6) };
}

function randomType(random: Random, depth: number): DataType {
  if (depth > 0 && random.chance(0.2)) {
    return { kind: 'struct', fields: randomFields(random, depth - 1) };
  }
  if (depth > 0 && random.chance(0.2)) {
    return { kind: 'list', item: { name: 'item', ...randomField(random, depth - 1) } };
  }
  return scalarOf(random.pick(SCALARS));
}

/** A message that mostly fits the schema: one in a few has something odd. */
export class MessageWriter {
  readonly #random: Random;
  /** How often a part is not as expected: another type, a missing member, another order. */
  readonly #oddness: number;

  constructor(random: Random, oddness: number) {
    this.#random = random;
    this.#oddness = oddness;
  }

  /** The text of an object with these members. */
  object(fields: readonly Field[]): string {
    const random = this.#random;
    const odd = () => random.chance(this.#oddness);
    let members = fields.map((field) => this.#member(field));
    if (odd()) members = members.filter(() => !random.chance(0.3));
    if (odd()) members.push(...fields.slice(0, 2).map((field) => this.#member(field)));
    if (odd()) members.push(`${this.#space()}"unknown":${this.#anything(3)}`);
    if (odd()) random.shuffle(members);
    return `{${members.join(`${this.#space()},`)}${this.#space()}}`;
  }

  #member(field: Field): string {
    const { name, type, nullable } = field;
    const odd = this.#random.chance(this.#oddness / 8);
    const isNull = this.#random.chance(nullable ? 0.2 : this.#oddness / 20);
    const value = odd ? this.#anything(2) : isNull ? 'null' : this.#value(type);
    const key = this.#string(name);
    return `${this.#space()}${key}${this.#space()}:${this.#space()}${value}`;
  }

  #value(type: DataType): string {
    const random = this.#random;
    switch (type.kind) {
      case 'bool':
        return String(random.chance(0.5));
      case 'int32':
        return String(random.bits() | 0);
      case 'int64':
        return String(random.integer(-(2 ** 52), 2 ** 52));
      case 'float64':
        return this.#number();
      case 'timestamp':
        return random.chance(0.8) ? `"${this.#timestamp()}"` : String(random.integer(0, 2 ** 42));
      case 'struct':
        return this.object(type.fields);
      case 'list': {
        const { item } = type;
        const items = Array.from({ length: random.integer(0, 4) }, () =>
          item.nullable && random.chance(0.2) ? 'null' : this.#value(item.type),
        );
        const separator = `${this.#space()},${this.#space()}`;
        return `[${this.#space()}${items.join(separator)}${this.#space()}]`;
      }
      default:
        return this.#string(random.chance(0.5) ? random.pick(TEXTS) : random.words(3));
    }
  }

  #timestamp(): string {
    const random = this.#random;
    const full = random.timestamp();
    const offset = random.pick(['Z', 'z', '', '+01:00', '-0930', '+05', '+25:00']);
    const fraction = random.chance(0.5) ? `.${random.integer(0, 999_999_999)}` : '';
    return random.chance(0.7) ? full : `${full.slice(0, 19)}${fraction}${offset}`;
  }

  #number(): string {
    const random = this.#random;
    if (random.chance(0.2)) return random.pick(INTERESTING_NUMBERS);
    if (random.chance(0.5)) return String(random.integer(-1e6, 1e6) / 1000);
    const bits = new BigUint64Array([(BigInt(random.bits()) << 32n) | BigInt(random.bits())]);
    const [value] = new Float64Array(bits.buffer);
    return Number.isFinite(value) ? String(value) : '0';
  }

  #anything(depth: number): string {
    const random = this.#random;
    const kind = random.integer(0, depth > 0 ? 6 : 4);
    if (kind === 0) return random.pick(['null', 'true', 'false']);
    if (kind === 1) return this.#number();
    if (kind <= 4) return this.#string(random.pick(TEXTS));
    const inner = Array.from({ length: random.integer(0, 3) }, () => this.#anything(depth - 1));
    if (kind === 5) return `[${inner.join(`${this.#space()},`)}]`;
    return `{${inner.map((value) => `${this.#string('k')}:${value}`).join(', ')}}`;
  }

  // Any way of writing a string; one in a few hundred has a lone surrogate.
  #string(value: string): string {
    const random = this.#random;
    const text = JSON.stringify(random.chance(this.#oddness / 50) ? `${value}\ud800` : value);
    if (!random.chance(this.#oddness / 4)) return text;
    const asEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return text.replace(/(?<!\\)[a-z\u0080-\uffff](?!")/g, (unit) =>
      random.chance(0.5) && !text.includes('\\') ? asEscape(unit) : unit,
    );
  }

  #space(): string {
    return this.#random.chance(this.#oddness) ? this.#random.pick(SPACES) : '';
  }
}

/** The message with a byte or a few of them changed, dropped, doubled or cut off. */
export function damage(random: Random, message: Uint8Array): Uint8Array {
  const bytes = [...message];
  const times = random.chance(0.7) ? 1 : random.integer(2, 4);
  for (let i = 0; i < times; i++) {
    const at = random.integer(0, Math.max(0, bytes.length - 1));
    const kind = random.integer(0, 5);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    else if (kind === 1) bytes[at] = random.pick(DAMAGE);
    else if (kind === 2) bytes.splice(at, 1);
    else if (kind === 3) bytes.splice(at, 0, random.pick(DAMAGE));
    else if (kind === 4) bytes.splice(at, 0, ...bytes.slice(at, at + random.integer(1, 9)));
    else bytes.length = at;
  }
  return Uint8Array.from(bytes);
}
