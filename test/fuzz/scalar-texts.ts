/** Random scalar types, and JSON texts that mostly are values of them. */
import type { Random } from '../../bench/data/random.ts';
import { PLAIN_TYPES } from '../../src/arrow/scalar-text.ts';
import type { ScalarDataType } from '../../src/arrow/schema.ts';

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
const INTERESTING_NUMBERS = [
  '0',
  '-0',
  '1e3',
  '1.0',
  '1.5',
  '127',
  '-129',
  '65535',
  '4294967296',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '2147483648',
  '1e400',
  '5e-324',
  '0.1e1',
  '123456789012345678901234567890',
  '9007199254740993',
  '16777217',
  '3.4028235677973366e38',
  '7.006492321624085e-46',
];

/** Any scalar type, timestamps of all units, decimals of all sizes. */
export function randomScalar(random: Random): ScalarDataType {
  if (random.chance(0.12)) {
    const unit = random.pick(['s', 'ms', 'us', 'ns'] as const);
    return { kind: 'timestamp', unit, zone: random.pick(['UTC', null]) };
  }
  if (random.chance(0.08)) {
    const precision = random.integer(1, 38);
    return { kind: 'decimal', precision, scale: random.integer(0, precision) };
  }
  return { kind: random.pick(PLAIN_TYPES) };
}

/** A number as JSON has it, of any size. */
export function randomNumber(random: Random): string {
  if (random.chance(0.2)) return random.pick(INTERESTING_NUMBERS);
  if (random.chance(0.5)) return String(random.integer(-1e6, 1e6) / 1000);
  const bits = new BigUint64Array([(BigInt(random.bits()) << 32n) | BigInt(random.bits())]);
  const [value] = new Float64Array(bits.buffer);
  return Number.isFinite(value) ? String(value) : '0';
}

/** A text of any characters. */
export function randomText(random: Random): string {
  return random.chance(0.5) ? random.pick(TEXTS) : random.words(3);
}

/** A value as JSON text where it is a number, else what a JSON string is to contain. */
export type ScalarText = { readonly json: string } | { readonly text: string };

/** A value of the type, in one of the ways it can be written; one in a few does not fit. */
export function scalarText(random: Random, type: ScalarDataType): ScalarText {
  switch (type.kind) {
    case 'bool':
      return { json: String(random.chance(0.5)) };
    case 'int8':
    case 'uint8':
      return { json: String(random.integer(0, random.chance(0.9) ? 127 : 300)) };
    case 'int16':
    case 'uint16':
      return { json: String(random.integer(0, random.chance(0.9) ? 32_767 : 70_000)) };
    case 'int32':
      return { json: String(random.bits() | 0) };
    case 'uint32':
      return { json: String(random.bits() >>> 0) };
    case 'int64':
      return { json: String(random.integer(-(2 ** 52), 2 ** 52)) };
    case 'uint64':
      return { json: String((BigInt(random.bits() >>> 0) << 32n) | BigInt(random.bits() >>> 0)) };
    case 'float32':
      return { json: random.chance(0.5) ? randomNumber(random) : float32Text(random) };
    case 'float64':
      return { json: randomNumber(random) };
    case 'decimal':
      return decimalText(random, type.precision, type.scale);
    case 'date':
      return { text: dateText(random) };
    case 'time':
      return { text: clockText(random) };
    case 'duration':
      return random.chance(0.8) ? { text: durationText(random) } : { json: randomNumber(random) };
    case 'timestamp':
      return random.chance(0.8)
        ? { text: timestampText(random, type.zone) }
        : { json: String(random.integer(-(2 ** 40), 2 ** 42) / random.pick([1, 1000])) };
    case 'binary':
      return { text: base64Text(random) };
    case 'null':
      return { json: 'null' };
    default:
      return { text: randomText(random) };
  }
}

// Next to the middle of two float32, where rounding twice goes wrong.
function float32Text(random: Random): string {
  const bits = new Uint32Array([random.bits() & 0x7fffffff]);
  const [low] = new Float32Array(bits.buffer);
  bits[0]!++;
  const [high] = new Float32Array(bits.buffer);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return '0';
  const middle = (low! + high!) / 2;
  const digits = middle.toExponential(random.integer(6, 60)).replace('e+', 'e');
  return random.chance(0.5) ? digits : digits.replace(/(?=e)/, `${'0'.repeat(9)}1`);
}

function decimalText(random: Random, precision: number, scale: number): ScalarText {
  const whole = precision - scale;
  const digits = (count: number) =>
    Array.from({ length: count }, () => random.integer(0, 9)).join('');
  const before = digits(random.integer(0, whole)).replace(/^0+/, '') || '0';
  const behind = digits(random.integer(0, scale + (random.chance(0.1) ? 2 : 0)));
  const number = `${random.pick(['', '-'])}${before}${behind === '' ? '' : `.${behind}`}`;
  const exponent = random.chance(0.2) ? `e${random.integer(-3, 3)}` : '';
  if (random.chance(0.5)) return { json: `${number}${exponent}` };
  return { text: random.pick(['', '', '+', '0', 'x']) + number + exponent };
}

const two = (value: number) => String(value).padStart(2, '0');

function dateText(random: Random): string {
  const month = two(random.integer(1, 12));
  const day = two(random.integer(1, random.chance(0.9) ? 28 : 31));
  const year = random.chance(0.8)
    ? String(random.integer(0, 9999)).padStart(4, '0')
    : `${random.pick(['+', '-'])}${String(random.integer(0, 6_000_000)).padStart(6, '0')}`;
  return `${year}-${month}-${day}`;
}

function clockText(random: Random): string {
  const clock = `${two(random.integer(0, 24))}:${two(random.integer(0, 59))}`;
  if (random.chance(0.2)) return clock;
  const fraction = random.chance(0.5) ? `.${random.integer(0, 999_999_999)}` : '';
  return `${clock}:${two(random.integer(0, 59))}${fraction}`;
}

function timestampText(random: Random, zone: string | null): string {
  if (random.chance(0.5)) {
    const full = random.timestamp();
    return zone === null ? full.slice(0, -1) : full;
  }
  const offsets = ['Z', 'z', '', '+01:00', '-0930', '+05', '+25:00'];
  const offset = zone === null && random.chance(0.9) ? '' : random.pick(offsets);
  return `${dateText(random)}${random.pick(['T', ' '])}${clockText(random)}${offset}`;
}

function durationText(random: Random): string {
  const part = (letter: string) =>
    random.chance(0.5) ? '' : `${random.pick(['', '', '-'])}${random.integer(0, 99)}${letter}`;
  const fraction = random.chance(0.3)
    ? `${random.integer(0, 99)}.${random.integer(0, 99999)}S`
    : '';
  const clock = `${part('H')}${part('M')}${fraction || part('S')}`;
  const date = `${random.chance(0.05) ? part('M') : ''}${part('W')}${part('D')}`;
  return `${random.pick(['', '', '-', '+'])}P${date}${clock === '' ? '' : `T${clock}`}`;
}

function base64Text(random: Random): string {
  const bytes = Buffer.from(
    Array.from({ length: random.integer(0, 20) }, () => random.bits() & 255),
  );
  const text = bytes.toString(random.pick(['base64', 'base64url']));
  return random.chance(0.1) ? `${text}=` : text;
}
