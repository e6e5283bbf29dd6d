/** What constants decide: branches that are never taken, sides that say nothing, known members. */
import type { DataType } from '../arrow/schema.ts';
import { canFail } from './cost.ts';
import { type ConstantProgram, operandsOf, type Program } from './program.ts';

/**
 * A program with what its constant operands decide left out; itself where they decide nothing. What
 * is left has the program's type: operands were brought to it when they were typed.
 */
export function simplify(program: Program): Program {
  switch (program.kind) {
    case 'logic':
      return simplifyLogic(program);
    case 'case':
      return simplifyCase(program);
    case 'coalesce':
      return simplifyCoalesce(program);
    case 'field':
      return memberMade(program.operand, program.name) ?? program;
    case 'arithmetic':
      return nullOf(program, program.type);
    case 'compare':
      return nullOf(program, { kind: 'bool' });
    case 'call':
      return program.nullForNull ? nullOf(program, program.type) : program;
    default:
      return program;
  }
}

// What is computed of a null is null, so that nothing has to be read for it. A part that may fail
// stays: its rows do.
function nullOf(program: Program, type: DataType): Program {
  const operands = operandsOf(program);
  const isNull = operands.some((part) => isConstant(part) && part.value === null);
  if (!isNull || operands.some(canFail)) return program;
  return { kind: 'constant', type, value: null };
}

const isConstant = (program: Program): program is ConstantProgram => program.kind === 'constant';

// Whatever the other side is, null included: `true and x` is x, `false and x` is false.
function simplifyLogic(program: Program & { kind: 'logic' }): Program {
  const neutral = program.op === 'and';
  const { left, right } = program;
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (!isConstant(side) || side.value === null) continue;
    // One that decides would be evaluated first, and leave no row to the other.
    return side.value === neutral ? other : side;
  }
  return program;
}

// A branch whose condition is true is the last one; one whose condition is false or null is none.
function simplifyCase(program: Program & { kind: 'case' }): Program {
  const { operands } = program;
  const kept: Program[] = [];
  let otherwise = operands.at(-1)!;
  for (let i = 0; i + 1 < operands.length; i += 2) {
    const condition = operands[i]!;
    const value = operands[i + 1]!;
    if (!isConstant(condition)) {
      kept.push(condition, value);
    } else if (condition.value === true) {
      otherwise = value;
      break;
    }
  }
  if (kept.length === 0) return otherwise;
  if (kept.length + 1 === operands.length) return program;
  return { ...program, operands: [...kept, otherwise] };
}

// Nulls say nothing, and behind a constant that is none nothing is evaluated.
function simplifyCoalesce(program: Program & { kind: 'coalesce' }): Program {
  const { operands } = program;
  const some = operands.filter((operand) => !isConstant(operand) || operand.value !== null);
  const last = some.findIndex(isConstant);
  const kept = last < 0 ? some : some.slice(0, last + 1);
  // Nulls alone are one null; the first of them has its type.
  if (kept.length <= 1) return kept[0] ?? operands[0]!;
  return kept.length === operands.length ? program : { ...program, operands: kept };
}

/** The member `name` of a struct that is made right here. */
function memberMade(operand: Program, name: string): Program | undefined {
  if (operand.kind !== 'call' || operand.kernel !== 'struct') return undefined;
  const names = operand.options.names as readonly string[];
  return operand.operands[names.indexOf(name)];
}
