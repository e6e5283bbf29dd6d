/**
 * From the steps of a plan to what a worker runs: checked, typed, and with only what is needed.
 *
 * Rows of one source may go several ways to several sinks. Ways that begin with the same steps are
 * one there, and part where their steps part: what they share runs once.
 */
import type { Schema } from '../arrow/schema.ts';
import { addStep, type CompiledStep, LimitNumbers, type Typing } from './compile-step.ts';
import { allOf, mergeNeeds, type Needs } from './member-needs.ts';
import { optimizeSteps } from './optimize.ts';
import { pushDownProjection } from './projection-pushdown.ts';
import type { Step } from './step.ts';
import { type StepBranch, type StepPath, stepTree } from './step-tree.ts';
import type { StepTyping } from './step-typing.ts';

/** Steps, and what comes behind them: either branches or an end. */
export interface CompiledBranch {
  readonly steps: readonly CompiledStep[];
  readonly branches: readonly CompiledBranch[];
  readonly end?: BranchEnd;
}

/** Where rows leave the steps. */
export interface BranchEnd {
  readonly sink: number;
  /** The columns there. */
  readonly output: Schema;
  /** Names of its columns that are read. */
  readonly needs: readonly string[];
  /** Numbers of the limits on the way there. */
  readonly limits: readonly number[];
  readonly looksOn: boolean;
}

/** All ways of a source, as frozen data that crosses threads. */
export interface CompiledTree {
  readonly root: CompiledBranch;
  /** Names of the input's columns that something needs, in the input's order. */
  readonly reads: readonly string[];
}

/**
 * Checks the steps of all ways against the columns they start from, and compiles them.
 *
 * What nothing reads is left out: columns that are dropped, and expressions of `map` whose column
 * is replaced or dropped later, which then cannot fail on a row either. A limit runs before the
 * projections in front of it, so that rows behind it are not computed.
 *
 * @param hidden names of input columns that are dropped at the end of a way on which no step named
 *   them.
 * @param limits numbers the limits, over all sources of a plan.
 * @throws MillraceError `UNKNOWN_COLUMN`, `TYPE_MISMATCH`; `INVALID_PLAN` where steps do not fit
 *   together; `INVALID_OPTION` for a limit that is no whole number.
 */
export function compileTree(
  paths: readonly StepPath[],
  input: Schema,
  hidden: readonly string[],
  limits: LimitNumbers,
): CompiledTree {
  const typed: Typing = { ...typingOf(input, hidden), compiled: [] };
  const { branch, reads } = compileBranch(stepTree(paths), typed, limits, []);
  return deepFreeze({
    root: branch,
    reads: input.fields.map(({ name }) => name).filter((name) => reads.has(name)),
  });
}

/** Steps of one way, as frozen data. */
export interface CompiledSteps {
  readonly steps: readonly CompiledStep[];
  /** The columns after the last step. */
  readonly output: Schema;
  /** Names of the input's columns that a step or the output needs, in the input's order. */
  readonly reads: readonly string[];
}

/**
 * A `compileTree` of one way.
 *
 * @param hidden names of input columns that are dropped at the end unless a step named them: a
 *   `select` all of its, a `map` or `rename` or `unnest` those that it replaces.
 * @throws MillraceError as `compileTree`.
 */
export function compileSteps(
  steps: readonly Step[],
  input: Schema,
  hidden: readonly string[] = [],
): CompiledSteps {
  const { root, reads } = compileTree([{ steps, sink: 0 }], input, hidden, new LimitNumbers());
  return { steps: root.steps, output: root.end!.output, reads };
}

/**
 * Before the first step.
 *
 * @param hidden as for `compileTree`.
 */
export function typingOf(input: Schema, hidden: readonly string[]): StepTyping {
  return { schema: input, hidden: new Set(hidden), samples: 0 };
}

/**
 * Checks more steps of a way, and compiles nothing that runs.
 *
 * @throws MillraceError as `compileTree`.
 */
export function typeSteps(before: StepTyping, steps: readonly Step[]): StepTyping {
  const typed: Typing = { ...before, compiled: [] };
  const limits = new LimitNumbers();
  for (const step of steps) addStep(typed, step, limits);
  const { schema, hidden, samples } = typed;
  return { schema, hidden, samples };
}

/** The columns at the end of a way that has come so far. */
export function outputOfTyping(typing: StepTyping): Schema {
  const { hidden } = typing;
  if (hidden.size === 0) return typing.schema;
  return typeSteps(typing, [{ kind: 'drop', columns: [...hidden] }]).schema;
}

/** Every end of a tree, in the order of its ways. */
export function endsOf({ branches, end }: CompiledBranch): readonly BranchEnd[] {
  return end === undefined ? branches.flatMap(endsOf) : [end];
}

/** The steps of a tree, each once, in the order of its branches. */
export function stepsOf({ steps, branches }: CompiledBranch): readonly CompiledStep[] {
  return [...steps, ...branches.flatMap(stepsOf)];
}

interface Compiled {
  readonly branch: CompiledBranch;
  /** The columns that it needs. */
  readonly reads: Needs;
}

function compileBranch(
  { steps: own, branches, end }: StepBranch,
  before: Typing,
  limits: LimitNumbers,
  passed: readonly number[],
): Compiled {
  const typed: Typing = { ...before, compiled: [] };
  for (const step of own) addStep(typed, step, limits);
  const counting = own.flatMap((step) => (step.kind === 'limit' ? [limits.of(step)] : []));
  const onWay = [...passed, ...counting];
  if (end !== undefined) return compileEnd(end, typed, limits, onWay);
  const parts = branches.map((branch) => compileBranch(branch, typed, limits, onWay));
  const wanted = mergeNeeds(parts.map(({ reads }) => reads));
  const { steps, reads } = pushDownProjection(optimizeSteps(typed.compiled), wanted);
  return { branch: { steps, branches: parts.map(({ branch }) => branch) }, reads };
}

function compileEnd(
  { sink, looksOn = false, needs }: StepPath,
  typed: Typing,
  limits: LimitNumbers,
  onWay: readonly number[],
): Compiled {
  if (typed.hidden.size > 0) addStep(typed, { kind: 'drop', columns: [...typed.hidden] }, limits);
  const wanted = new Set(needs ?? typed.schema.fields.map(({ name }) => name));
  const { steps, reads } = pushDownProjection(optimizeSteps(typed.compiled), allOf(wanted));
  const end: BranchEnd = {
    sink,
    output: typed.schema,
    needs: [...wanted],
    limits: onWay,
    looksOn,
  };
  return { branch: { steps, branches: [], end }, reads };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
