/** Strings that are dates, times, timestamps or durations, and those that are several of them. */
import type { DataType } from '../../arrow/schema.ts';
import type { TextObservation } from './observation.ts';
import { noted, type Verdict } from './rules.ts';

/** Digits behind a second's point in microseconds. */
const MICRO_DIGITS = 6;

/** The type of strings that all are of one kind of time; `undefined` where no type holds all. */
export function timeVerdict(text: TextObservation, strings: number): Verdict | undefined {
  const isFine = text.secondDigits > MICRO_DIGITS;
  if (text.dates === strings) return { type: { kind: 'date' } };
  if (text.times === strings) return inMicroseconds({ kind: 'time' }, isFine);
  if (text.durations === strings) return inMicroseconds({ kind: 'duration' }, isFine);
  if (!areTimestamps(text, strings)) return undefined;
  if (isFine ? text.beyondNanoseconds > 0 : text.beyondMicroseconds > 0) return undefined;
  const zone = text.wallClocks === 0 ? 'UTC' : null;
  const type: DataType = { kind: 'timestamp', unit: isFine ? 'ns' : 'us', zone };
  if (text.dates === 0) return { type };
  const found = share(text.dates, 'date');
  return noted(type, 'guess', `${found} among timestamps: read as midnight`);
}

// All of them with an offset, or all without one; but dates, which are midnights of either.
function areTimestamps({ dates, instants, wallClocks }: TextObservation, strings: number): boolean {
  return dates + instants === strings || dates + wallClocks === strings;
}

function inMicroseconds(type: DataType, isFine: boolean): Verdict {
  if (!isFine) return { type };
  return noted(type, 'guess', 'some have digits below a microsecond, which are dropped');
}

/**
 * In words, what strings are that have no type of their own and are times for the most part, more
 * than half of them; `undefined` where they are not.
 */
export function mixtureOf(text: TextObservation, strings: number): string | undefined {
  const { dates, times, durations, months, instants, wallClocks } = text;
  const kinds = [
    share(dates, 'date'),
    share(times, 'time'),
    share(instants, 'timestamp', ' with an offset'),
    share(wallClocks, 'timestamp', ' without an offset'),
    share(durations, 'duration'),
    share(months, 'duration', ' of months or years, which have no fixed length'),
  ];
  const known = dates + times + durations + months + instants + wallClocks;
  if (known * 2 <= strings) return undefined;
  if (areTimestamps(text, strings)) {
    const isFine = text.secondDigits > MICRO_DIGITS;
    if (!isFine) return 'timestamps and dates, some of those beyond microseconds';
    return 'timestamps with digits below a microsecond, but some beyond nanoseconds';
  }
  const others = share(strings - known, 'other string');
  return [...kinds, others].filter((kind) => kind !== undefined).join(' and ');
}

function share(count: number, what: string, more = ''): string | undefined {
  if (count === 0) return undefined;
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}${more}`;
}
