/** A stream with an end: a plan that can be looked at and run. */

import { runPlan } from '../pipeline/run-plan.ts';
import type { Plan } from '../plan.ts';
import type { PipelineIo, Run } from '../run.ts';
import { explainPlan, validatePlan } from './explain.ts';

/** What one run takes. */
export type RunOptions = Pick<PipelineIo, 'signal' | 'onProgress'>;

/**
 * What `toKafka` and `forEach` give. Nothing runs before `run()`, which may be called more than
 * once: each call is a run of its own.
 */
export class Runnable {
  /** What runs, as frozen, cloneable data. */
  readonly plan: Plan;
  readonly #io: () => PipelineIo;

  /**
   * @param io what the run is given beside its plan; asked once a run.
   * @throws MillraceError where the plan does not fit together.
   */
  constructor(plan: Plan, io: () => PipelineIo) {
    validatePlan(plan);
    this.plan = Object.freeze(plan);
    this.#io = io;
  }

  /** The plan as text for people; without secrets. */
  explain(): string {
    return explainPlan(this.plan);
  }

  /**
   * Starts it. Resolves with the run's handle as soon as it reads; `await run.closed` waits for the
   * end. Rejects where it cannot begin: no broker, no topic.
   *
   * @example
   * ```ts
   * const run = await stream.toKafka({ topic: 'big-orders' }).run();
   * process.once('SIGTERM', () => run.stop());
   * console.log(await run.closed);
   * ```
   */
  async run(options: RunOptions = {}): Promise<Run> {
    return await runPlan(this.plan, { ...this.#io(), ...options });
  }
}
