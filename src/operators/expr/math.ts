/** Numbers, bits, hashes, casts and choices as methods of an expression. */
import type { TypeText } from '../../arrow/scalar-text.ts';
import type { Expr } from '../expr.ts';
import { badArgument, integerArgument, typeArgument } from './arguments.ts';
import { ExprBase, type Operand, toNode } from './base.ts';
import type { BinaryNode } from './node.ts';

/** What a cast turns values into; nullability comes from the values. */
export type CastTarget = TypeText;

/** See `ExprBase`. */
export abstract class MathMethods extends ExprBase {
  /** From `low` to `high`, both inclusive: `this >= low and this <= high`. */
  between(low: Operand, high: Operand): Expr {
    const bound = (op: 'ge' | 'le', name: string, right: Operand): BinaryNode =>
      Object.freeze({
        kind: 'binary',
        op,
        left: this.node,
        right: toNode(right, ['between', name]),
      });
    return this.derive({
      kind: 'binary',
      op: 'and',
      left: bound('ge', 'low', low),
      right: bound('le', 'high', high),
    });
  }

  /** The value as another type; a value that the type does not hold fails the row. */
  cast(type: CastTarget): Expr {
    return this.call('cast', {}, { type: typeArgument(['cast', 'type'], type) });
  }

  /** The value as another type; null where the type does not hold it. */
  tryCast(type: CastTarget): Expr {
    return this.call('tryCast', {}, { type: typeArgument(['tryCast', 'type'], type) });
  }

  /** The value without its sign; the least integer of a type fails the row. */
  abs(): Expr {
    return this.call('abs');
  }

  /**
   * Rounded to `digits` behind the point, halves away from zero; negative digits round in front of
   * the point. Default 0.
   */
  round(digits = 0): Expr {
    return this.call(
      'round',
      {},
      { digits: integerArgument(['round', 'digits'], digits, [-38, 38]) },
    );
  }

  /** The greatest whole number that is not greater. */
  floor(): Expr {
    return this.call('floor');
  }

  /** The least whole number that is not less. */
  ceil(): Expr {
    return this.call('ceil');
  }

  /** The power, as float64. */
  pow(exponent: Operand): Expr {
    return this.call('pow', { exponent });
  }

  /** The square root, as float64; of a negative number it fails the row. */
  sqrt(): Expr {
    return this.call('sqrt');
  }

  /** The natural logarithm, as float64; of 0 and less it fails the row. */
  ln(): Expr {
    return this.call('ln');
  }

  /** The logarithm to base 10, as float64; of 0 and less it fails the row. */
  log10(): Expr {
    return this.call('log10');
  }

  /** e to the power of the value, as float64. */
  exp(): Expr {
    return this.call('exp');
  }

  /** -1, 0 or 1, as int8. */
  sign(): Expr {
    return this.call('sign');
  }

  /** Bits that both have; of integers. */
  bitAnd(right: Operand): Expr {
    return this.call('bitAnd', { right });
  }

  /** Bits that one of them has. */
  bitOr(right: Operand): Expr {
    return this.call('bitOr', { right });
  }

  /** Bits that exactly one of them has. */
  bitXor(right: Operand): Expr {
    return this.call('bitXor', { right });
  }

  /** Every bit turned round. */
  bitNot(): Expr {
    return this.call('bitNot');
  }

  /** The bits moved up by `bits`; where one is lost, or of a negative number, it fails the row. */
  shiftLeft(bits: Operand): Expr {
    return this.call('shiftLeft', { bits });
  }

  /** The bits moved down by `bits`, the sign kept; by the width of the type or more it is 0. */
  shiftRight(bits: Operand): Expr {
    return this.call('shiftRight', { bits });
  }

  /** Kafka's murmur2 of a text's or binary's bytes, as int32: what its partitioner takes. */
  murmur2(): Expr {
    return this.call('murmur2');
  }

  /**
   * XXH64 of a text's or binary's bytes, or of the 8 bytes of a number, as uint64.
   *
   * @param seed of 64 bits, with a sign or without one; default 0.
   */
  xxhash64(seed: number | bigint = 0): Expr {
    if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
      throw badArgument(['xxhash64', 'seed'], seed, 'give a whole number or a bigint');
    }
    if (BigInt(seed) < -(2n ** 63n) || BigInt(seed) >= 2n ** 64n) {
      throw badArgument(['xxhash64', 'seed'], seed, 'a seed has 64 bits; give -2^63 to 2^64 - 1');
    }
    return this.call('xxhash64', {}, { seed: BigInt(seed) });
  }
}
