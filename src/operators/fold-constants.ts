/** Computes what is made of constants alone, once and for all rows. */
import type { DataType, ScalarDataType } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { ArenaFull, WasmInstance } from '../wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../wasm/module.ts';
import { isScalar } from './common-type.ts';
import { constantAt } from './constant-at.ts';
import { type EvaluationScope, evaluate } from './evaluate.ts';
import { kernelNamed } from './kernels/registry.ts';
import { newValueSet } from './kernels/value-set.ts';
import { type InProgram, operandsOf, type Program, withOperands } from './program.ts';
import { simplify } from './simplify.ts';
import { NO_UDFS } from './udf/host.ts';

const ARENA_BYTES = 4 * 1024 * 1024;

/**
 * The program with every part that reads no column as a constant, and without what constants decide
 * (see `simplify`). A part that fails stays: it fails the rows that need it.
 */
export function foldConstants(program: Program): Program {
  const folded = simplify(withOperands(program, operandsOf(program).map(foldConstants)));
  const operands = operandsOf(folded);
  if (operands.length === 0 || operands.some(({ kind }) => kind !== 'constant')) return folded;
  const type = typeOf(folded);
  return type !== undefined && isScalar(type) ? (constantValueOf(folded, type) ?? folded) : folded;
}

/** The type of a program over constants; undefined where there is nothing to gain. */
function typeOf(program: Program): DataType | undefined {
  switch (program.kind) {
    case 'arithmetic':
    case 'call':
    case 'case':
      return program.type;
    case 'cast':
      return program.to;
    case 'compare':
    case 'not':
    case 'isNull':
    case 'in':
      return { kind: 'bool' };
    default:
      return undefined;
  }
}

function constantValueOf(program: Program, type: ScalarDataType): Program | undefined {
  const wasm = instance();
  try {
    const scope: EvaluationScope = {
      wasm,
      columns: new Map(),
      rows: 1,
      udfs: NO_UDFS,
      sets: new Map(partsOf(program, 'in').map((list) => [list, setOf(wasm, list)])),
      prepared: new Map(
        partsOf(program, 'call').map((call) => [
          call,
          kernelNamed(call.kernel).prepare?.(wasm, call),
        ]),
      ),
    };
    const column = evaluate(scope, program, { address: 0, count: 1 });
    const value = constantAt(wasm, column, 0);
    return value === undefined ? undefined : { kind: 'constant', type, value };
  } catch (error) {
    const isRow = error instanceof MillraceError && error.code === 'EVALUATION_FAILED';
    if (isRow || error instanceof ArenaFull) return undefined;
    throw error;
  }
}

function setOf(wasm: WasmInstance, { type, values }: InProgram): number {
  return newValueSet(wasm, type, values);
}

type Part<K extends Program['kind']> = Extract<Program, { kind: K }>;

function partsOf<K extends 'in' | 'call'>(program: Program, kind: K): readonly Part<K>[] {
  const below = operandsOf(program).flatMap((operand) => partsOf(operand, kind));
  return program.kind === kind ? [program as Part<K>, ...below] : below;
}

let shared: WasmInstance | undefined;

// One for the thread that builds plans; a worker never folds.
function instance(): WasmInstance {
  shared ??= new WasmInstance(loadModule(), createMemory(ARENA_BASE + ARENA_BYTES));
  shared.exports.state_reset();
  shared.exports.arena_open(ARENA_BASE, shared.u8.length - PADDING);
  return shared;
}
