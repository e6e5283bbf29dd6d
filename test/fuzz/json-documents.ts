/** Random schemas, random messages for them, and random damage. */
import type { Random } from '../../bench/data/random.ts';
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import { randomNumber, randomScalar, randomText, scalarText } from './scalar-texts.ts';

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
const DAMAGE = [
  0x00, 0x1f, 0x20, 0x22, 0x2c, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x80, 0xed, 0xff,
];

/** A schema of a few columns, with structs, lists and maps up to `depth` deep. */
export function randomSchema(random: Random, depth = 2): Schema {
  return { fields: randomFields(random, depth) };
}

function randomFields(random: Random, depth: number): Field[] {
  const names = random.shuffle([...NAMES]).slice(0, random.integer(1, NAMES.length));
  return names.map((name) => ({ name, ...randomField(random, depth) }));
}

function randomField(random: Random, depth: number): Omit<Field, 'name'> {
  const type = randomType(random, depth);
  return { type, nullable: type.kind === 'null' || random.chance(0.6) };
}

function randomType(random: Random, depth: number): DataType {
  if (depth > 0 && random.chance(0.2)) {
    return { kind: 'struct', fields: randomFields(random, depth - 1) };
  }
  if (depth > 0 && random.chance(0.2)) {
    return { kind: 'list', item: { name: 'item', ...randomField(random, depth - 1) } };
  }
  if (depth > 0 && random.chance(0.2)) {
    return { kind: 'map', value: { name: 'value', ...randomField(random, depth - 1) } };
  }
  return randomScalar(random);
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
      case 'json':
        return this.#anything(3);
      case 'struct':
        return this.object(type.fields);
      case 'list':
        return `[${this.#items(() => this.#item(type.item))}]`;
      case 'map':
        return `{${this.#items(() => `${this.#string(this.#key())}:${this.#item(type.value)}`)}}`;
      default: {
        const value = scalarText(random, type);
        return 'json' in value ? value.json : this.#string(value.text);
      }
    }
  }

  // Few keys, so that some come twice; now and then very many.
  #key(): string {
    const random = this.#random;
    return random.chance(0.5) ? random.pick(NAMES) : `k${random.integer(0, 40)}`;
  }

  #item({ type, nullable }: Field): string {
    return nullable && this.#random.chance(0.2) ? 'null' : this.#value(type);
  }

  #items(make: () => string): string {
    const random = this.#random;
    const most = random.chance(0.05) ? 60 : 4;
    const items = Array.from({ length: random.integer(0, most) }, make);
    const separator = `${this.#space()},${this.#space()}`;
    return `${this.#space()}${items.join(separator)}${this.#space()}`;
  }

  #anything(depth: number): string {
    const random = this.#random;
    const kind = random.integer(0, depth > 0 ? 6 : 4);
    if (kind === 0) return random.pick(['null', 'true', 'false']);
    if (kind === 1) return randomNumber(random);
    if (kind <= 4) return this.#string(randomText(random));
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
