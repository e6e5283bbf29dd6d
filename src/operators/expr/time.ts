/** Dates, times, timestamps and durations as methods of an expression. */
import type { TimeUnit } from '../../arrow/schema.ts';
import type { Expr } from '../expr.ts';
import { textArgument } from './arguments.ts';
import type { Operand } from './base.ts';
import { TextMethods } from './text.ts';

/** Spans of time to count or cut by. A week begins on Monday. */
export type TimePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond';

/**
 * What `extract` takes besides: `dayOfWeek` is 0 on Sundays, `isoDayOfWeek` 1 on Mondays and 7 on
 * Sundays, `week` is that of ISO 8601, `epoch` seconds since 1970 as float64.
 */
export type ExtractPart =
  | TimePart
  | 'dayOfWeek'
  | 'isoDayOfWeek'
  | 'dayOfYear'
  | 'isoYear'
  | 'epoch';

/** See `ExprBase`. Instants are looked at in UTC. */
export abstract class TimeMethods extends TextMethods {
  /** The beginning of the year, month, …, hour, … that a date or timestamp lies in. */
  truncate(part: TimePart): Expr {
    return this.call(
      'truncate',
      {},
      { part: textArgument(['truncate', 'part'], part, "truncate('hour')") },
    );
  }

  /** A part of a date, time, timestamp or duration, as int64 (`epoch`: float64). */
  extract(part: ExtractPart): Expr {
    return this.call(
      'extract',
      {},
      { part: textArgument(['extract', 'part'], part, "extract('hour')") },
    );
  }

  /**
   * How many beginnings of `part` lie between `start` and this, as SQL's date_diff counts them, as
   * int64; negative where `start` is later.
   */
  diff(start: Operand, part: TimePart): Expr {
    const text = textArgument(['diff', 'part'], part, "diff(col('start'), 'day')");
    return this.call('diff', { start }, { part: text });
  }

  /** The timestamp, in UTC, so many units behind the start of 1970; of an integer. */
  fromEpoch(unit: TimeUnit): Expr {
    return this.call('fromEpoch', {}, { unit: unitText('fromEpoch', unit) });
  }

  /** How many units a timestamp lies behind the start of 1970, as int64; rounded as by `cast`. */
  toEpoch(unit: TimeUnit): Expr {
    return this.call('toEpoch', {}, { unit: unitText('toEpoch', unit) });
  }

  /**
   * A date, time or timestamp as text, by strftime's letters: `%Y-%m-%d %H:%M:%S.%f`.
   */
  format(format: string): Expr {
    return this.call('format', {}, { format: formatText('format', format) });
  }

  /** A text as a timestamp of no zone, by strptime's letters; what does not fit fails the row. */
  parseTime(format: string): Expr {
    return this.call('parseTime', {}, { format: formatText('parseTime', format) });
  }

  /** As `parseTime`; what does not fit is null. */
  tryParseTime(format: string): Expr {
    return this.call('tryParseTime', {}, { format: formatText('tryParseTime', format) });
  }
}

function formatText(owner: string, format: unknown): string {
  return textArgument([owner, 'format'], format, `${owner}('%Y-%m-%d')`);
}

function unitText(owner: string, unit: unknown): string {
  return textArgument([owner, 'unit'], unit, `${owner}('ms')`);
}
