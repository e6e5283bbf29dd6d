/** `fromEpoch` and `toEpoch`: timestamps as numbers of units since 1970. */
import type { ScalarDataType, TimeUnit } from '../../arrow/schema.ts';
import { isInteger } from '../common-type.ts';
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import { castTyped } from './cast.ts';
import type { FunctionDefinition } from './definition.ts';

const DUCK_TYPES: Readonly<Record<string, string>> = {
  ms: 'TIMESTAMP_MS',
  us: 'TIMESTAMP',
  ns: 'TIMESTAMP_NS',
};

const INT64: ScalarDataType = { kind: 'int64' };
const UNITS: readonly string[] = ['s', 'ms', 'us', 'ns'] satisfies readonly TimeUnit[];
/** DuckDB's names; its timestamps are in microseconds but where they are cast. */
const FROM: Readonly<Record<string, string>> = {
  s: 'to_timestamp',
  ms: 'make_timestamp_ms',
  us: 'make_timestamp',
  ns: 'make_timestamp_ns',
};

function unitOf(site: CallSite): TimeUnit {
  const unit = site.option<string>('unit');
  if (UNITS.includes(unit)) return unit as TimeUnit;
  throw site.mismatch(`'${unit}' is no unit of a timestamp; there are ${UNITS.join(', ')}`);
}

function lowerFrom(site: CallSite): Typed {
  const unit = unitOf(site);
  const kind = site.type(0)?.kind ?? 'int64';
  if (!isInteger(kind) || kind === 'uint64') {
    throw site.mismatch("fromEpoch takes integers up to int64; .cast('int64') makes them");
  }
  const count = site.literal(0) === undefined ? site.typed(0, INT64) : site.as(0, INT64);
  const type: ScalarDataType = { kind: 'timestamp', unit, zone: 'UTC' };
  return site.call('retype', [site.widen(count, 0, INT64)], { type, cost: 0.1 });
}

function lowerTo(site: CallSite): Typed {
  const unit = unitOf(site);
  const operand = site.typed(0, { kind: 'timestamp', unit, zone: 'UTC' });
  const { type } = operand;
  if (type.kind !== 'timestamp') {
    throw site.mismatch("toEpoch takes timestamps; .cast('timestamp') makes them of dates");
  }
  const counted = castTyped(operand, { ...type, unit }, 'fail', site.text);
  return site.call('retype', [counted], { type: INT64, cost: 0.1 });
}

/** Functions of timestamps as numbers. */
export const EPOCH_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'fromEpoch',
    group: 'time',
    usage: 'integer.fromEpoch(unit)',
    types: 'integer -> timestamp(unit)',
    summary:
      "The timestamp, in UTC, that lies so many units behind the start of 1970: 's', 'ms', 'us' " +
      "or 'ns'.",
    examples: [
      {
        code: "col('sent').fromEpoch('ms')",
        schema: { sent: 'int64' },
        row: { sent: 1_714_557_600_000 },
        gives: '"2024-05-01T10:00:00.000Z"',
      },
    ],
    sql: ([value], { unit }) => `${FROM[String(unit)]}(${value})`,
    lower: lowerFrom,
  },
  {
    name: 'toEpoch',
    group: 'time',
    usage: 'timestamp.toEpoch(unit)',
    types: 'timestamp -> int64',
    summary:
      "How many units, 's', 'ms', 'us' or 'ns', a timestamp lies behind the start of 1970; finer " +
      'ones are rounded, and what leaves int64 fails the row, as where `cast` changes the unit. ' +
      'Without a zone it counts what the clock shows.',
    examples: [
      {
        code: "col('at').toEpoch('ms')",
        schema: { at: 'timestamp' },
        row: { at: '2024-05-01T10:00:00Z' },
        gives: '1714557600000',
      },
    ],
    sql: ([value], { unit }) =>
      unit === 's'
        ? `CAST(epoch(CAST(${value} AS TIMESTAMP_S)) AS BIGINT)`
        : `epoch_${unit}(CAST(${value} AS ${DUCK_TYPES[String(unit)]}))`,
    lower: lowerTo,
  },
];
