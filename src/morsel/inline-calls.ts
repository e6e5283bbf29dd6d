/** Answers a worker thread that wants an inline function called. */
import type { RecordBatch } from 'apache-arrow';
import { toArrowSchema } from '../arrow/arrow-schema.ts';
import { importPortable, type PortableBatch } from '../arrow/batch-export.ts';
import { type ImportPlan, planImport, writeBatch } from '../arrow/batch-import.ts';
import { MillraceError } from '../errors.ts';
import { inlineText } from '../operators/inline/inline-step.ts';
import type { CompiledInline } from '../operators/inline/run-inline.ts';
import { batchFrom } from './inline-batch.ts';
import { maskFrom } from './inline-mask.ts';
import type { InlineAnswer, InlineQuestion, InlineRequest } from './inline-messages.ts';

/** Calls the function of a step, whatever is around that; answers what it gave. */
export type InlineCaller = (number: number, batch: RecordBatch) => Promise<unknown>;

/** The inline functions of a run, as one worker's thread asks for them. */
export class InlineCalls {
  readonly #steps: ReadonlyMap<number, CompiledInline>;
  readonly #call: InlineCaller;
  readonly #memory: Uint8Array<ArrayBufferLike>;
  // What the thread has yet to place. It sleeps meanwhile, so that there is one at most.
  #plan: ImportPlan | undefined;

  /**
   * @param steps those of the run, by number.
   * @param memory the worker's, to write to.
   */
  constructor(
    steps: readonly CompiledInline[],
    call: InlineCaller,
    memory: Uint8Array<ArrayBufferLike>,
  ) {
    this.#steps = new Map(steps.map((step) => [step.number, step]));
    this.#call = call;
    this.#memory = memory;
  }

  /** Answers; never rejects. */
  async answer({ inline, port, answered }: InlineQuestion): Promise<void> {
    const answer = await this.#answer(inline).catch((error: unknown): InlineAnswer => {
      return { kind: 'failed', error: MillraceError.from(error).toPlain() };
    });
    port.postMessage(answer);
    const flag = new Int32Array(answered);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    port.close();
  }

  async #answer(request: InlineRequest): Promise<InlineAnswer> {
    if (request.kind === 'call') return this.#run(request.number, request.batch);
    const plan = this.#plan;
    this.#plan = undefined;
    if (plan === undefined) throw new MillraceError('nothing to write', { code: 'INTERNAL' });
    const columns = writeBatch(plan, this.#memory, request.address);
    return { kind: 'written', columns: [...columns] };
  }

  async #run(number: number, portable: PortableBatch): Promise<InlineAnswer> {
    const step = this.#steps.get(number)!;
    try {
      const batch = importPortable(portable, toArrowSchema(step.hands));
      const given = await this.#call(number, batch);
      if (step.what === 'filter') return { kind: 'mask', mask: maskFrom(given, portable.rows) };
      this.#plan = planImport(batchFrom(given, step.returns), step.returns);
      const { byteLength, rows } = this.#plan;
      return { kind: 'columns', byteLength, rows };
    } catch (error) {
      throw inlineFailed(step, error);
    }
  }
}

function inlineFailed(step: CompiledInline, error: unknown): MillraceError {
  const message = error instanceof Error ? error.message : String(error);
  return new MillraceError(`${inlineText(step)} failed: ${message}`, {
    code: 'CONSUMER_FAILED',
    context: { step: inlineText(step) },
    cause: error,
  });
}
