/** Checks the operands of a user function against what it declares. */

import type { DataType, Field, ScalarDataType } from '../../arrow/schema.ts';
import { typeToString } from '../../arrow/schema-text.ts';
import type { MillraceError } from '../../errors.ts';
import { isNumeric, isScalar, sameType } from '../common-type.ts';
import { constantOf, meetLiteral } from '../constant.ts';
import type { ExprNode, LiteralNode } from '../expr/node.ts';
import { exprToString } from '../expr-text.ts';
import { isLossless } from '../lossless.ts';
import type { ConstantValue, Typed } from '../program.ts';
import { typeMismatch } from '../type-mismatch.ts';
import { widen } from '../unify.ts';
import type { UdfNode, UdfType } from './node.ts';
import { valueCheckOf } from './value-check.ts';

/**
 * The typed program of a user function.
 *
 * @param lowerOperand lowers an operand that is no literal.
 * @throws MillraceError `TYPE_MISMATCH` naming the operand's type and the declared one.
 */
export function lowerUdf(node: UdfNode, lowerOperand: (operand: ExprNode) => Typed): Typed {
  const { udf } = node;
  const operands = node.operands.map((operand, i) =>
    operand.kind === 'literal'
      ? literalAs(node, operand, i)
      : fitted(node, operand, lowerOperand(operand), i),
  );
  const { type } = udf.returns;
  const skips = udf.nulls === 'skip' && operands.some(({ nullable }) => nullable);
  return {
    program: {
      kind: 'udf',
      udf,
      operands: operands.map(({ program }) => program),
      text: exprToString(node),
    },
    type,
    nullable: udf.returns.nullable || skips,
  };
}

/** An operand whose type is the declared one, by a cast where that is exact or the usual. */
function fitted(node: UdfNode, operand: ExprNode, typed: Typed, index: number): Typed {
  const declared = node.udf.args[index]!;
  const { type, nullable } = typed;
  if (nullable && !declared.nullable && node.udf.nulls === 'call') {
    throw mayBeNull(node, operand, index);
  }
  if (fits(declared.type, type)) return typed;
  if (isScalar(type) && isScalar(declared.type) && widens(type, declared.type)) {
    return widen(typed, operand, declared.type);
  }
  throw mismatch(node, operand, index, typeToString(type));
}

// Numbers alone: another unit of time is another number, which the function would not expect.
function widens(from: ScalarDataType, to: ScalarDataType): boolean {
  if (!isNumeric(from.kind) || !isNumeric(to.kind)) return false;
  return isLossless({ from, to });
}

/** Whether values of a type are laid out, and mean, what was declared. */
function fits(declared: DataType, found: DataType): boolean {
  if (declared.kind === 'utf8' && found.kind === 'dictionary') return true;
  if (declared.kind !== found.kind) return false;
  if (declared.kind === 'decimal' || declared.kind === 'timestamp') {
    return sameParameters(declared, found as typeof declared);
  }
  switch (declared.kind) {
    case 'struct': {
      const { fields } = found as typeof declared;
      const matches = (field: Field, i: number) =>
        field.name === fields[i]!.name && fieldFits(field, fields[i]!);
      return declared.fields.length === fields.length && declared.fields.every(matches);
    }
    case 'list':
      return fieldFits(declared.item, (found as typeof declared).item);
    case 'map':
      return fieldFits(declared.value, (found as typeof declared).value);
    default:
      return true;
  }
}

function fieldFits(declared: Field, found: Field): boolean {
  return (declared.nullable || !found.nullable) && fits(declared.type, found.type);
}

type Parametric = Extract<ScalarDataType, { kind: 'decimal' | 'timestamp' }>;

// Instants are UTC, whatever zone they are shown in.
function sameParameters(declared: Parametric, found: Parametric): boolean {
  if (declared.kind === 'decimal') {
    return (
      found.kind === 'decimal' &&
      declared.precision === found.precision &&
      declared.scale === found.scale
    );
  }
  if (found.kind !== 'timestamp' || declared.unit !== found.unit) return false;
  return (declared.zone === null) === (found.zone === null);
}

/** A constant as a value of the declared type, as beside a column of that type. */
function literalAs(node: UdfNode, literal: LiteralNode, index: number): Typed {
  const declared = node.udf.args[index]!;
  const { type } = declared;
  if (literal.value === null) {
    if (!declared.nullable && node.udf.nulls === 'call') throw mayBeNull(node, literal, index);
    if (isScalar(type)) return constant(type, null);
  }
  const value = isScalar(type) ? valueAs(literal, type) : undefined;
  if (value === undefined) throw mismatch(node, literal, index, literal.type);
  return constant(type as ScalarDataType, value);
}

function constant(type: ScalarDataType, value: ConstantValue): Typed {
  return { program: { kind: 'constant', type, value }, type, nullable: value === null };
}

function valueAs(literal: LiteralNode, type: ScalarDataType): ConstantValue | undefined {
  if (literal.type === 'utf8' && (type.kind === 'dictionary' || type.kind === 'json')) {
    return valueCheckOf(type)(literal.value) ? literal.value : undefined;
  }
  const meets = meetLiteral(literal, type);
  if (meets === undefined || !sameType(meets, type)) return undefined;
  const program = constantOf(literal, type);
  return typeof program === 'string' ? undefined : program.value;
}

function argument(node: UdfNode, index: number): string {
  const { name, args } = node.udf;
  return `argument ${index + 1} of ${name} is declared ${declaredText(args[index]!)}`;
}

function declaredText({ type, nullable }: UdfType): string {
  return `${typeToString(type)}${nullable ? '?' : ''}`;
}

function mismatch(node: UdfNode, operand: ExprNode, index: number, type: string): MillraceError {
  const why =
    `${exprToString(operand)} is ${type}, but ${argument(node, index)}; ` +
    'declare the type that it has, or give another operand';
  return typeMismatch(node, [], why);
}

function mayBeNull(node: UdfNode, operand: ExprNode, index: number): MillraceError {
  const why =
    `${exprToString(operand)} may be null, but ${argument(node, index)}; ` +
    "add ? to the declaration, or say nulls: 'skip'";
  return typeMismatch(node, [], why);
}
