/** Checks calls of `time.ts` and makes their programs. */
import type { DataType, ScalarDataType, TimestampType } from '../../arrow/schema.ts';
import { isInteger } from '../common-type.ts';
import type { ExtractPart, TimePart } from '../expr/time.ts';
import type { Typed } from '../program.ts';
import { compilePattern, type PatternUse, refusePattern } from '../time-pattern.ts';
import type { CallSite } from './call-site.ts';
import { castTyped } from './cast.ts';

/** An addition is 1. */
const COST = { clock: 4, calendar: 8, text: 40 } as const;

const INT64: ScalarDataType = { kind: 'int64' };
const FLOAT64: ScalarDataType = { kind: 'float64' };
const UTF8: ScalarDataType = { kind: 'utf8' };
/** A timestamp of no zone, in microseconds. */
export const LOCAL_TIMESTAMP: TimestampType = { kind: 'timestamp', unit: 'us', zone: null };

const DAY_PARTS = ['year', 'quarter', 'month', 'week', 'day'] as const;
const CLOCK_PARTS = ['hour', 'minute', 'second', 'millisecond', 'microsecond'] as const;
const TIME_PARTS: readonly TimePart[] = [...DAY_PARTS, ...CLOCK_PARTS];
const EXTRACT_PARTS: readonly ExtractPart[] = [
  ...TIME_PARTS,
  'dayOfWeek',
  'isoDayOfWeek',
  'dayOfYear',
  'isoYear',
  'epoch',
];
/** Parts that a type has; a duration's days are 24 hours, it has no months. */
const PARTS_OF: Readonly<Record<string, readonly ExtractPart[]>> = {
  date: EXTRACT_PARTS,
  timestamp: EXTRACT_PARTS,
  time: [...CLOCK_PARTS, 'epoch'],
  duration: ['day', ...CLOCK_PARTS, 'epoch'],
};

function partOf<T extends ExtractPart>(site: CallSite, kind: string, parts: readonly T[]): T {
  const part = site.option<string>('part');
  if ((parts as readonly string[]).includes(part)) return part as T;
  throw site.mismatch(`'${part}' is no part of a ${kind}; there are ${parts.join(', ')}`);
}

function temporal(site: CallSite, kinds: readonly string[], i = 0): Typed {
  const operand = site.typed(i, LOCAL_TIMESTAMP);
  if (kinds.includes(operand.type.kind)) return operand;
  throw site.mismatch(`${site.node.fn} takes ${kinds.map((kind) => `${kind}s`).join(', ')}`);
}

/** The finer of a timestamp's unit and microseconds. */
export function inMicros(type: TimestampType): TimestampType {
  return type.unit === 'ns' ? type : { ...type, unit: 'us' };
}

/** `extract`. */
export function lowerExtract(site: CallSite): Typed {
  const operand = temporal(site, ['date', 'timestamp', 'time', 'duration']);
  const { kind } = operand.type;
  const part = partOf(site, kind, PARTS_OF[kind]!);
  const isClock = (CLOCK_PARTS as readonly string[]).includes(part) || part === 'epoch';
  const cost = isClock ? COST.clock : COST.calendar;
  return site.call('extract', [operand], { type: part === 'epoch' ? FLOAT64 : INT64, cost });
}

/** `truncate`. */
export function lowerTruncate(site: CallSite): Typed {
  const operand = temporal(site, ['date', 'timestamp', 'time', 'duration']);
  const { kind } = operand.type;
  partOf(site, kind, SPANS_OF[kind as 'time'] ?? TIME_PARTS);
  const isSpan = Object.hasOwn(SPANS_OF, kind);
  const type = kind === 'date' ? LOCAL_TIMESTAMP : operand.type;
  const cost = isSpan ? COST.clock : COST.calendar;
  return site.call('truncate', [operand], { type, canFail: !isSpan, cost });
}

/** `diff`: the operands are the end and the start. */
export function lowerDiff(site: CallSite): Typed {
  const { type, operands } = inCommonUnit(site);
  const { kind } = type;
  if (kind !== 'date' && kind !== 'timestamp' && kind !== 'time') {
    throw site.mismatch('diff takes two dates or timestamps, or two times');
  }
  partOf(site, kind, kind === 'time' ? CLOCK_PARTS : TIME_PARTS);
  const [end, start] = operands as readonly [Typed, Typed];
  return site.call('diff', [start, end], { type: INT64, canFail: true, cost: COST.calendar });
}

