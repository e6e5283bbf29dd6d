/** Plain values as constants of an expression. */
import { MillraceError } from '../../errors.ts';
import {
  ANYWHERE,
  type ArgumentName,
  badArgument,
  CONSTANT_WAY_OUT,
  OPERAND_WAY_OUT,
} from './arguments.ts';
import type { LiteralNode } from './node.ts';

/** A plain value that stands for a constant; a `Date` is a timestamp. */
export type LiteralValue = null | boolean | number | bigint | string | Date;

/** The argument of `lit`, which takes no expression. */
export const LITERAL: ArgumentName = ['lit', 'value'];

/** Whole numbers that a decimal of 38 digits holds are smaller. */
const DECIMAL_END = 10n ** 38n;

/**
 * The data of a constant.
 *
 * @param where what takes it, for messages. Default: an expression.
 * @throws MillraceError `INVALID_OPTION` for a value that no column type can hold.
 */
export function literalNode(value: LiteralValue, where: ArgumentName = ANYWHERE): LiteralNode {
  return Object.freeze(literalOf(value, where));
}

function literalOf(value: LiteralValue, where: ArgumentName): LiteralNode {
  const kind = 'literal';
  if (value === null) return { kind, type: 'null', value };
  if (typeof value === 'boolean') return { kind, type: 'bool', value };
  if (typeof value === 'number') return { kind, type: 'number', value };
  if (typeof value === 'bigint') {
    if (value < DECIMAL_END && value > -DECIMAL_END) return { kind, type: 'bigint', value };
    throw badLiteral(value, 'has more than the 38 digits of a decimal');
  }
  if (typeof value === 'string') {
    if (value.isWellFormed()) return { kind, type: 'utf8', value };
    throw badLiteral(JSON.stringify(value), 'has a lone surrogate, which UTF-8 cannot hold');
  }
  if (value instanceof Date) {
    const epochMs = value.getTime();
    if (Number.isNaN(epochMs)) throw badLiteral('Invalid Date', 'is no point in time');
    return { kind, type: 'timestamp', value: BigInt(epochMs) * 1000n };
  }
  throw badArgument(where, value, where === LITERAL ? CONSTANT_WAY_OUT : OPERAND_WAY_OUT);
}

function badLiteral(value: string | bigint, why: string): MillraceError {
  return new MillraceError(`${value} ${why}`, {
    code: 'INVALID_OPTION',
    context: { value },
  });
}
