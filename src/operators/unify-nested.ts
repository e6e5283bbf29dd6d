/** Brings operands of any type to one, structs, lists and maps included. */
import type { DataType } from '../arrow/schema.ts';
import { typeToString } from '../arrow/schema-text.ts';
import { commonType, isScalar } from './common-type.ts';
import type { ExprNode } from './expr/node.ts';
import type { Typed } from './program.ts';
import { typeMismatch } from './type-mismatch.ts';
import { describe, isLiteral, type Operand, unifyOperands } from './unify.ts';

/** Operands and the type in which they meet. */
export interface UnifiedAny {
  readonly type: DataType;
  readonly operands: readonly Typed[];
}

/**
 * As `unifyOperands`, but structs, lists and maps meet others with the same members and items,
 * whatever of them is nullable, and nulls.
 *
 * @throws MillraceError `TYPE_MISMATCH` where operands do not meet.
 */
export function unifyAny(
  parent: ExprNode,
  nodes: readonly ExprNode[],
  typed: readonly Operand[],
): UnifiedAny {
  const types = typed.flatMap((operand) => (isLiteral(operand) ? [] : [operand.type]));
  if (types.every(isScalar)) return unifyOperands(parent, nodes, typed);
  const refuse = () => typeMismatch(parent, describe(nodes, typed), refusal(types));
  const [first, ...others] = types as [DataType, ...DataType[]];
  const type = others.reduce<DataType | undefined>(
    (common, other) => common && commonType(common, other),
    first,
  );
  if (type === undefined) throw refuse();
  const operands = typed.map((operand): Typed => {
    // What has no type yet, and columns that have nothing but nulls.
    const isNull = isLiteral(operand) ? operand.type === 'null' : operand.type.kind === 'null';
    if (isNull) return { program: { kind: 'constant', type, value: null }, type, nullable: true };
    if (isLiteral(operand)) throw refuse();
    return { ...operand, type };
  });
  return { type, operands };
}

// Undefined where a scalar stands beside them, which needs no details.
function refusal(types: readonly DataType[]): string | undefined {
  const shapes = [...new Set(types.map((type) => typeToString(type)))];
  if (shapes.length < 2 || types.some(isScalar)) return undefined;
  return (
    `structs, lists and maps stand beside others of the same members and items, not ` +
    `${shapes.slice(0, 3).join(' beside ')}; take members with .field(name) or .get(place), cast ` +
    'them, and make a struct({ … }) of them'
  );
}