// No part is shorter than a microsecond, and nanoseconds reach from 1677 to 2262 only.
function inCommonUnit(site: CallSite): { type: DataType; operands: readonly Typed[] } {
  const unified = site.unified(0, 2);
  const { type } = unified;
  const meetsOther = [0, 1].some((i) => site.literal(i) === undefined && !isInNanos(site.type(i)));
  if (type.kind !== 'timestamp' || type.unit !== 'ns' || !meetsOther) return unified;
  const micros: TimestampType = { ...type, unit: 'us' };
  const operands = [0, 1].map((i) => castTyped(site.typed(i, type), micros, 'fail', site.text));
  return { type: micros, operands };
}

function isInNanos(type: DataType | undefined): boolean {
  return type?.kind === 'timestamp' && type.unit === 'ns';
}

const MICROS_PER: Readonly<Record<string, bigint>> = {
  week: 604_800_000_000n,
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  millisecond: 1_000n,
  microsecond: 1n,
};
/** Parts of fixed length that times and durations are made of. */
const SPANS_OF = { time: CLOCK_PARTS, duration: Object.keys(MICROS_PER) as TimePart[] };
const MONTHS_PER: Readonly<Record<string, bigint>> = { year: 12n, quarter: 3n, month: 1n };

/** `add` and `sub` of parts of the calendar. */
export function lowerAddParts(site: CallSite): Typed {
  const operand = temporal(site, ['date', 'timestamp', 'time', 'duration']);
  const { kind } = operand.type;
  const part = partOf(site, kind, SPANS_OF[kind as 'time'] ?? TIME_PARTS);
  const count = site.typed(1, INT64);
  if (!isInteger(count.type.kind) || count.type.kind === 'uint64') {
    throw site.mismatch(`a number of ${part}s is an integer`);
  }
  const sign = site.node.fn === 'sub' ? -1n : 1n;
  const months = MONTHS_PER[part];
  const factor = sign * (months ?? MICROS_PER[part]!);
  const type = sumType(operand.type);
  const kernel = kind === 'time' ? 'timeSum' : months === undefined ? 'timestampSum' : 'monthSum';
  const operands = [site.widen(operand, 0, type), site.widen(count, 1, INT64)];
  const cost = months === undefined ? COST.clock : COST.calendar;
  return site.call(kernel, operands, {
    type,
    options: { ...site.options, factor },
    canFail: true,
    cost,
  });
}

/** What a date, time, timestamp or duration and a duration add up to. */
export function sumType(type: DataType): ScalarDataType {
  if (type.kind === 'timestamp') return inMicros(type);
  return type.kind === 'date' ? LOCAL_TIMESTAMP : (type as ScalarDataType);
}

/** `format`. */
export function lowerFormat(site: CallSite): Typed {
  const operand = temporal(site, ['date', 'timestamp', 'time']);
  const refusal = refusePattern(site.option('format'), operand.type.kind as PatternUse);
  if (refusal !== undefined) throw site.mismatch(refusal);
  return site.call('format', [operand], { type: UTF8, cost: COST.text });
}

/** `parseTime` and `tryParseTime`. */
export function lowerParse(site: CallSite): Typed {
  const operand = site.typed(0, UTF8);
  if (operand.type.kind !== 'utf8' && operand.type.kind !== 'dictionary') {
    throw site.mismatch(`${site.node.fn} takes texts`);
  }
  const format = site.option<string>('format');
  const refusal = refusePattern(format, 'parse');
  if (refusal !== undefined) throw site.mismatch(refusal);
  const { letters } = compilePattern(format);
  const type: TimestampType = {
    kind: 'timestamp',
    unit: letters.includes('n') ? 'ns' : 'us',
    zone: letters.includes('z') ? 'UTC' : null,
  };
  const tries = site.node.fn === 'tryParseTime';
  const cost = COST.text;
  const result = { type, canFail: !tries, cost, ...(tries ? { nullable: true } : {}) };
  return site.call(site.node.fn, [site.widen(operand, 0, UTF8)], result);
}
