/** Which values Arrow's builders turn into what was meant; they take anything, and make 0 of it. */
import type { DataType, Field, ScalarDataType } from '../arrow/schema.ts';
import { type ValueCheck, valueCheckOf } from '../operators/udf/value-check.ts';

/** Whether a value that is not null is one of a type, as apache-arrow gives and takes it. */
export function arrowValueCheck(type: DataType): ValueCheck {
  switch (type.kind) {
    case 'date':
    case 'timestamp':
      return (value) => Number.isFinite(value instanceof Date ? value.getTime() : value);
    case 'decimal':
      return (value) => value instanceof Uint32Array && value.length === 4;
    case 'list':
      return listCheck(type.item);
    case 'struct':
      return structCheck(type.fields);
    case 'map':
      return mapCheck(type.value);
    default:
      return valueCheckOf(type as ScalarDataType);
  }
}

// Whether there may be nulls is seen where the batch is imported.
function fieldCheck({ type }: Field): ValueCheck {
  const check = arrowValueCheck(type);
  return (value) => value === null || check(value);
}

function listCheck(item: Field): ValueCheck {
  const check = fieldCheck(item);
  return (value) => {
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return false;
    for (const each of value as Iterable<unknown>) if (!check(each)) return false;
    return true;
  };
}

function structCheck(fields: readonly Field[]): ValueCheck {
  const checks = fields.map((field) => [field.name, fieldCheck(field)] as const);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return checks.every(([name, check]) => check((value as Record<string, unknown>)[name] ?? null));
  };
}

function mapCheck(field: Field): ValueCheck {
  const check = fieldCheck(field);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = value instanceof Map ? value.entries() : Object.entries(value);
    for (const [key, each] of entries) {
      if (typeof key !== 'string' || !check(each)) return false;
    }
    return true;
  };
}
