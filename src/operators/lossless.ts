/** Casts that hold every value. */
import type { ScalarDataType, TimeUnit } from '../arrow/schema.ts';
import { decimalOf, integerRange, isFloat, isInteger } from './common-type.ts';

const FINENESS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const COARSE: readonly TimeUnit[] = ['s', 'ms'];

/** Whether every value of `from` is one of `to`, rounding of floats aside. */
export function isLossless({
  from,
  to,
}: {
  readonly from: ScalarDataType;
  readonly to: ScalarDataType;
}): boolean {
  if (from.kind === 'null') return true;
  if (from.kind === to.kind) return same(from, to);
  if (isInteger(from.kind) && isInteger(to.kind)) {
    const [a, b] = [integerRange(from.kind), integerRange(to.kind)];
    return a[0] >= b[0] && a[1] <= b[1];
  }
  if (from.kind === 'bool') {
    if (to.kind === 'decimal') return to.precision > to.scale;
    return isInteger(to.kind) || isFloat(to.kind) || to.kind === 'utf8' || to.kind === 'dictionary';
  }
  if (isFloat(to.kind)) {
    return isInteger(from.kind) || from.kind === 'decimal' || from.kind === 'float32';
  }
  if (to.kind === 'decimal') {
    const exact = isInteger(from.kind) ? decimalOf(from) : undefined;
    return exact !== undefined && exact.precision <= to.precision - to.scale;
  }
  if (to.kind === 'utf8') return from.kind !== 'binary';
  if (to.kind === 'dictionary') return true;
  // Days of 32 bits are few in seconds and milliseconds, but not in finer units.
  if (from.kind === 'date') return to.kind === 'timestamp' && COARSE.includes(to.unit);
  if (from.kind === 'timestamp') {
    return to.kind === 'time' || (to.kind === 'date' && !COARSE.includes(from.unit));
  }
  return from.kind === 'utf8' && to.kind === 'binary';
}

function same(from: ScalarDataType, to: ScalarDataType): boolean {
  if (from.kind === 'decimal' && to.kind === 'decimal') {
    return from.scale <= to.scale && from.precision - from.scale <= to.precision - to.scale;
  }
  if (from.kind === 'timestamp' && to.kind === 'timestamp') {
    return FINENESS.indexOf(from.unit) >= FINENESS.indexOf(to.unit);
  }
  return true;
}
