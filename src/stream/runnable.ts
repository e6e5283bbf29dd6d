/** A stream with an end: a plan that can be looked at and run, alone or with others. */

import { MillraceError } from '../errors.ts';
import { runPlan } from '../pipeline/run-plan.ts';
import { type Plan, type PlanPath, pathsOf } from '../plan.ts';
import type { PipelineIo, PlanEnds, Run } from '../run.ts';
import { explainPlan, validatePlan } from './explain.ts';
import { OptionReader } from './option-reader.ts';
import { mergeSettings } from './stream-state.ts';

/** What one run takes. */
export type RunOptions = Pick<PipelineIo, 'signal' | 'onProgress'>;

/**
 * What `toKafka` and `forEach` give. Nothing runs before `run()`, which may be called more than
 * once: each call is a run of its own.
 */
export class Runnable {
  /** What runs, as frozen, cloneable data. */
  readonly plan: Plan;
  readonly #ends: PlanEnds;

  /**
   * @param ends what the run is given beside its plan; asked once a run.
   * @throws MillraceError where the plan does not fit together.
   */
  constructor(plan: Plan, ends: PlanEnds) {
    validatePlan(plan);
    this.plan = Object.freeze(plan);
    this.#ends = ends;
  }

  /** The plan as text for people; without secrets. */
  explain(): string {
    return explainPlan(this.plan);
  }

  /**
   * This and others as one: they run together, in the same workers. What begins with the same
   * stream is read once, its common steps run once, and an offset is committed only when the sinks
   * of all of them have everything before it. Where one fails, all end.
   */
  with(...others: readonly Runnable[]): Runnable {
    checkEnded(others);
    const all = [this, ...others];
    const ways = unique(all.flatMap(({ plan }) => pathsOf(plan)));
    const [first, ...rest] = ways;
    const settings = all.map(({ plan }) => plan.settings).reduce(mergeSettings);
    const plan = { ...first!, settings, ...(rest.length === 0 ? {} : { others: rest }) };
    return new Runnable(plan, new Map(all.flatMap((one) => [...one.#ends])));
  }

  /**
   * Starts it. Resolves with the run's handle as soon as it reads; `await run.closed` waits for the
   * end. Rejects where it cannot begin: no broker, no topic, an
   * option that there is not.
   *
   * @example
   * ```ts
   * const run = await stream.toKafka({ topic: 'big-orders' }).run();
   * process.once('SIGTERM', () => run.stop());
   * console.log(await run.closed);
   * ```
   */
  async run(options: RunOptions = {}): Promise<Run> {
    const given = readRunOptions(options);
    const ends = new Map([...this.#ends].map(([end, io]) => [end, io()]));
    return await runPlan(this.plan, { ends, ...given });
  }
}

/**
 * Runs several at once: `first.with(...others).run()`.
 *
 * @example
 * ```ts
 * const { big, small } = orders.split({ big: col('amount').gt(1000), small: otherwise() });
 * const run = await runTogether(
 *   big.toKafka({ topic: 'big-orders' }),
 *   small.toKafka({ topic: 'small-orders' }),
 * );
 * ```
 */
export function runTogether(first: Runnable, ...others: readonly Runnable[]): Promise<Run> {
  checkEnded([first, ...others]);
  return first.with(...others).run();
}

function readRunOptions(input: RunOptions): RunOptions {
  const options = new OptionReader('run', input, ['signal', 'onProgress']);
  const { signal, onProgress } = input;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw options.fault('signal', 'give an AbortSignal, such as controller.signal');
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw options.fault('onProgress', 'give a function of the figures');
  }
  return options.only(['signal', 'onProgress']);
}

function checkEnded(runnables: readonly unknown[]): void {
  if (runnables.every((one) => one instanceof Runnable)) return;
  throw new MillraceError(
    'only streams with an end run together; end each: stream.toKafka({ topic: … }), or ' +
      'stream.forEach((batch) => …)',
    { code: 'INVALID_OPTION' },
  );
}

// A function that looks on is on the way of each of its branches, and is there once.
function unique(paths: readonly PlanPath[]): readonly PlanPath[] {
  return paths.filter(
    ({ source, steps, sink }, i) =>
      paths.findIndex(
        (path) => path.source === source && path.steps === steps && path.sink === sink,
      ) === i,
  );
}
