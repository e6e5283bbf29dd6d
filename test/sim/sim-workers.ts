/** Workers of a simulation: no threads; they answer late, out of order, or not at all. */
import { MillraceError } from '../../src/errors.ts';
import type { OutputBatch } from '../../src/ingest/batch-writer.ts';
import { LeaseAllocator, type MemoryBudget } from '../../src/morsel/memory.ts';
import type { MorselResult, MorselTask } from '../../src/morsel/morsel.ts';
import type { MorselWorker, MorselWorkers } from '../../src/morsel/scheduler.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import type { Chance, VirtualClock } from './virtual-clock.ts';
import { batchBytes, readBatches, type SimMessage, writeBatch } from './wire.ts';

/** Workers of one process. */
export const MAX_WORKERS = 3;
const MEMORY_BYTES = ARENA_BASE + 16 * 1024 * 1024;
// One schedule runs at a time: its workers take the memories of the one before.
const memories: Uint8Array<ArrayBuffer>[] = [];

class SimWorker implements MorselWorker {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly allocator: LeaseAllocator;
  queued = 0;
  readonly #ended = new Set<string>();
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  readonly #outputs: number;
  readonly #alive: () => boolean;

  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    budget: MemoryBudget,
    world: { clock: VirtualClock; chance: Chance; outputs: number; alive: () => boolean },
  ) {
    this.bytes = bytes;
    this.allocator = new LeaseAllocator(bytes.length, budget);
    this.#clock = world.clock;
    this.#chance = world.chance;
    this.#outputs = world.outputs;
    this.#alive = world.alive;
  }

  async run(task: MorselTask): Promise<MorselResult> {
    this.queued += 1;
    const chance = this.#chance;
    await new Promise<void>((resolve) =>
      this.#clock.after(chance.between(0, 15), () => {
        if (this.#alive()) resolve();
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
    const { address, byteLength, fetchOffset } = input;
    const messages = readBatches(this.bytes.subarray(address, address + byteLength))
      .flatMap((batch) => batch.messages)
      .filter((message) => message.offset >= Number(fetchOffset));
    const perPartition: SimMessage[][] = Array.from({ length: this.#outputs }, () => []);
    for (const message of messages) perPartition[message.offset % this.#outputs]!.push(message);
    const outputs: OutputBatch[] = [];
    let at = arenaBegin;
    for (const [partition, part] of perPartition.entries()) {
      if (part.length === 0) continue;
      const bytes = batchBytes(part.length);
      if (at + bytes > arenaEnd) return { kind: 'full' };
      writeBatch(this.bytes.subarray(at, at + bytes), 0, part);
      outputs.push({ partition, address: at, byteLength: bytes, records: part.length });
      at += bytes;
    }
    return {
      kind: 'done',
      rowsIn: messages.length,
      sunk: outputs.length === 0 ? [] : [{ sink: 0, rows: messages.length, outputs }],
      arenaUsedBytes: at - arenaBegin,
      timings: { decodeMs: 0, operateMs: 0, encodeMs: 0 },
    };
  }
}

/** Workers over memories that all schedules share, but not two processes of one. */
export function simWorkers(
  count: number,
  budget: MemoryBudget,
  world: {
    clock: VirtualClock;
    chance: Chance;
    outputs: number;
    alive: () => boolean;
    process: number;
  },
): MorselWorkers {
  const first = world.process * MAX_WORKERS;
  while (memories.length < first + count) memories.push(new Uint8Array(MEMORY_BYTES));
  const own = memories.slice(first, first + count);
  const workers = own.map((bytes) => new SimWorker(bytes, budget, world));
  return { workers, close: async () => {} };
}
