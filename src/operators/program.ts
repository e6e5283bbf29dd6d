/**
 * Typed expressions: what `lower` makes of an `ExprNode` and a schema, and what `Evaluator` runs.
 * Plain data; operands have the types that the kernels want, casts stand where one is needed.
 */
import type { DataType, ScalarType } from '../arrow/schema.ts';
import type { ArithmeticOp, ComparisonOp, LogicalOp } from './expr.ts';

/** Types that are computed with. */
export type NumericType = 'int32' | 'int64' | 'float64';

/** A constant of a type: bigint for int64 and timestamp (us), number for int32 and float64. */
export type ConstantValue = null | boolean | number | bigint | string;

/** A column of the morsel. */
export interface ColumnProgram {
  readonly kind: 'column';
  readonly name: string;
}

/** One value for all rows. */
export interface ConstantProgram {
  readonly kind: 'constant';
  readonly type: ScalarType;
  readonly value: ConstantValue;
}

/** A number as a wider one. */
export interface CastProgram {
  readonly kind: 'cast';
  readonly to: 'int64' | 'float64';
  readonly operand: Program;
}

/** The texts of a dictionary. */
export interface TextsProgram {
  readonly kind: 'texts';
  readonly operand: Program;
}

/** Both operands have the type of the result. */
export interface ArithmeticProgram {
  readonly kind: 'arithmetic';
  readonly op: ArithmeticOp;
  readonly type: NumericType;
  readonly left: Program;
  readonly right: Program;
  /** The expression as text, for the error of a row. */
  readonly text: string;
}

/** Both operands have one type. */
export interface CompareProgram {
  readonly kind: 'compare';
  readonly op: ComparisonOp;
  /** Whether the operands are utf8 or binary. */
  readonly bytes: boolean;
  readonly left: Program;
  readonly right: Program;
}

/** `and`, `or`. */
export interface LogicProgram {
  readonly kind: 'logic';
  readonly op: LogicalOp;
  readonly left: Program;
  readonly right: Program;
  /** Whether `right` sees only the rows that `left` leaves open: see `isWorthNarrowing`. */
  readonly narrows: boolean;
}

/** `not`. */
export interface NotProgram {
  readonly kind: 'not';
  readonly operand: Program;
}

/** `is null` where `wanted`, else `is not null`. */
export interface IsNullProgram {
  readonly kind: 'isNull';
  readonly wanted: boolean;
  readonly operand: Program;
}

/** All operands have one scalar type. */
export interface CoalesceProgram {
  readonly kind: 'coalesce';
  readonly operands: readonly Program[];
}

/** `values` have the operand's type; null is not among them but `hasNull`. */
export interface InProgram {
  readonly kind: 'in';
  readonly operand: Program;
  readonly type: ScalarType;
  readonly values: readonly ConstantValue[];
  readonly hasNull: boolean;
}

/** A member of a struct by its place. */
export interface FieldProgram {
  readonly kind: 'field';
  readonly operand: Program;
  readonly index: number;
}

/** A typed expression. */
export type Program =
  | ColumnProgram
  | ConstantProgram
  | CastProgram
  | TextsProgram
  | ArithmeticProgram
  | CompareProgram
  | LogicProgram
  | NotProgram
  | IsNullProgram
  | CoalesceProgram
  | InProgram
  | FieldProgram;

/** An expression with the type of its values. */
export interface Typed {
  readonly program: Program;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The programs right below a program. */
export function operandsOf(program: Program): readonly Program[] {
  switch (program.kind) {
    case 'column':
    case 'constant':
      return [];
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return [program.left, program.right];
    case 'coalesce':
      return program.operands;
    default:
      return [program.operand];
  }
}

/** Names of the columns that a program reads. */
export function columnsOf(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: Program) => {
    if (part.kind === 'column') names.add(part.name);
    operandsOf(part).forEach(visit);
  };
  visit(program);
  return names;
}

/**
 * Whether a program should see only the rows that need it: because it can fail on a row (an integer
 * overflow), or because it costs more per row than leaving rows out (texts, sets).
 */
export function isWorthNarrowing(program: Program): boolean {
  if (program.kind === 'in') return true;
  if (program.kind === 'compare' && program.bytes) return true;
  if (program.kind === 'arithmetic' && program.type !== 'float64') return true;
  return operandsOf(program).some(isWorthNarrowing);
}
