/** Durations as constants of an expression. */
import { MillraceError } from '../../errors.ts';
import { meantName } from '../../nearest-name.ts';
import { withoutSecrets } from '../../shown-value.ts';
import { Expr } from '../expr.ts';
import { parseDuration } from '../temporal-literal.ts';
import { badArgument, isPlainObject } from './arguments.ts';

/** What {@link duration} adds up; fractions and negative numbers are fine. */
export interface DurationParts {
  readonly weeks?: number;
  /** Of 24 hours. */
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
  readonly microseconds?: number | bigint;
}

const MICROS_PER: Readonly<Record<keyof DurationParts, number>> = {
  weeks: 604_800_000_000,
  days: 86_400_000_000,
  hours: 3_600_000_000,
  minutes: 60_000_000,
  seconds: 1_000_000,
  milliseconds: 1_000,
  microseconds: 1,
};

const WAY_OUT = "write 'PT1H30M', or { hours: 1, minutes: 30 }";

/**
 * A constant span of time, in microseconds; each part is rounded to them.
 *
 * @param of parts, or an ISO 8601 duration of weeks, days, hours, minutes and seconds. For months
 *   and years, which are of no fixed length, see `add(1, 'month')`.
 * @throws MillraceError `INVALID_OPTION` where it is none, or beyond 292,000 years.
 *
 * @example
 * ```ts
 * col('shipped').sub(col('placed')).gt(duration({ days: 2, hours: 12 }))
 * col('placed').add(duration('PT36H'))
 * ```
 */
export function duration(of: DurationParts | string): Expr {
  if (typeof of !== 'string' && !isPlainObject(of)) {
    throw badArgument(['duration', 'its length'], of, WAY_OUT);
  }
  const value = typeof of === 'string' ? parseDuration(of) : microsOf(of);
  if (value === undefined || BigInt.asIntN(64, value) !== value) {
    const shown =
      typeof of === 'string' ? `'${withoutSecrets(of)}'` : JSON.stringify(of, bigintAsText);
    throw refused(shown, `${shown} is no duration; ${WAY_OUT}`);
  }
  return new Expr(Object.freeze({ kind: 'literal', type: 'duration', value }));
}

function microsOf(parts: DurationParts): bigint | undefined {
  let sum = 0n;
  for (const [part, count] of Object.entries(parts)) {
    if (count === undefined) continue;
    if (!Object.hasOwn(MICROS_PER, part)) {
      const known = meantName(part, Object.keys(MICROS_PER));
      throw refused(part, `duration has no part '${part}'; ${known}`);
    }
    if (typeof count === 'bigint') {
      sum += count * BigInt(MICROS_PER[part as 'days']);
      continue;
    }
    if (typeof count !== 'number') throw badArgument(['duration', part], count, 'give a number');
    const micros = Math.round(count * MICROS_PER[part as 'days']);
    if (!Number.isFinite(micros)) return undefined;
    sum += BigInt(micros);
  }
  return sum;
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function refused(value: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { value } });
}
