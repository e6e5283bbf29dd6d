/** What a stream is: data that every step copies, and the plan that it becomes. */
import { mergeSchemas } from '../arrow/merge-schemas.ts';
import type { Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { outputOfTyping, typeSteps } from '../operators/compile.ts';
import type { Step } from '../operators/step.ts';
import type { StepTyping } from '../operators/step-typing.ts';
import { typingAt } from '../pipeline/engine-spec.ts';
import type { BatchesSinkPlan, Plan, PlanPath, RunSettings } from '../plan.ts';
import type { EndIo, PartitionHooks, PlanEnds } from '../run.ts';
import { shownValue } from '../shown-value.ts';
import type { BatchIterable } from './batch-source.ts';

/** A source, and the steps that its rows have behind them. */
export interface StreamInput {
  readonly source: PlanPath['source'];
  readonly steps: readonly Step[];
  /** What the next step is checked against; absent before the first one. */
  readonly typing?: StepTyping;
  /** The batches of a source of batches. */
  readonly open?: () => BatchIterable;
  readonly hooks?: PartitionHooks;
  /** What the options of the source say of it. */
  readonly retries?: number;
}

/** A function that looks on, and where. */
export interface Tap {
  readonly inputs: readonly StreamInput[];
  readonly sink: BatchesSinkPlan;
  readonly take: NonNullable<EndIo['onBatch']>;
}

/** What a stream is. Sources, steps and sinks are the same where they are the same objects. */
export interface StreamState {
  /** One, or several behind a `union`. */
  readonly inputs: readonly [StreamInput, ...StreamInput[]];
  readonly taps: readonly Tap[];
  readonly settings: RunSettings;
}

/**
 * The stream behind one more step or several.
 *
 * @throws MillraceError where they do not fit.
 */
export function withSteps(state: StreamState, steps: readonly Step[]): StreamState {
  const next = { ...state, inputs: stepped(state.inputs, steps) };
  outputOf(next);
  return next;
}

function stepped(
  inputs: StreamState['inputs'],
  steps: readonly Step[],
): readonly [StreamInput, ...StreamInput[]] {
  const [first, ...others] = inputs.map((input) => ({
    ...input,
    steps: Object.freeze([...input.steps, ...steps]),
    typing: typeSteps(input.typing ?? typingAt(input), steps),
  }));
  return [first!, ...others];
}

/**
 * The rows of both.
 *
 * @param given what is to be one other stream.
 * @param stateOf what a stream is; false: it is none.
 * @throws MillraceError `INVALID_OPTION` where it is not; `INVALID_PLAN` or `TYPE_MISMATCH` where
 *   their columns differ.
 */
export function unionOf(
  one: StreamState,
  given: readonly unknown[],
  stateOf: (stream: unknown) => StreamState | false,
): StreamState {
  const [other, ...more] = given.map(stateOf);
  if (!other || more.length > 0) throw notOneStream(given);
  const state: StreamState = {
    inputs: [...one.inputs, ...other.inputs],
    taps: [...new Set([...one.taps, ...other.taps])],
    settings: mergeSettings(one.settings, other.settings),
  };
  outputOf(state);
  return state;
}

function notOneStream(given: readonly unknown[]): MillraceError {
  const what = given.map((value) => shownValue(value, { depth: -1 })).join(', ');
  const wayOut = given.length > 1 ? 'write a.union(b).union(c)' : 'write a.union(b)';
  return new MillraceError(`union takes one other stream, not ${what || 'nothing'}; ${wayOut}`, {
    code: 'INVALID_OPTION',
    context: { option: 'other' },
  });
}

/** What two streams in one run have: the larger of each. */
export function mergeSettings(one: RunSettings, other: RunSettings): RunSettings {
  return Object.freeze({
    workers: Math.max(one.workers, other.workers),
    maxInFlightBytes: Math.max(one.maxInFlightBytes, other.maxInFlightBytes),
  });
}

/**
 * The same stream, with a function that sees its rows here.
 *
 * @param steps what its rows have behind them, beside those of the stream.
 * @throws MillraceError where the steps do not fit.
 */
export function withTap(
  state: StreamState,
  take: Tap['take'],
  steps: readonly Step[],
): StreamState {
  const sink: BatchesSinkPlan = Object.freeze({ kind: 'batches', borrow: false, looksOn: true });
  const { inputs } = withSteps(state, steps);
  return { ...state, taps: [...state.taps, { inputs, sink, take }] };
}

/**
 * The columns that come out.
 *
 * @throws MillraceError where steps do not fit, or the inputs' columns differ.
 */
export function outputOf({ inputs }: StreamState): Schema {
  return inputs
    .map((input) => outputOfTyping(input.typing ?? typingAt(input)))
    .reduce((merged, output) => mergeSchemas(merged, output, 'union'));
}

/** What a sink takes of the source: of the first that is Kafka. */
export function connectionOf({ inputs }: StreamState) {
  for (const { source, retries } of inputs) {
    if (source.kind !== 'kafka') continue;
    return { connection: source.connection, ...(retries === undefined ? {} : { retries }) };
  }
  return undefined;
}

/** The plan of a stream that ends in `sink`, and of what looks on. */
export function planOf({ inputs, taps, settings }: StreamState, sink: PlanPath['sink']): Plan {
  const ways = (part: readonly StreamInput[], end: PlanPath['sink']) =>
    part.map(({ source, steps }) => ({ source, steps, sink: end }));
  const looking = taps.flatMap((tap) => ways(tap.inputs, tap.sink));
  const [first, ...others] = [...ways(inputs, sink), ...looking];
  return { ...first!, settings, ...(others.length === 0 ? {} : { others }) };
}

/** What the sources of a stream and what looks on are given. */
export function endsOf({ inputs, taps }: StreamState): PlanEnds {
  const ends = new Map<object, () => EndIo>();
  for (const { source, open, hooks } of [inputs, ...taps.map((tap) => tap.inputs)].flat()) {
    ends.set(source, () => ({
      ...(open === undefined ? {} : { batches: open() }),
      ...(hooks === undefined ? {} : { hooks }),
    }));
  }
  for (const { sink, take } of taps) ends.set(sink, () => ({ onBatch: take }));
  return ends;
}

/**
 * Refuses to collect what never ends.
 *
 * @throws MillraceError `INVALID_PLAN`.
 */
export function checkEnds({ inputs }: StreamState): void {
  const endless = inputs.some(
    ({ source, steps }) =>
      source.kind === 'kafka' &&
      source.until !== 'latest' &&
      !steps.some(({ kind }) => kind === 'limit'),
  );
  if (!endless) return;
  throw new MillraceError(
    "collect() would never end: the source runs forever; give it until: 'latest', add a limit(), " +
      'or loop over batches()',
    { code: 'INVALID_PLAN' },
  );
}
