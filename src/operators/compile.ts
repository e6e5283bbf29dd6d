/** From the steps of a plan to what a worker runs: checked, typed, and with only what is needed. */
import type { Field, Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import type { CompiledDistinct, CompiledSample } from './choose-rows.ts';
import type { ExprNode } from './expr/node.ts';
import { exprToString } from './expr-text.ts';
import { lower } from './lower.ts';
import type { Program } from './program.ts';
import { project } from './project.ts';
import { pushDownProjection } from './projection-pushdown.ts';
import type { DistinctStep, SampleStep, Step } from './step.ts';
import { typeMismatch } from './type-mismatch.ts';
import { unknownColumn } from './unknown-column.ts';
import { type CompiledUnnest, compileUnnest } from './unnest.ts';

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
export type CompiledStep =
  | CompiledFilter
  | CompiledProjection
  | CompiledLimit
  | CompiledUnnest
  | CompiledDistinct
  | CompiledSample;

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
 * @param hidden names of input columns that are dropped at the end unless a step named them: a
 *   `select` all of its, a `map` or `rename` or `unnest` those that it replaces.
 * @throws MillraceError `UNKNOWN_COLUMN`, `TYPE_MISMATCH`; `INVALID_PLAN` where steps do not fit
 *   together; `INVALID_OPTION` for a limit that is no whole number.
 */
export function compileSteps(
  steps: readonly Step[],
  input: Schema,
  hidden: readonly string[] = [],
): CompiledSteps {
  const typed: Typing = { compiled: [], schema: input, hidden: new Set(hidden), samples: 0 };
  for (const step of steps) addStep(typed, step);
  if (typed.hidden.size > 0) addStep(typed, { kind: 'drop', columns: [...typed.hidden] });
  const needed = pushDownProjection(typed.compiled, typed.schema);
  const limit = needed.steps.find((step) => step.kind === 'limit')?.rows;
  return deepFreeze({
    steps: needed.steps,
    output: typed.schema,
    reads: input.fields.map(({ name }) => name).filter((name) => needed.reads.has(name)),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** Steps so far, and the columns behind them. */
interface Typing {
  readonly compiled: CompiledStep[];
  schema: Schema;
  /** Columns of `schema` that no step has named. */
  hidden: ReadonlySet<string>;
  samples: number;
}

function addStep(typed: Typing, step: Step): void {
  const { compiled, schema } = typed;
  switch (step.kind) {
    case 'filter':
      compiled.push({ kind: 'filter', predicate: lowerPredicate(step.predicate, schema) });
      return;
    case 'limit':
      placeLimit(compiled, step.rows);
      return;
    case 'distinct':
      compiled.push(distinctOf(step, typed));
      return;
    case 'sample':
      compiled.push(sampleOf(step, typed.samples));
      typed.samples += 1;
      return;
    case 'exchange':
      throw new MillraceError(
        'exchange is reserved for stateful operators, which this version does not have; ' +
          'take the step out of the plan',
        { code: 'INVALID_PLAN', context: { step: step.kind } },
      );
    case 'unnest': {
      const { compiled: unnest, output } = compileUnnest(step, schema);
      compiled.push(unnest);
      typed.schema = output;
      break;
    }
    default: {
      const columns = project(step, schema);
      typed.schema = { fields: columns.map(({ field }) => field) };
      compiled.push({ kind: 'project', columns: columns.map(toNamedProgram) });
    }
  }
  const named = namesOf(step);
  typed.hidden = new Set([...typed.hidden].filter((name) => named !== 'all' && !named.has(name)));
}

/** The columns that a step makes its own; what was hidden of them is so no more. */
function namesOf(step: Step): ReadonlySet<string> | 'all' {
  switch (step.kind) {
    case 'select':
      return 'all';
    case 'drop':
      return new Set(step.columns);
    case 'rename':
      return new Set(Object.keys(step.names));
    case 'map':
      return new Set(step.columns.map(({ name }) => name));
    case 'unnest':
      return new Set(step.columns.map(({ column }) => column));
    default:
      return new Set();
  }
}

function distinctOf({ columns }: DistinctStep, { schema, hidden }: Typing): CompiledDistinct {
  const { fields } = schema;
  for (const name of columns) {
    if (!fields.some((field) => field.name === name)) throw unknownColumn(name, fields, 'distinct');
  }
  const all = fields.map(({ name }) => name).filter((name) => !hidden.has(name));
  return { kind: 'distinct', columns: columns.length === 0 ? all : columns };
}

const TWO_TO_53 = 2 ** 53;

function sampleOf({ fraction, seed }: SampleStep, ordinal: number): CompiledSample {
  return { kind: 'sample', seed, threshold: Math.round(fraction * TWO_TO_53), ordinal };
}

function toNamedProgram({ field, program }: { field: Field; program: Program }): NamedProgram {
  return { name: field.name, program };
}

function lowerPredicate(node: ExprNode, schema: Schema): Program {
  const { program, type } = lower(node, schema);
  if (type.kind === 'bool') return program;
  throw typeMismatch(
    node,
    [{ node, type }],
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
      'the plan has two limits with a step between them that changes how many rows there are; ' +
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
