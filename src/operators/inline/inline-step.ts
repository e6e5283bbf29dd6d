/** Functions on the main thread over whole batches: `map(fn)` and `filter(fn)` as steps. */
import type { RecordBatch } from 'apache-arrow';
import type { Schema } from '../../arrow/schema.ts';
import { MillraceError } from '../../errors.ts';
import type { Step } from '../step.ts';

/** A function of the caller's over a batch; what it gives is checked where it is taken. */
export type InlineFunction = (batch: RecordBatch) => unknown;

/**
 * A step that is a function on the main thread. The plan has its number alone: the function is kept
 * beside the step, see {@link inlineFunctionOf}.
 */
export interface InlineStep {
  readonly kind: 'inline';
  /** `map`: batches become others. `filter`: a bool a row says which rows stay. */
  readonly what: 'map' | 'filter';
  /** Of this step alone in this process. */
  readonly number: number;
  /** The function's name, for people; empty where it has none. */
  readonly name: string;
  /** The columns of what a `map` gives; absent: those that it is given. */
  readonly returns?: Schema;
}

let steps = 0;
// Weak, so that a function lives as long as a step that calls it.
const functions = new WeakMap<InlineStep, InlineFunction>();

/** The step of a function. */
export function inlineStep(
  what: 'map' | 'filter',
  f: InlineFunction,
  returns?: Schema,
): InlineStep {
  steps += 1;
  const step: InlineStep = Object.freeze({
    kind: 'inline',
    what,
    number: steps,
    name: f.name,
    ...(returns === undefined ? {} : { returns }),
  });
  functions.set(step, f);
  return step;
}

/**
 * The function of a step.
 *
 * @throws MillraceError `INVALID_PLAN` where the step is a copy, which has none.
 */
export function inlineFunctionOf(step: InlineStep): InlineFunction {
  const f = functions.get(step);
  if (f !== undefined) return f;
  throw new MillraceError(
    `${inlineText(step)} has no function: the plan was copied, or came from another process; ` +
      'run the stream that has it, or use udf() with a module',
    { code: 'INVALID_PLAN', context: { step: step.what } },
  );
}

/** The steps of functions among these, by number. */
export function inlineSteps(all: readonly Step[]): ReadonlyMap<number, InlineStep> {
  const found = all.filter((step) => step.kind === 'inline');
  return new Map(found.map((step) => [step.number, step]));
}

/** What a step's function failed with, or what is wrong with what it gave. */
export function inlineFailed(
  step: Pick<InlineStep, 'what' | 'name'>,
  error: unknown,
): MillraceError {
  const message = error instanceof Error ? error.message : String(error);
  return new MillraceError(`${inlineText(step)} failed: ${message}`, {
    code: 'CONSUMER_FAILED',
    context: { step: inlineText(step) },
    cause: error,
  });
}

/** `map(enrich)`, as it is named in messages. */
export function inlineText({ what, name }: Pick<InlineStep, 'what' | 'name'>): string {
  return `${what}(${name === '' ? 'inline function' : name})`;
}
