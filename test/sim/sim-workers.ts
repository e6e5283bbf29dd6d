/** Workers of a simulation: no threads; they answer late, out of order, or not at all. */
import { MillraceError } from '../../src/errors.ts';
import type { OutputBatch } from '../../src/ingest/batch-writer.ts';
import { LeaseAllocator, type MemoryBudget } from '../../src/morsel/memory.ts';
import type { MorselFailure, MorselResult, MorselTask, Sunk } from '../../src/morsel/morsel.ts';
import type { MorselWorker, MorselWorkers } from '../../src/morsel/scheduler.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import type { Output } from './sim-cluster.ts';
import type { Chance, VirtualClock } from './virtual-clock.ts';
import { batchBytes, readBatches, type SimMessage, writeBatch } from './wire.ts';

/** Workers of one process. */
export const MAX_WORKERS = 3;
const MEMORY_BYTES = ARENA_BASE + 16 * 1024 * 1024;
// One schedule runs at a time: its workers take the memories of the one before.
const memories: Uint8Array<ArrayBuffer>[] = [];

/** What the workers of a simulation see of it. */
export interface WorkerWorld {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly outputs: readonly Output[];
  /** The message of a partition that cannot be worked on. */
  readonly poison: ReadonlyMap<number, number>;
  alive(): boolean;
}

class SimWorker implements MorselWorker {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly allocator: LeaseAllocator;
  queued = 0;
  readonly #ended = new Set<string>();
  readonly #world: WorkerWorld;

  constructor(bytes: Uint8Array<ArrayBuffer>, budget: MemoryBudget, world: WorkerWorld) {
    this.bytes = bytes;
    this.allocator = new LeaseAllocator(bytes.length, budget);
    this.#world = world;
  }

  async run(task: MorselTask): Promise<MorselResult> {
    this.queued += 1;
    const { chance, clock, alive } = this.#world;
    await new Promise<void>((resolve) =>
      clock.after(chance.between(0, 15), () => {
        if (alive()) resolve();
      }),
    );
    this.queued -= 1;
    // A morsel that ends two threads ends the run, rightly: so each ends one at most.
    const name =
      task.input.kind === 'records' ? `${task.input.partition}/${task.input.fetchOffset}` : '';
    if (!this.#ended.has(name) && chance.happens(0.02)) {
      this.#ended.add(name);
      throw new MillraceError('died', { code: 'WORKER_DIED' });
    }
    if (chance.happens(0.05)) return { kind: 'full' };
    return this.#work(task);
  }

  #work({ input, arenaBegin, arenaEnd }: MorselTask): MorselResult {
    if (input.kind !== 'records') throw new Error('the simulation reads records');
    const { address, byteLength, fetchOffset, endOffset, partition } = input;
    const poison = this.#world.poison.get(partition);
    const read = readBatches(this.bytes.subarray(address, address + byteLength))
      .flatMap((batch) => batch.messages)
      .filter(({ offset }) => offset >= Number(fetchOffset))
      .filter(({ offset }) => endOffset === undefined || offset < Number(endOffset));
    const cut = read.findIndex(({ offset }) => offset === poison);
    const messages = cut < 0 ? read : read.slice(0, cut);
    const sunk: Sunk[] = [];
    let at = arenaBegin;
    for (const [sink, output] of this.#world.outputs.entries()) {
      const rows = messages
        .filter(({ offset }) => output.wants(offset))
        .flatMap((message) => Array.from({ length: output.rows(message.offset) }, () => message));
      const outputs = this.#write(rows, output.partitions, at, arenaEnd);
      if (outputs === undefined) return { kind: 'full' };
      if (rows.length > 0) sunk.push({ sink, rows: rows.length, outputs });
      at = outputs.reduce((end, one) => Math.max(end, one.address + one.byteLength), at);
    }
    return {
      kind: 'done',
      rowsIn: read.length,
      sunk,
      ...(cut < 0 ? {} : { failure: failureAt(partition, poison!) }),
      arenaUsedBytes: at - arenaBegin,
      timings: { decodeMs: 0, operateMs: 0, encodeMs: 0 },
    };
  }

  // The rows of a message stay together; undefined where there is no room.
  #write(rows: readonly SimMessage[], partitions: number, begin: number, end: number) {
    const outputs: OutputBatch[] = [];
    let at = begin;
    for (let partition = 0; partition < partitions; partition++) {
      const part = rows.filter(({ offset }) => offset % partitions === partition);
      if (part.length === 0) continue;
      const bytes = batchBytes(part.length);
      if (at + bytes > end) return undefined;
      writeBatch(this.bytes.subarray(at, at + bytes), 0, part);
      outputs.push({ partition, address: at, byteLength: bytes, records: part.length });
      at += bytes;
    }
    return outputs;
  }
}

function failureAt(partition: number, offset: number): MorselFailure {
  const error = new MillraceError(`in-${partition} offset ${offset} is poison`, {
    code: 'BAD_MESSAGE',
  });
  return { error: error.toPlain(), nextOffset: BigInt(offset), rejects: 1 };
}

/** Workers over memories that all schedules share, but not two processes of one. */
export function simWorkers(
  count: number,
  budget: MemoryBudget,
  world: WorkerWorld & { readonly process: number },
): MorselWorkers {
  const first = world.process * MAX_WORKERS;
  while (memories.length < first + count) memories.push(new Uint8Array(MEMORY_BYTES));
  const own = memories.slice(first, first + count);
  const workers = own.map((bytes) => new SimWorker(bytes, budget, world));
  return { workers, close: async () => {} };
}
