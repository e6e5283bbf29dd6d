/** Random expressions over the table's columns that fit its types. */

import type { DataType } from '../../../src/arrow/schema.ts';
import { MillraceError } from '../../../src/errors.ts';
import { isInteger, isNumeric } from '../../../src/operators/common-type.ts';
import { callNode } from '../../../src/operators/expr/base.ts';
import { duration } from '../../../src/operators/expr/duration.ts';
import { literalNode } from '../../../src/operators/expr/literal.ts';
import type {
  BinaryOp,
  CallNode,
  ExprNode,
  LiteralNode,
} from '../../../src/operators/expr/node.ts';
import { FUNCTIONS, functionNamed } from '../../../src/operators/functions/registry.ts';
import { typeOf } from '../../../src/operators/lower.ts';
import type { Random } from '../random.ts';
import { CASTS, optionsOf } from './options.ts';
import { TABLE_SCHEMA } from './table.ts';

const BINARY: readonly BinaryOp[] = [
  'add',
  'sub',
  'mul',
  'div',
  'mod',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'and',
  'or',
];
const LITERALS = [
  ...[0, 1, 2, 3, -1, 7, 100, 1000, 70_000, 0.5, -2.5, 10n, -3n, true, false, null],
  ...['a', 'abc', '', ' é', '2024-02-29', '12:30:00', '2001-09-09 01:46:40.5', '12'],
  new Date(1_000_000_000_500),
];
const DURATIONS = ['PT0S', 'PT1H30M', 'P2D', '-PT0.5S', 'P400D'];
const CALLS = FUNCTIONS.filter(({ sql }) => sql !== undefined);
const MAX_TRIES = 400;

/** An expression that fits the schema. */
export function randomExpression(random: Random, depth: number): ExprNode {
  for (let i = 0; i < MAX_TRIES; i++) {
    const node = candidate(random, depth);
    if (fits(node)) return node;
  }
  return column(random);
}

/** Every cast of every column that DuckDB has, too. */
export function everyCast(fn: 'cast' | 'tryCast'): readonly ExprNode[] {
  return TABLE_SCHEMA.fields
    .flatMap(({ name }) => CASTS.map((type) => callNode(fn, [{ kind: 'column', name }], { type })))
    .filter(fits);
}

/** A use of one function on columns, or undefined where chance finds none that fits. */
export function randomCall(random: Random, fn: string): ExprNode | undefined {
  for (let i = 0; i < MAX_TRIES; i++) {
    const node = call(random, fn, 0);
    if (fits(node)) return node;
  }
  return undefined;
}

function fits(node: ExprNode): boolean {
  try {
    typeOf(node, TABLE_SCHEMA);
    return !isOtherInDuck(node) && !isUnknownToDuck(node);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'TYPE_MISMATCH') return false;
    throw error;
  }
}

// DuckDB does not know which of several functions of a null is meant, and formats no times.
function isUnknownToDuck(node: ExprNode): boolean {
  if (node.kind !== 'call' || functionNamed(node).group !== 'time') return false;
  const [operand] = node.operands as readonly [ExprNode];
  if (node.operands.some((one) => one.kind === 'literal' && one.type === 'null')) return true;
  return node.fn === 'format' && typeOf(operand, TABLE_SCHEMA).type.kind === 'time';
}

// DuckDB's floor and ceil of integers are doubles, which round what is above 2^53. Its `length` is
// not for maps, and binaries are texts with escapes.
function isOtherInDuck(node: ExprNode): boolean {
  if (node.kind !== 'call') return false;
  // It does not know which of several functions is meant.
  const isNull = (one: ExprNode) => one.kind === 'literal' && one.type === 'null';
  if (node.operands.every(isNull) || (node.fn === 'contains' && node.operands.some(isNull))) {
    return true;
  }
  const types = node.operands.map((operand) => typeOf(operand, TABLE_SCHEMA).type);
  const kinds = types.map(({ kind }) => kind);
  if (node.fn === 'length') return kinds[0] === 'map';
  // Constants have a zone there, and timestamps beside them the end of the connection.
  if (node.fn === 'diff') {
    return node.operands.some((one) => one.kind === 'literal' && one.type === 'timestamp');
  }
  // A duration's hours of a day and more are days here; times are not cut there.
  if (node.fn === 'extract' || node.fn === 'truncate') return kinds[0] === 'duration';
  if (node.fn === 'cast' || node.fn === 'tryCast') return isOtherCast(node, types[0]!);
  if (node.fn !== 'floor' && node.fn !== 'ceil') return false;
  return isInteger(typeOf(node, TABLE_SCHEMA).type.kind);
}

// Bytes are texts with escapes there; JSON's true is a number, and a float in JSON another text.
// Not every unit of a timestamp is cast to every other there, nor one with a zone to a time.
function isOtherCast(node: CallNode, from: DataType): boolean {
  const to = typeOf(node, TABLE_SCHEMA).type;
  if (from.kind === 'json') return to.kind !== 'utf8' && to.kind !== 'dictionary';
  if (from.kind === 'timestamp' && to.kind === 'timestamp') {
    return from.unit !== 'us' && (to.unit === 's' || to.unit === 'ms') && from.unit !== to.unit;
  }
  if (from.kind === 'timestamp' && from.zone !== null) return to.kind === 'time';
  return from.kind === 'binary' || (to.kind === 'json' && isNumeric(from.kind));
}

function candidate(random: Random, depth: number): ExprNode {
  const choice = random.below(10);
  if (choice < 4) {
    const operands = [operand(random, depth), operand(random, depth)] as const;
    return { kind: 'binary', op: random.pick(BINARY), left: operands[0], right: operands[1] };
  }
  if (choice === 4) {
    const op = random.pick(['neg', 'not', 'isNull', 'isNotNull'] as const);
    return { kind: 'unary', op, operand: operand(random, depth) };
  }
  if (choice === 5) {
    return { kind: 'coalesce', operands: [operand(random, depth), operand(random, depth)] };
  }
  if (choice === 6) {
    const values = Array.from({ length: 1 + random.below(4) }, () => literal(random));
    return { kind: 'in', operand: operand(random, depth), values };
  }
  return call(random, random.pick(CALLS).name, depth);
}

function call(random: Random, fn: string, depth: number): ExprNode {
  const { count, options, isLength = false } = optionsOf(fn, random);
  const operands = Array.from({ length: count }, (_, i) => {
    if (!isLength) return operand(random, depth);
    return i === 1 ? length(random) : operand(random, 0);
  });
  return callNode(fn, operands, options);
}

// As much as fits in memory for every row.
function length(random: Random): ExprNode {
  if (random.next() < 0.5) return { kind: 'column', name: random.pick(['int8', 'uint8']) };
  return literalNode(random.below(40) - 5);
}

function operand(random: Random, depth: number): ExprNode {
  if (random.next() < 0.25) return literal(random);
  return depth > 0 && random.next() < 0.5 ? randomExpression(random, depth - 1) : column(random);
}

function column(random: Random): ExprNode {
  return { kind: 'column', name: random.pick(TABLE_SCHEMA.fields).name };
}

function literal(random: Random): LiteralNode {
  const choice = random.below(LITERALS.length + 2);
  if (choice < LITERALS.length) return literalNode(LITERALS[choice]!);
  return duration(random.pick(DURATIONS)).node as LiteralNode;
}
