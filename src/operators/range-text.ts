/** What a type's values reach from and to, for messages about values that it does not hold. */
import { scalarToString } from '../arrow/scalar-text.ts';
import type { ScalarDataType } from '../arrow/schema.ts';
import { integerRange, isInteger } from './common-type.ts';
import { valueToString } from './value-text.ts';

const INT64_END = 1n << 63n;

/**
 * Why a value is none of a type, behind `is` or the like: `no int32` of what cannot be read as one,
 * else `beyond int8, which holds -128 to 127`.
 *
 * @param isText whether the value is a text, of which nobody knows what it should be.
 */
export function misfitText(type: ScalarDataType, isText: boolean): string {
  const name = scalarToString(type);
  const range = isText ? undefined : rangeOf(type);
  return range === undefined ? `no ${name}` : `beyond ${name}, which holds ${range}`;
}

function rangeOf(type: ScalarDataType): string | undefined {
  if (isInteger(type.kind)) return integerRange(type.kind).join(' to ');
  switch (type.kind) {
    case 'decimal': {
      const whole = type.precision - type.scale;
      return `${whole} digits in front of the point and ${type.scale} behind it`;
    }
    case 'timestamp':
      return [-INT64_END, INT64_END - 1n]
        .map((value) => valueToString(value, type).replace(/T.*/, ''))
        .join(' to ');
    case 'float32':
      return '-3.4028235e38 to 3.4028235e38';
    default:
      return undefined;
  }
}

/** The cast after which a sum or product of this type that overflows has more room. */
export function widerCast(type: ScalarDataType): string {
  if (type.kind === 'decimal') return ".cast('float64')";
  if (type.kind === 'int64' || type.kind === 'uint64') return ".cast('decimal(38,0)')";
  return ".cast('int64')";
}
