/** Values of columns from JSON, and as JSON, for the examples of functions. */
import type { DataType, ScalarDataType } from '../../src/arrow/schema.ts';
import { isFloat, isInteger } from '../../src/operators/common-type.ts';
import { constantOf } from '../../src/operators/constant.ts';
import type { Value } from '../wasm/columns.ts';
import { decimalToString } from './duckdb/decimal-text.ts';

/** A value as `makeColumn` takes it, of what JSON.parse gives. */
export function fromJson(json: unknown, type: DataType): Value {
  if (type.kind === 'json') return json === undefined ? null : JSON.stringify(json);
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case 'list':
      return (json as unknown[]).map((item) => fromJson(item, type.item.type));
    case 'map': {
      const entries = Object.entries(json);
      return new Map(entries.map(([key, value]) => [key, fromJson(value, type.value.type)]));
    }
    case 'struct': {
      const members = json as Record<string, unknown>;
      const { fields } = type;
      return Object.fromEntries(fields.map((f) => [f.name, fromJson(members[f.name], f.type)]));
    }
    case 'bool':
      return json as boolean;
    case 'binary':
      return Uint8Array.from(Buffer.from(json as string, 'base64'));
    default:
      return scalarOf(json, type);
  }
}

function scalarOf(json: unknown, type: ScalarDataType): Value {
  const literal =
    typeof json === 'number' && (isFloat(type.kind) || isInteger(type.kind))
      ? ({ kind: 'literal', type: 'number', value: json } as const)
      : ({ kind: 'literal', type: 'utf8', value: String(json) } as const);
  const constant = constantOf(literal, type);
  if (typeof constant === 'string') throw new Error(`${json} is no ${type.kind}: ${constant}`);
  return constant.value;
}

const DAY_MS = 86_400_000;

/** A value of `columnToValues` as JSON text. */
export function jsonText(value: Value, type: DataType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'json':
      return value as string;
    case 'list':
      return `[${(value as Value[]).map((item) => jsonText(item, type.item.type)).join()}]`;
    case 'map': {
      const entries = [...(value as Map<string, Value>)];
      const text = entries.map(([k, v]) => `${JSON.stringify(k)}:${jsonText(v, type.value.type)}`);
      return `{${text.join()}}`;
    }
    case 'struct': {
      const members = value as Record<string, Value>;
      const text = type.fields.map(
        ({ name, type }) => `${JSON.stringify(name)}:${jsonText(members[name]!, type)}`,
      );
      return `{${text.join()}}`;
    }
    case 'decimal':
      return decimalToString(value as bigint, type.scale);
    case 'date':
      return JSON.stringify(new Date((value as number) * DAY_MS).toISOString().slice(0, 10));
    case 'binary':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    default:
      return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  }
}
