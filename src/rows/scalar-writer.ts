/** Scalar values of messages as JSON text. */
import { parseUnscaled, unscaledToString } from '../arrow/decimal.ts';
import { scalarToString } from '../arrow/scalar-text.ts';
import type { DecimalType, PlainType, ScalarDataType } from '../arrow/schema.ts';
import { toJson } from './json-text.ts';
import { durationWriter, isoDateWriter, timestampWriter, timeWriter } from './time-writer.ts';
import { unfit } from './unfit-value.ts';

/** Writes values of one type that are not null. */
export function scalarWriter(type: ScalarDataType, path: string): (value: unknown) => string {
  switch (type.kind) {
    case 'decimal':
      return decimalWriter(type, path);
    case 'timestamp':
      return timestampWriter(type, path);
    default:
      return plainWriter(type.kind, path);
  }
}

function plainWriter(kind: PlainType, path: string): (value: unknown) => string {
  switch (kind) {
    case 'bool':
      return (value) => {
        if (typeof value === 'boolean') return value ? 'true' : 'false';
        throw unfit(path, value, 'true or false');
      };
    case 'float32':
    case 'float64':
      return floatWriter(kind, path);
    case 'utf8':
    case 'dictionary':
      return (value) => {
        if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
        throw unfit(path, value, 'a text, without half characters');
      };
    case 'binary':
      return (value) => {
        if (!(value instanceof Uint8Array)) throw unfit(path, value, 'bytes');
        const { buffer, byteOffset, byteLength } = value;
        return `"${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}"`;
      };
    case 'json':
      return (value) => toJson(value, path);
    case 'date':
      return isoDateWriter(path);
    case 'time':
      return timeWriter(path);
    case 'duration':
      return durationWriter(path);
    case 'null':
      return (value) => {
        throw unfit(path, value, 'null, the only value of its type');
      };
    default:
      return integerWriter(kind, path);
  }
}

function integerWriter(kind: PlainType, path: string): (value: unknown) => string {
  const bits = Number(/\d+$/.exec(kind)?.[0]);
  const isSigned = kind.startsWith('int');
  const least = isSigned ? -(2n ** BigInt(bits - 1)) : 0n;
  const most = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
  const [low, high] = [Number(least), Number(most)];
  return (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      if (value >= low && value <= high) return String(value + 0);
    }
    if (typeof value === 'bigint' && value >= least && value <= most) return String(value);
    throw unfit(path, value, `a whole number from ${least} to ${most}${bits > 53 ? 'n' : ''}`);
  };
}

// Beyond it a float32 rounds to infinity: the largest one and half a unit of its last place.
const FLOAT32_END = (2 - 2 ** -24) * 2 ** 127;

function floatWriter(kind: 'float32' | 'float64', path: string): (value: unknown) => string {
  const end = kind === 'float32' ? FLOAT32_END : Number.POSITIVE_INFINITY;
  return (value) => {
    if (typeof value !== 'number' || !(Math.abs(value) < end)) {
      throw unfit(path, value, `a finite number that ${kind} holds`);
    }
    return Object.is(value, -0) ? '-0' : String(value);
  };
}

function decimalWriter(type: DecimalType, path: string): (value: unknown) => string {
  const { precision, scale } = type;
  return (value) => {
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    const text = isNumber ? String(value) : value;
    const unscaled = typeof text === 'string' ? parseUnscaled(text, scale, precision) : 'no number';
    if (typeof unscaled === 'bigint') return unscaledToString(unscaled, scale);
    throw unfit(path, value, `a ${scalarToString(type)} as text, such as '12.50', or as a number`);
  };
}
