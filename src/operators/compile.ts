/** From the steps of a plan to what a worker runs: checked, typed, and with only what is needed. */
import type { Field, Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import type { ExprNode } from './expr.ts';
import { exprToString } from './expr-text.ts';
import { lower } from './lower.ts';
import type { Program } from './program.ts';
import { project } from './project.ts';
import { pushDownProjection } from './projection-pushdown.ts';
import type { Step } from './step.ts';
import { typeMismatch } from './type-mismatch.ts';

/** Keeps the rows where `predicate` is true. */
export interface CompiledFilter {
  readonly kind: 'filter';
  readonly predicate: Program;
}

/** A column and the program that makes it. */
export interface NamedProgram {
  readonly name: string;
  readonly program: Program;
}

/** The columns from here on: what map, select, drop and rename come to. */
export interface CompiledProjection {
  readonly kind: 'project';
  readonly columns: readonly NamedProgram[];
}

/** Lets the first rows pass. */
export interface CompiledLimit {
  readonly kind: 'limit';
  readonly rows: number;
}

/** A step as it runs. */
export type CompiledStep = CompiledFilter | CompiledProjection | CompiledLimit;

/** Steps that fit their input, as frozen data that crosses threads. */
export interface CompiledSteps {
  readonly steps: readonly CompiledStep[];
  /** The columns after the last step. */
  readonly output: Schema;
  /** Names of the input's columns that a step or the output needs, in the input's order. */
  readonly reads: readonly string[];
  /** How many rows of the whole stream may pass; absent without a limit step. */
  readonly limit?: number;
}

/**
 * Checks steps against the columns they start from, and compiles them.
 *
 * What nothing reads is left out: columns that are dropped, and expressions of `map` whose column
 * is replaced or dropped later, which then cannot fail on a row either. A limit runs before the
 * projections in front of it, so that rows behind it are not computed. Limits with nothing but
 * projections between them become the smallest.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`, `TYPE_MISMATCH`; `INVALID_PLAN` where steps do not fit
 *   together; `INVALID_OPTION` for a limit that is no whole number.
 */
export function compileSteps(steps: readonly Step[], input: Schema): CompiledSteps {
  const compiled: CompiledStep[] = [];
  let schema = input;
  for (const step of steps) {
    switch (step.kind) {
      case 'filter':
        compiled.push({ kind: 'filter', predicate: lowerPredicate(step.predicate, schema) });
        break;
      case 'limit':
        placeLimit(compiled, step.rows);
        break;
      case 'exchange':
        throw new MillraceError(
          'exchange is reserved for stateful operators, which this version does not have; ' +
            'take the step out of the plan',
          { code: 'INVALID_PLAN', context: { step: step.kind } },
        );
      default: {
        const columns = project(step, schema);
        schema = { fields: columns.map(({ field }) => field) };
        compiled.push({ kind: 'project', columns: columns.map(toNamedProgram) });
      }
    }
  }
  const needed = pushDownProjection(compiled, schema);
  const limit = needed.steps.find((step) => step.kind === 'limit')?.rows;
  return deepFreeze({
    steps: needed.steps,
    output: schema,
    reads: input.fields.map(({ name }) => name).filter((name) => needed.reads.has(name)),
    ...(limit === undefined ? {} : { limit }),
  });
}

function toNamedProgram({ field, program }: { field: Field; program: Program }): NamedProgram {
  return { name: field.name, program };
}

function lowerPredicate(node: ExprNode, schema: Schema): Program {
  const { program, type } = lower(node, schema);
  if (type.kind === 'bool') return program;
  throw typeMismatch(
    node,
    [{ node, type: type.kind }],
    `filter takes a bool; compare it, such as ${exprToString(node)} is not null`,
  );
}

/** Puts a limit in front of the projections at the end, which neither add nor drop rows. */
function placeLimit(compiled: CompiledStep[], rows: number): void {
  if (!Number.isSafeInteger(rows) || rows < 0) {
    throw new MillraceError(`limit() takes a whole number from 0 on, not ${rows}`, {
      code: 'INVALID_OPTION',
      context: { option: 'limit', rows },
    });
  }
  let place = compiled.length;
  while (place > 0 && compiled[place - 1]!.kind === 'project') place--;
  const before = compiled[place - 1];
  if (before?.kind === 'limit') {
    compiled[place - 1] = { kind: 'limit', rows: Math.min(rows, before.rows) };
    return;
  }
  if (compiled.some((step) => step.kind === 'limit')) {
    throw new MillraceError(
      'the plan has two limits with a filter between them, which count different rows; ' +
        'keep one of them, or put them next to each other',
      { code: 'INVALID_PLAN', context: { step: 'limit', rows } },
    );
  }
  compiled.splice(place, 0, { kind: 'limit', rows });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
