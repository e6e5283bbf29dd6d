/**
 * Decimals as text and back. Arrow's layout: a two's complement integer of 128 bits, the number
 * without its point, as four words of 32 bits, the lowest first.
 * https://arrow.apache.org/docs/format/Columnar.html, "Fixed-size primitive layout"
 */
import { MillraceError } from '../errors.ts';
import { shownValue, withoutSecrets } from '../shown-value.ts';
import { MAX_PRECISION } from './scalar-text.ts';

const WORDS = 4;
const WORD_BITS = 32n;

/**
 * A value of a decimal column as text, in plain notation with all its digits: `'12.50'`, `'-0.05'`.
 *
 * @param words what `table.getChild('amount').get(i)` gives: four words, the lowest first.
 * @param scale digits behind the point, as the column's type says.
 *
 * @example
 * ```ts
 * decimalToString(Uint32Array.of(1250, 0, 0, 0), 2); // '12.50'
 * ```
 */
export function decimalToString(words: ArrayLike<number>, scale: number): string {
  return unscaledToString(unscaledOf(words), scale);
}

/**
 * A number in decimal notation as a value of a decimal column: what apache-arrow's builders and
 * vectors take. An exponent is allowed: `'1.25e1'` is 12.5.
 *
 * @param scale digits behind the point; the text may have more of them only where they are zeros.
 * @param precision digits in all, default 38.
 * @throws MillraceError `INVALID_OPTION` for what is no number, or does not fit.
 *
 * @example
 * ```ts
 * decimalFromString('12.50', 2); // Uint32Array [1250, 0, 0, 0]
 * ```
 */
export function decimalFromString(
  text: string,
  scale: number,
  precision: number = MAX_PRECISION,
): Uint32Array {
  if (!Number.isInteger(scale) || !Number.isInteger(precision)) {
    throw new MillraceError(
      `decimalFromString takes a text, a scale and perhaps a precision, not a scale of ` +
        `${shownValue(scale)} and a precision of ${shownValue(precision)}; give whole numbers`,
      { code: 'INVALID_OPTION', context: { option: 'scale' } },
    );
  }
  const unscaled = parseUnscaled(text, scale, precision);
  if (typeof unscaled === 'bigint') return wordsOf(unscaled);
  const shown = withoutSecrets(String(text));
  throw new MillraceError(
    `'${shown}' is no decimal(${precision},${scale}): it ${unscaled}; round it first`,
    { code: 'INVALID_OPTION', context: { text: shown, precision, scale } },
  );
}

/** The integer that four words are; see {@link decimalToString}. */
export function unscaledOf(words: ArrayLike<number>): bigint {
  let unscaled = 0n;
  for (let i = WORDS - 1; i >= 0; i--) unscaled = (unscaled << WORD_BITS) | BigInt(words[i]! >>> 0);
  return BigInt.asIntN(WORDS * Number(WORD_BITS), unscaled);
}

function wordsOf(unscaled: bigint): Uint32Array {
  const words = new Uint32Array(WORDS);
  for (let i = 0; i < WORDS; i++) {
    words[i] = Number(BigInt.asUintN(32, unscaled >> (BigInt(i) * WORD_BITS)));
  }
  return words;
}

/** `-5` with the scale 2 as `'-0.05'`. */
export function unscaledToString(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * The number in `text` times 10^`scale`, or, as text, why there is none: `has 3 digits behind the
 * point`.
 */
export function parseUnscaled(text: string, scale: number, precision: number): bigint | string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') return 'is not written as a number';
  const digits = (whole + fraction).replace(/^0+/, '');
  // Zeros to append, or digits to take away, so that the point stands behind the last one.
  const shift = scale - fraction.length + Number(exponent);
  if (digits === '') return 0n;
  const kept = shift >= 0 ? digits + '0'.repeat(shift) : digits.slice(0, shift);
  const lost = shift >= 0 ? '' : digits.slice(shift);
  if (/[1-9]/.test(lost)) return `has more than ${scale} digits behind the point`;
  if (kept.length > precision) return `has more than ${precision - scale} digits before the point`;
  const unscaled = BigInt(kept === '' ? 0 : kept);
  return sign === '-' ? -unscaled : unscaled;
}
