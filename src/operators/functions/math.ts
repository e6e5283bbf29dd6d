/** Functions of numbers. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import { isFloat, isInteger, isNumeric } from '../common-type.ts';
import type { Program, Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition, FunctionExample } from './definition.ts';

const FLOAT64: ScalarDataType = { kind: 'float64' };
/** An addition is 1. */
const COST = { plain: 1, root: 3, transcendental: 15 } as const;

function number(site: CallSite, i = 0): Typed {
  const operand = site.typed(i, { kind: 'int32' });
  if (isNumeric(operand.type.kind)) return operand;
  throw site.mismatch(`${site.node.fn} takes numbers`);
}

function double(site: CallSite, i = 0): Typed {
  if (site.literal(i) !== undefined) return site.as(i, FLOAT64);
  return site.widen(number(site, i), i, FLOAT64);
}

function lowerAbs(site: CallSite): Typed {
  const operand = number(site);
  const canFail = isInteger(operand.type.kind);
  return site.call('abs', [operand], { type: operand.type, canFail });
}

// An integer is whole already; a decimal loses its scale.
function lowerWhole(site: CallSite): Typed {
  const operand = number(site);
  const { type } = operand;
  if (isInteger(type.kind)) return operand;
  const result: ScalarDataType = type.kind === 'decimal' ? { ...type, scale: 0 } : FLOAT64;
  if (type.kind === 'float32') return site.call(site.node.fn, [operand], { type });
  return site.call(site.node.fn, [operand], { type: result, canFail: type.kind === 'decimal' });
}

function lowerRound(site: CallSite): Typed {
  const operand = number(site);
  const digits = site.option<number>('digits');
  if (!Number.isInteger(digits) || Math.abs(digits) > 38) {
    throw site.mismatch(`digits is a whole number from -38 to 38, not ${digits}`);
  }
  const { type } = operand;
  if (isFloat(type.kind)) return site.call('round', [operand], { type, cost: COST.root });
  if (type.kind === 'decimal') {
    if (digits >= type.scale) return operand;
    const result: ScalarDataType = { ...type, scale: Math.max(digits, 0) };
    return site.call('round', [operand], { type: result, canFail: true, cost: 8 });
  }
  if (digits >= 0) return operand;
  return site.call('round', [operand], { type, canFail: true, cost: 8 });
}

function lowerSign(site: CallSite): Typed {
  return site.call('sign', [number(site)], { type: { kind: 'int8' } });
}

function lowerDouble(cost: number, canFail: boolean): (site: CallSite) => Typed {
  return (site) => site.call(site.node.fn, [double(site)], { type: FLOAT64, cost, canFail });
}

function lowerPow(site: CallSite): Typed {
  const operands = [double(site, 0), double(site, 1)];
  return site.call('pow', operands, { type: FLOAT64, cost: COST.transcendental });
}

function integers(site: CallSite): readonly [readonly Typed[], ScalarDataType] {
  const { type, operands } = site.unified(0, site.operands.length, undefined);
  if (!isInteger(type.kind)) {
    const kinds = site.operands.map((_, i) => site.type(i)?.kind);
    const areIntegers = kinds.every((kind) => kind !== undefined && isInteger(kind));
    const wayOut = areIntegers ? ", and no integer holds both of these; .cast('int64') one" : '';
    throw site.mismatch(`${site.node.fn} takes integers${wayOut}`);
  }
  return [operands, type];
}

function lowerBits(site: CallSite): Typed {
  const [operands, type] = integers(site);
  const canFail = site.node.fn === 'shiftLeft';
  return site.call(site.node.fn, operands, { type, canFail });
}

function lowerBitNot(site: CallSite): Typed {
  const [operands, type] = integers(site);
  const all =
    isInteger(type.kind) && type.kind.startsWith('u') ? unsignedOnes(type) : minusOne(type);
  const ones: Typed = { program: all, type, nullable: false };
  return site.call('bitXor', [operands[0]!, ones], { type, shown: { fn: 'bitXor' } });
}

