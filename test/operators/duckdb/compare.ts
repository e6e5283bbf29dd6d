/** Values of Millrace and of DuckDB as texts that are equal where the values are. */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { DataType } from '../../../src/arrow/schema.ts';
import { isScalar } from '../../../src/operators/common-type.ts';
import type { Value } from '../../wasm/columns.ts';
import { decimalToString } from './decimal-text.ts';

/** What the last bits of a double make of it, at most. */
const LAST_BITS = 1e-13;
const NANOS_PER_UNIT = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n };

const INEXACT: readonly string[] = ['float64', 'duration', 'decimal'];

/**
 * Whether two results are the same: to the last bit, or, where `rounds` says that one of the two
 * computes them otherwise, within what the last bits of doubles make of them.
 */
export function areSame(mine: string, duck: string, type: DataType, rounds = false): boolean {
  if (mine === duck) return true;
  if (!rounds) return false;
  if (!isScalar(type)) return roughly(mine) === roughly(duck);
  if (!INEXACT.includes(type.kind)) return false;
  const [a, b] = [Number(mine), Number(duck)];
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= LAST_BITS * Math.max(Math.abs(a), Math.abs(b));
}

function roughly(text: string): string {
  return text.replaceAll(/-?\d+\.\d+(e[+-]\d+)?/g, (number) => Number(number).toPrecision(12));
}

/** A value of Millrace. */
export function ofMillrace(value: Value, type: DataType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'float32':
    case 'float64':
      return number(value as number, type.kind);
    case 'decimal':
      return plainDecimal(decimalToString(value as bigint, type.scale));
    case 'list':
      return `[${(value as Value[]).map((item) => ofMillrace(item, type.item.type)).join()}]`;
    case 'map': {
      const entries = [...(value as Map<string, Value>)];
      return `{${entries.map(([key, v]) => `${key}=${ofMillrace(v, type.value.type)}`).join()}}`;
    }
    case 'struct': {
      const members = value as Record<string, Value>;
      const parts = type.fields.map((f) => `${f.name}=${ofMillrace(members[f.name]!, f.type)}`);
      return `{${parts.join()}}`;
    }
    case 'binary':
      return Buffer.from(value as Uint8Array).toString('hex');
    default:
      return String(value);
  }
}

/** A value of DuckDB, whose result `type` should be. */
export function ofDuck(value: DuckDBValue, type: DataType): string {
  if (value === null) return 'null';
  if (type.kind === 'float64' || type.kind === 'float32') {
    return number(
      Number(value instanceof DuckDBDecimalValue ? value.toString() : value),
      type.kind,
    );
  }
  if (type.kind === 'decimal') return plainDecimal(String(value));
  if (value instanceof DuckDBDecimalValue) return plainDecimal(value.toString());
  if (value instanceof DuckDBListValue) {
    const item = type.kind === 'list' ? type.item.type : type;
    return `[${value.items.map((v) => ofDuck(v, item)).join()}]`;
  }
  if (value instanceof DuckDBMapValue) {
    const item = type.kind === 'map' ? type.value.type : type;
    return `{${value.entries.map((e) => `${e.key}=${ofDuck(e.value, item)}`).join()}}`;
  }
  if (value instanceof DuckDBStructValue) {
    const fields = type.kind === 'struct' ? type.fields : [];
    return `{${fields.map((f) => `${f.name}=${ofDuck(value.entries[f.name]!, f.type)}`).join()}}`;
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
  if (value instanceof DuckDBDateValue) return String(value.days);
  if (value instanceof DuckDBTimeValue) return String(value.micros);
  const nanos = nanosOf(value);
  if (nanos !== undefined) {
    return String(nanos / (type.kind === 'timestamp' ? NANOS_PER_UNIT[type.unit] : 1n));
  }
  if (value instanceof DuckDBIntervalValue) {
    return String(value.micros + BigInt(value.days) * 86_400_000_000n);
  }
  return String(value);
}

/** DuckDB's timestamps have the unit of an operand, of a function or of a result's type. */
function nanosOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue) return value.micros * 1000n;
  if (value instanceof DuckDBTimestampTZValue) return value.micros * 1000n;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1_000_000n;
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000_000_000n;
  return undefined;
}

function number(value: number, kind: 'float32' | 'float64'): string {
  const rounded = kind === 'float32' ? Math.fround(value) : value;
  return Object.is(rounded, -0) ? '-0' : String(rounded);
}

// 1.50 and 1.5 are one value; the types' scales are tested elsewhere.
function plainDecimal(text: string): string {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return plain === '-0' || plain === '' ? '0' : plain;
}
