/** Decimal numbers as text to exact values, for constants. */
import { MAX_PRECISION } from '../arrow/scalar-text.ts';
import type { DecimalType } from '../arrow/schema.ts';

/** `unscaled / 10^scale`. */
export interface DecimalValue {
  readonly unscaled: bigint;
  readonly scale: number;
}

const FORM = /^([+-]?)(\d+)?(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The exact value of a text such as `-12.50` or `1e-7`; undefined beyond 38 digits. */
export function decimalFromText(text: string): DecimalValue | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shift = Number(exponent);
  if (Math.abs(shift) > 2 * MAX_PRECISION) return undefined;
  let unscaled = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  let scale = fraction.length - shift;
  if (scale < 0) {
    unscaled *= 10n ** BigInt(-scale);
    scale = 0;
  }
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale -= 1;
  }
  const digits = Math.max(digitsOf(unscaled), scale);
  return digits <= MAX_PRECISION ? { unscaled, scale } : undefined;
}

/** The narrowest decimal type that holds a value. */
export function decimalTypeOf({ unscaled, scale }: DecimalValue): DecimalType {
  return { kind: 'decimal', precision: Math.max(digitsOf(unscaled), scale, 1), scale };
}

/** The unscaled integer of a value in a decimal type; undefined where it does not fit exactly. */
export function rescale({ unscaled, scale }: DecimalValue, type: DecimalType): bigint | undefined {
  if (scale > type.scale) return undefined;
  const value = unscaled * 10n ** BigInt(type.scale - scale);
  return digitsOf(value) <= type.precision ? value : undefined;
}

function digitsOf(value: bigint): number {
  if (value === 0n) return 0;
  return String(value < 0n ? -value : value).length;
}