function minusOne(type: ScalarDataType): Program {
  return { kind: 'constant', type, value: type.kind === 'int64' ? -1n : -1 };
}

function unsignedOnes(type: ScalarDataType): Program {
  const bits = Number(type.kind.slice(4));
  return { kind: 'constant', type, value: bits === 64 ? 2n ** 64n - 1n : 2 ** bits - 1 };
}

function lowerHash(site: CallSite): Typed {
  const operand = site.typed(0, { kind: 'utf8' });
  const { kind } = operand.type;
  const type: ScalarDataType = { kind: site.node.fn === 'murmur2' ? 'int32' : 'uint64' };
  if (kind === 'dictionary') {
    return site.call(site.node.fn, [site.widen(operand, 0, { kind: 'utf8' })], { type, cost: 8 });
  }
  const isBytes = kind === 'utf8' || kind === 'binary';
  if (site.node.fn === 'murmur2' && !isBytes) {
    throw site.mismatch('murmur2 takes texts or binaries, as Kafka hashes the bytes of keys');
  }
  if (isBytes) return site.call(site.node.fn, [operand], { type, cost: 8 });
  if (['int64', 'uint64', 'float64', 'timestamp', 'time', 'duration'].includes(kind)) {
    return site.call(site.node.fn, [operand], { type, cost: 4 });
  }
  if (isInteger(kind)) {
    return site.call(site.node.fn, [site.widen(operand, 0, { kind: 'int64' })], { type, cost: 4 });
  }
  throw site.mismatch('xxhash64 takes texts, binaries, integers, float64 and times');
}

type Definition = Omit<FunctionDefinition, 'group' | 'examples'>;

function math(
  definition: Definition,
  code: string,
  gives: string,
  row: Record<string, unknown> = { x: 2.25 },
  schema: Record<string, unknown> = { x: 'float64' },
): FunctionDefinition {
  const examples: readonly FunctionExample[] = [{ code, schema, row, gives }];
  return { ...definition, group: 'math', examples };
}

const unary = (name: string, operator = name) => ({
  name,
  usage: `number.${name}()`,
  sql: ([x]: readonly string[]) => `${operator}(${x})`,
});

/** Arithmetic beyond `+ - * / %`. */
export const MATH_FUNCTIONS: readonly FunctionDefinition[] = [
  math(
    {
      ...unary('abs'),
      types: 'T -> T',
      summary: 'The value without its sign. The least integer of a type fails the row.',
      lower: lowerAbs,
    },
    "col('x').abs()",
    '2.25',
    { x: -2.25 },
  ),
  math(
    {
      name: 'round',
      usage: 'number.round(digits)',
      types: 'T -> T',
      summary:
        'Rounded to `digits` behind the point (default 0), halves away from zero; negative ' +
        'digits round in front of the point. A decimal keeps so many digits.',
      sql: ([x], { digits }) => `round(${x}, ${digits})`,
      lower: lowerRound,
    },
    "col('x').round(1)",
    '2.3',
  ),
  math(
    {
      ...unary('floor'),
      types: 'T -> T',
      summary: 'The greatest whole number that is not greater; a decimal has no scale then.',
      lower: lowerWhole,
    },
    "col('x').floor()",
    '2',
  ),
  math(
    {
      ...unary('ceil'),
      types: 'T -> T',
      summary: 'The least whole number that is not less; a decimal has no scale then.',
      lower: lowerWhole,
    },
    "col('x').ceil()",
    '3',
  ),
  math(
    {
      name: 'pow',
      usage: 'number.pow(exponent)',
      types: '(number, number) -> float64',
      summary: 'The power.',
      sql: ([x, y]) => `pow(${x}, ${y})`,
      lower: lowerPow,
    },
    "col('x').pow(2)",
    '5.0625',
  ),
  math(
    {
      ...unary('sqrt'),
      types: 'number -> float64',
      summary: 'The square root. Of a negative number it fails the row.',
      lower: lowerDouble(COST.root, true),
    },
    "col('x').sqrt()",
    '1.5',
  ),
  math(
    {
      ...unary('ln'),
      types: 'number -> float64',
      summary: 'The natural logarithm. Of 0 and less it fails the row.',
      lower: lowerDouble(COST.transcendental, true),
    },
    "col('x').ln()",
    '0',
    { x: 1 },
  ),
  math(
    {
      ...unary('log10'),
      types: 'number -> float64',
      summary: 'The logarithm to base 10. Of 0 and less it fails the row.',
      lower: lowerDouble(COST.transcendental, true),
    },
    "col('x').log10()",
    '3',
    { x: 1000 },
  ),
  math(
    {
      ...unary('exp'),
      types: 'number -> float64',
      summary: 'e to the power of the value.',
      lower: lowerDouble(COST.transcendental, false),
    },
    "col('x').exp()",
    '1',
    { x: 0 },
  ),
  math(
    {
      ...unary('sign'),
      types: 'number -> int8',
      summary: '-1, 0 or 1; 0 of NaN.',
      lower: lowerSign,
    },
    "col('x').sign()",
    '-1',
    { x: -2.25 },
  ),
];

