/** Answers a worker thread that wants an inline function called. */
import type { RecordBatch } from 'apache-arrow';
import { toArrowSchema } from '../arrow/arrow-schema.ts';
import { importPortable, type PortableBatch } from '../arrow/batch-export.ts';
import { type ImportPlan, planImport, writeBatch } from '../arrow/batch-import.ts';
import { MillraceError } from '../errors.ts';
import { inlineFailed } from '../operators/inline/inline-step.ts';
import type { CompiledInline } from '../operators/inline/run-inline.ts';
import { batchFrom } from './inline-batch.ts';
import { maskFrom } from './inline-mask.ts';
import type { InlineAnswer, InlineQuestion, InlineRequest } from './inline-messages.ts';
import type { Given, InlineLane, InlineOrders, InlineTurn } from './inline-order.ts';

/** Calls the function of a step, whatever is around that; answers what it gave. */
export type InlineCaller = (number: number, batch: RecordBatch) => Promise<unknown>;

/** What a function gave, checked: which rows stay, a byte a row, or a batch, and its copying. */
export type InlineProduct =
  | { readonly mask: Uint8Array }
  | { readonly mask?: undefined; readonly batch: RecordBatch; readonly plan: ImportPlan };

/** A morsel's turn among those of its partition, and how its calls are made. */
export interface MorselInline {
  readonly turn: InlineTurn<InlineProduct>;
  readonly call: InlineCaller;
}

/** The inline functions of a run, for its morsels. */
export class InlineTurns {
  readonly #call: InlineCaller;
  readonly #orders: InlineOrders<InlineProduct>;

  constructor(call: InlineCaller, orders: InlineOrders<InlineProduct>) {
    this.#call = call;
    this.#orders = orders;
  }

  /** A morsel of a lane is dispatched; in the order of the lane. */
  enter(lane: InlineLane): MorselInline {
    return { call: this.#call, turn: this.#orders.enter(lane) };
  }
}

type InlineCall = Extract<InlineRequest, { kind: 'call' }>;

/** The inline functions of a run, as one worker's thread asks for them. */
export class InlineCalls {
  readonly #steps: ReadonlyMap<number, CompiledInline>;
  readonly #memory: Uint8Array<ArrayBufferLike>;
  // What the worker has, by the numbers of its tasks.
  readonly #morsels = new Map<number, MorselInline>();
  // What the thread has yet to place. It sleeps meanwhile, so that there is one at most.
  #plan: ImportPlan | undefined;

  /**
   * @param steps those of the run, by number.
   * @param memory the worker's, to write to.
   */
  constructor(steps: readonly CompiledInline[], memory: Uint8Array<ArrayBufferLike>) {
    this.#steps = new Map(steps.map((step) => [step.number, step]));
    this.#memory = memory;
  }

  /** Whether the thread sleeps until morsels before its own have passed a function. */
  get waits(): boolean {
    return this.#laterThan(-1).some(({ turn }) => turn.waits);
  }

  /** The worker gets a task, behind those that it has. */
  begin(task: number, morsel: MorselInline): void {
    // One that is tried again may be what a later one at work waits for.
    for (const { turn } of this.#laterThan(morsel.turn.sequence)) turn.giveWay();
    this.#morsels.set(task, morsel);
  }

  /** The task is no longer the worker's; a thread that ended may have left a question. */
  end(task: number): void {
    this.#morsels.get(task)?.turn.giveWay();
    this.#morsels.delete(task);
  }

  /** Answers; never rejects. */
  async answer({ task, inline, port, answered }: InlineQuestion): Promise<void> {
    const answer = await this.ask(task, inline).catch((error: unknown): InlineAnswer => {
      return { kind: 'failed', error: MillraceError.from(error).toPlain() };
    });
    port.postMessage(answer);
    const flag = new Int32Array(answered);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    port.close();
  }

  /**
   * What is answered to a task's question.
   *
   * @throws MillraceError what the function failed with; `ABORTED` where its rows are not wanted.
   */
  async ask(task: number, request: InlineRequest): Promise<InlineAnswer> {
    if (request.kind === 'write') return this.#write(request.address);
    const morsel = this.#morsels.get(task);
    if (morsel === undefined) throw new MillraceError(`no task ${task}`, { code: 'INTERNAL' });
    const product = await this.#product(morsel, request);
    if (product === undefined) return { kind: 'again' };
    if (product.mask !== undefined) return { kind: 'mask', mask: product.mask };
    this.#plan = product.plan;
    const { byteLength, rows } = product.plan;
    return { kind: 'columns', byteLength, rows };
  }

  #write(address: number): InlineAnswer {
    const plan = this.#plan;
    this.#plan = undefined;
    if (plan === undefined) throw new MillraceError('nothing to write', { code: 'INTERNAL' });
    return { kind: 'written', columns: [...writeBatch(plan, this.#memory, address)] };
  }

  // Undefined where the morsel has to give way to one before it.
  async #product(
    { turn, call }: MorselInline,
    { number, batch }: InlineCall,
  ): Promise<InlineProduct | undefined> {
    const before = await replayed(turn.given(number), batch.rows);
    if (before !== undefined) return before;
    if (!turn.isNext(number)) {
      const isFirst = this.#laterThan(turn.sequence).length === this.#morsels.size - 1;
      if (!isFirst || !(await turn.wait(number))) return undefined;
    }
    return turn.call(number, batch.rows, () => this.#made(number, call, batch));
  }

  async #made(number: number, call: InlineCaller, portable: PortableBatch): Promise<InlineProduct> {
    const step = this.#steps.get(number)!;
    try {
      const given = await call(number, importPortable(portable, toArrowSchema(step.hands)));
      if (step.what === 'filter') return { mask: maskFrom(given, portable.rows) };
      const batch = batchFrom(given, step.returns);
      return { batch, plan: planImport(batch, step.returns) };
    } catch (error) {
      throw inlineFailed(step, error);
    }
  }

  #laterThan(sequence: number): MorselInline[] {
    return [...this.#morsels.values()].filter(({ turn }) => turn.sequence > sequence);
  }
}

// A morsel is done again on its first rows where one of them failed behind the function. Undefined
// where what it gave does not say which rows those are.
async function replayed(
  given: Given<InlineProduct> | undefined,
  rows: number,
): Promise<InlineProduct | undefined> {
  if (given === undefined || given.rows < rows) return undefined;
  const product = await given.value;
  if (given.rows === rows) return product;
  if (product.mask !== undefined) return { mask: product.mask.slice(0, rows) };
  const { batch, plan } = product;
  if (batch.numRows !== given.rows) return undefined;
  const first = batch.slice(0, rows);
  return { batch: first, plan: planImport(first, plan.schema) };
}
