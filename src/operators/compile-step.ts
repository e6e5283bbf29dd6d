/** One step after the other, from a plan to what a worker runs: checked, and typed. */
import type { Field, Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import type { CompiledDistinct, CompiledSample } from './choose-rows.ts';
import type { ExprNode } from './expr/node.ts';
import { exprToString } from './expr-text.ts';
import type { InlineStep } from './inline/inline-step.ts';
import type { CompiledInline } from './inline/run-inline.ts';
import { lower } from './lower.ts';
import type { Program } from './program.ts';
import { project } from './project.ts';
import type { DistinctStep, LimitStep, SampleStep, Step } from './step.ts';
import { COMPARED, typeMismatch } from './type-mismatch.ts';
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
  /** Which limit of the plan it is. */
  readonly number: number;
}

/** A step as it runs. */
export type CompiledStep =
  | CompiledFilter
  | CompiledProjection
  | CompiledLimit
  | CompiledUnnest
  | CompiledDistinct
  | CompiledSample
  | CompiledInline;

/** Steps so far, and the columns behind them. */
export interface Typing {
  readonly compiled: CompiledStep[];
  schema: Schema;
  /** Columns of `schema` that no step has named. */
  hidden: ReadonlySet<string>;
  samples: number;
}

/** The numbers of limit steps: one that several ways share counts once for all of them. */
export class LimitNumbers {
  readonly #numbers = new Map<LimitStep, number>();

  /** The number of a step, which is known by its identity. */
  of(step: LimitStep): number {
    const number = this.#numbers.get(step) ?? this.#numbers.size;
    this.#numbers.set(step, number);
    return number;
  }

  /** The rows that each lets pass, by number. */
  get rows(): readonly number[] {
    return [...this.#numbers.keys()].map(({ rows }) => rows);
  }
}

/** Compiles one more step. */
export function addStep(typed: Typing, step: Step, limits: LimitNumbers): void {
  const { compiled, schema } = typed;
  switch (step.kind) {
    case 'filter':
      compiled.push({ kind: 'filter', predicate: lowerPredicate(step.predicate, schema) });
      return;
    case 'limit':
      placeLimit(compiled, step, limits);
      return;
    case 'distinct':
      compiled.push(distinctOf(step, typed));
      return;
    case 'sample':
      compiled.push(sampleOf(step, typed.samples));
      typed.samples += 1;
      return;
    case 'inline':
      compiled.push(inlineOf(step, typed));
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

// A function sees what the stream shows; rows keep what nobody has named for later steps.
function inlineOf(step: InlineStep, typed: Typing): CompiledInline {
  const { what, number, name } = step;
  const isHidden = (field: Field) => typed.hidden.has(field.name);
  const hands = { fields: typed.schema.fields.filter((field) => !isHidden(field)) };
  const returns = step.returns ?? hands;
  if (what === 'map') {
    const names = new Set(returns.fields.map((field) => field.name));
    typed.hidden = new Set([...typed.hidden].filter((hidden) => !names.has(hidden)));
    typed.schema = { fields: [...returns.fields, ...typed.schema.fields.filter(isHidden)] };
  }
  const keeps = typed.schema.fields.filter(isHidden).map((field) => field.name);
  return { kind: 'inline', what, number, name, hands, returns, keeps };
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
    `a predicate is a bool; compare ${exprToString(node)}: ${COMPARED}`,
  );
}

/** Puts a limit in front of the projections at the end, which neither add nor drop rows. */
function placeLimit(compiled: CompiledStep[], step: LimitStep, limits: LimitNumbers): void {
  const { rows } = step;
  if (!Number.isSafeInteger(rows) || rows < 0) {
    throw new MillraceError(`limit() takes a whole number from 0 on, not ${rows}`, {
      code: 'INVALID_OPTION',
      context: { option: 'limit', rows },
    });
  }
  let place = compiled.length;
  while (place > 0 && compiled[place - 1]!.kind === 'project') place--;
  compiled.splice(place, 0, { kind: 'limit', rows, number: limits.of(step) });
}
