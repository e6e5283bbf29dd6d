/** `cast` and `tryCast`. */
import { parseType, scalarToString } from '../../arrow/scalar-text.ts';
import type { ScalarDataType } from '../../arrow/schema.ts';
import { isNumeric, isScalar, sameType } from '../common-type.ts';
import { isLossless } from '../lossless.ts';
import type { Program, Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition } from './definition.ts';

/** DuckDB's name of a type, or undefined where it has none alike. */
export function duckType(text: string): string | undefined {
  const type = parseType(text);
  if (typeof type === 'string') return undefined;
  if (type.kind === 'decimal') return `DECIMAL(${type.precision},${type.scale})`;
  if (type.kind === 'timestamp') {
    if (type.zone !== null) return type.unit === 'us' ? 'TIMESTAMPTZ' : undefined;
    return { s: 'TIMESTAMP_S', ms: 'TIMESTAMP_MS', us: 'TIMESTAMP', ns: 'TIMESTAMP_NS' }[type.unit];
  }
  const names: Partial<Record<ScalarDataType['kind'], string>> = {
    bool: 'BOOLEAN',
    int8: 'TINYINT',
    int16: 'SMALLINT',
    int32: 'INTEGER',
    int64: 'BIGINT',
    uint8: 'UTINYINT',
    uint16: 'USMALLINT',
    uint32: 'UINTEGER',
    uint64: 'UBIGINT',
    float32: 'FLOAT',
    float64: 'DOUBLE',
    utf8: 'VARCHAR',
    dictionary: 'VARCHAR',
    binary: 'BLOB',
    date: 'DATE',
    time: 'TIME',
    duration: 'INTERVAL',
    json: 'JSON',
  };
  return names[type.kind];
}

function lowerCast(site: CallSite, misfit: 'fail' | 'null'): Typed {
  const text = site.option<string>('type');
  const to = parseType(text);
  if (typeof to === 'string') throw site.mismatch(to);
  const operand = site.typed(0, to);
  const from = operand.type;
  if (!isScalar(from) || !canCast(from, to)) {
    throw site.mismatch(`there is no cast to ${scalarToString(to)}`);
  }
  if (sameType(from, to)) return operand;
  const program: Program = {
    kind: 'cast',
    from,
    to,
    misfit,
    operand: operand.program,
    text: site.text,
  };
  const isExact = isLossless({ from, to });
  return { program, type: to, nullable: operand.nullable || (misfit === 'null' && !isExact) };
}

/** Whether there is a cast between two scalar types, whatever it loses. */
export function canCast(from: ScalarDataType, to: ScalarDataType): boolean {
  if (from.kind === 'null' || sameType(from, to)) return true;
  if (from.kind === 'dictionary') return to.kind === 'utf8';
  const isNumber = (type: ScalarDataType) => isNumeric(type.kind) || type.kind === 'bool';
  return isNumber(from) && isNumber(to);
}

/** `cast` and `tryCast`. */
export const CAST_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'cast',
    group: 'cast',
    usage: 'value.cast(type)',
    types: 'any -> type',
    summary:
      'The value as another type. Floats become integers by rounding halves to even, decimals by ' +
      'rounding halves away from zero. A value that the type does not hold fails the row.',
    examples: [
      {
        code: "col('amount').cast('int32')",
        schema: { amount: 'float64' },
        row: { amount: 2.5 },
        gives: '2',
      },
      {
        code: "col('amount').cast('decimal(6,2)')",
        schema: { amount: 'float64' },
        row: { amount: 12.345 },
        gives: '12.35',
      },
    ],
    sql: ([value], { type }) => `CAST(${value} AS ${duckType(String(type))})`,
    lower: (site) => lowerCast(site, 'fail'),
  },
  {
    name: 'tryCast',
    group: 'cast',
    usage: 'value.tryCast(type)',
    types: 'any -> type?',
    summary: 'As `cast`; a value that the type does not hold is null.',
    examples: [
      {
        code: "col('amount').tryCast('int8')",
        schema: { amount: 'int64' },
        row: { amount: 1000 },
        gives: 'null',
      },
    ],
    sql: ([value], { type }) => `TRY_CAST(${value} AS ${duckType(String(type))})`,
    lower: (site) => lowerCast(site, 'null'),
  },
];
