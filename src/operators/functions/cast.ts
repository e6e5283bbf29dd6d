/** `cast` and `tryCast`. */
import { MAX_PRECISION, parseType, scalarToString } from '../../arrow/scalar-text.ts';
import type { DataType, ScalarDataType } from '../../arrow/schema.ts';
import { isNumeric, isScalar, sameType } from '../common-type.ts';
import { isLossless } from '../lossless.ts';
import type { Program, Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition } from './definition.ts';
import { UTF8 } from './text-operand.ts';

/** Of a document that is walked over; see `costOf`. */
const JSON_COST = 30;

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
    throw site.mismatch(`there is no cast to ${scalarToString(to)}; ${wayRound(from, to)}`);
  }
  return castTyped(operand, to, misfit, site.text);
}

// What leads there all the same.
function wayRound(from: DataType, to: ScalarDataType): string {
  if (!isScalar(from)) return 'take a member or item out: .field(name), .get(place)';
  const clock = ['date', 'time', 'timestamp', 'duration'];
  if (isNumeric(from.kind) && to.kind === 'timestamp') {
    return ".fromEpoch('ms') takes milliseconds since 1970, .fromEpoch('s') seconds";
  }
  if (isNumeric(from.kind) && to.kind === 'date') return ".fromEpoch('s').cast('date') makes one";
  if (isNumeric(from.kind) && to.kind === 'duration') {
    return 'multiply a unit: duration({ seconds: 1 }).mul(…)';
  }
  if (from.kind === 'timestamp' && isNumeric(to.kind)) {
    return ".toEpoch('ms') gives milliseconds since 1970, .extract('epoch') seconds";
  }
  if (clock.includes(from.kind) && isNumeric(to.kind)) return ".extract('epoch') gives seconds";
  return `a text lies between them: .cast('utf8').cast('${scalarToString(to)}')`;
}

/**
 * A value of a scalar type as one of another; there is a cast between them.
 *
 * @param text the expression as text, for the error of a row.
 */
export function castTyped(
  operand: Typed,
  to: ScalarDataType,
  misfit: 'fail' | 'null',
  text: string,
): Typed {
  const { type } = operand;
  const isRead = type.kind === 'json' && to.kind !== 'json' && !isText(to);
  const source = isRead ? jsonText(operand.program, text) : operand;
  const steps = stepsBetween(source.type as ScalarDataType, to);
  return steps.reduce<Typed>((value, step) => {
    const cast = { from: value.type as ScalarDataType, to: step };
    const program: Program = { kind: 'cast', ...cast, misfit, operand: value.program, text };
    const nullable = value.nullable || (misfit === 'null' && !isLossless(cast));
    return { program, type: step, nullable };
  }, source);
}

// A string without its quotes, and null for JSON's null, as `jsonPath` gives them.
function jsonText(operand: Program, text: string): Typed {
  const program: Program = {
    kind: 'call',
    kernel: 'jsonPath',
    operands: [operand],
    options: { path: '$' },
    shown: { kind: 'function', name: 'jsonPath', options: { path: '$' } },
    type: UTF8,
    nullForNull: false,
    canFail: false,
    cost: JSON_COST,
    text,
  };
  return { program, type: UTF8, nullable: true };
}

/** The casts that lead from a type to another: dictionaries, and JSON, are texts on the way. */
function stepsBetween(from: ScalarDataType, to: ScalarDataType): readonly ScalarDataType[] {
  if (sameType(from, to)) return [];
  const steps: ScalarDataType[] = [];
  if (from.kind === 'dictionary' && to.kind !== 'utf8') steps.push(UTF8);
  // A decimal whose type has no digit before the point has none in its text; JSON wants one.
  const isFraction = from.kind === 'decimal' && from.precision === from.scale;
  if (to.kind === 'json' && isFraction && from.precision < MAX_PRECISION) {
    steps.push({ ...from, precision: from.precision + 1 });
  }
  const isMade = to.kind === 'dictionary' || to.kind === 'json';
  if (isMade && from.kind !== 'utf8' && from.kind !== 'dictionary') steps.push(UTF8);
  return [...steps, to];
}

/** Whether there is a cast between two scalar types, whatever it loses. */
export function canCast(from: ScalarDataType, to: ScalarDataType): boolean {
  if (from.kind === 'null' || sameType(from, to)) return true;
  if (isText(from)) return to.kind !== 'null';
  if (isText(to)) return true;
  if (from.kind === 'binary') return false;
  if (from.kind === 'json') return to.kind !== 'binary' && to.kind !== 'null';
  const isNumber = (type: ScalarDataType) => isNumeric(type.kind) || type.kind === 'bool';
  if (to.kind === 'json') return isNumber(from);
  if (from.kind === 'date') return to.kind === 'timestamp';
  if (from.kind === 'timestamp') return ['timestamp', 'date', 'time'].includes(to.kind);
  return isNumber(from) && isNumber(to);
}

function isText({ kind }: ScalarDataType): boolean {
  return kind === 'utf8' || kind === 'dictionary';
}

/** `cast` and `tryCast`. */
export const CAST_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'cast',
    group: 'cast',
    usage: 'value.cast(type)',
    types: 'any -> type',
    summary:
      'The value as another type. Floats become integers by rounding halves to even, decimals ' +
      'by rounding halves away from zero. A value that the type does not hold fails the row. Of ' +
      'texts: numbers (`1e3`, spaces around them; for integers rounded, halves away from zero), ' +
      '`true`, `t`, `yes`, `y`, `1` and their opposites, dates, times, timestamps with a T or a ' +
      'space in the middle, durations as `25:00:01.5` or ISO 8601, all with spaces around them, ' +
      'JSON, and, for binary, the bytes. Of JSON the value, a string as its text, null as null; ' +
      'numbers and bools become JSON. Texts of values are as DuckDB prints them: `1.0`, ' +
      '`1e+20`, `2024-05-01 12:00:00.5`.',
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
      {
        code: "col('amount').cast('int32')",
        schema: { amount: 'utf8' },
        row: { amount: ' 1e3 ' },
        gives: '1000',
      },
      {
        code: "col('any').cast('decimal(6,2)')",
        schema: { any: 'json' },
        row: { any: '12.5' },
        gives: '12.50',
      },
      {
        code: "col('at').cast('utf8')",
        schema: { at: 'timestamp' },
        row: { at: '2024-05-01T12:00:00.500Z' },
        gives: '"2024-05-01 12:00:00.5+00"',
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