const BITS = { x: 'int32' } as const;

function bits(name: string, operator: string, summary: string, gives: string): FunctionDefinition {
  return {
    name,
    group: 'bits',
    usage: `integer.${name}(integer)`,
    types: '(T, T) -> T',
    summary,
    examples: [{ code: `col('x').${name}(3)`, schema: BITS, row: { x: 10 }, gives }],
    sql: ([x, y]) => (name === 'bitXor' ? `xor(${x}, ${y})` : `(${x} ${operator} ${y})`),
    lower: lowerBits,
  };
}

/** Bit operations. */
export const BIT_FUNCTIONS: readonly FunctionDefinition[] = [
  bits('bitAnd', '&', 'Bits that both have.', '2'),
  bits('bitOr', '|', 'Bits that one of them has.', '11'),
  bits('bitXor', '^', 'Bits that exactly one of them has.', '9'),
  {
    name: 'bitNot',
    group: 'bits',
    usage: 'integer.bitNot()',
    types: 'T -> T',
    summary: 'Every bit turned round.',
    examples: [{ code: "col('x').bitNot()", schema: BITS, row: { x: 10 }, gives: '-11' }],
    sql: ([x]) => `(~${x})`,
    lower: lowerBitNot,
  },
  bits(
    'shiftLeft',
    '<<',
    'The bits moved up. A negative number, a negative count, and a bit that is lost fail the row.',
    '80',
  ),
  bits(
    'shiftRight',
    '>>',
    'The bits moved down, the sign kept; by the width of the type or more it is 0.',
    '1',
  ),
];

/** Hashes. */
export const HASH_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'murmur2',
    group: 'hash',
    usage: 'value.murmur2()',
    types: 'utf8 | binary -> int32',
    summary:
      "Kafka's murmur2 of the bytes. `key.murmur2().bitAnd(0x7fffffff).mod(partitions)` is the " +
      'partition that its default partitioner takes.',
    examples: [
      {
        code: "col('key').murmur2()",
        schema: { key: 'utf8' },
        row: { key: '21' },
        gives: '-973932308',
      },
    ],
    lower: lowerHash,
  },
  {
    name: 'xxhash64',
    group: 'hash',
    usage: 'value.xxhash64(seed)',
    types: 'utf8 | binary | integer | float64 | time -> uint64',
    summary:
      'XXH64 of the bytes of a text or binary, or of the 8 bytes (little-endian) of a number. ' +
      '`seed` is 0 by default.',
    examples: [
      {
        code: "col('key').xxhash64()",
        schema: { key: 'utf8' },
        row: { key: 'abc' },
        gives: '4952883123889572249',
      },
    ],
    lower: lowerHash,
  },
];
