import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { KafkaSink, SinkBatch } from '../../src/ingest/sink.ts';
import type { Dispatched } from '../../src/morsel/dispatcher.ts';
import { LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import { Outlets } from '../../src/pipeline/outlets.ts';
import { TopicOutlet } from '../../src/pipeline/topic-outlet.ts';
import { ARENA_BASE, PADDING } from '../../src/wasm/module.ts';
import { MIB } from './fakes.ts';

function setUp() {
  const budget = new MemoryBudget(16 * MIB, () => undefined);
  const bytes = new Uint8Array(ARENA_BASE + 16 * MIB);
  const allocator = new LeaseAllocator(bytes.length, budget);
  const pushed: SinkBatch[] = [];
  const sink = {
    bytes: 0,
    pending: 0,
    push: (batch: SinkBatch) => void pushed.push(batch),
  } as unknown as KafkaSink;
  const outlet = new TopicOutlet(sink, 'copy');
  // The rest of the lease is given back by who has all sinks.
  const outlets = new Outlets([outlet]);
  const settled: (MillraceError | undefined)[] = [];
  const offer = (outputs: readonly (readonly [begin: number, byteLength: number])[]) => {
    const lease = allocator.take(MIB)!;
    const written = outputs.map(([begin, byteLength], partition) => {
      return { partition, address: lease.address + begin, byteLength, records: 10 };
    });
    const rows = written.length * 10;
    const done = { sunk: rows === 0 ? [] : [{ sink: 0, rows, outputs: written }] };
    const dispatched = { lease, worker: { bytes }, done } as unknown as Dispatched;
    const count = outlets.accept(dispatched, {
      settled: (error) => void settled.push(error),
      wanted: () => true,
    });
    return { count, lease };
  };
  return { outlet, offer, pushed, settled, budget, bytes };
}

describe('TopicOutlet', () => {
  it('pushes every output, and gives the rest of the lease back at once', () => {
    const { offer, pushed, budget, outlet, bytes, settled } = setUp();
    const { count, lease } = offer([
      [640_000, 1_000],
      [641_024, 2_000],
    ]);
    expect(count).toBe(2);
    expect(budget.usedBytes).toBeGreaterThanOrEqual(3_024);
    expect(budget.usedBytes).toBeLessThanOrEqual(3_024 + PADDING + 64);
    expect(pushed.map(({ bytes: view }) => view.length)).toEqual([1_000, 2_000]);
    expect(pushed[0]!.bytes.buffer).toBe(bytes.buffer);
    expect(pushed[0]!.bytes.byteOffset).toBe(lease.address);
    pushed[1]!.settled();
    expect(outlet.messages).toBe(10);
    expect(budget.usedBytes).toBeGreaterThan(0);
    pushed[0]!.settled();
    expect(outlet.messages).toBe(20);
    expect(budget.usedBytes).toBe(0);
    expect(settled).toEqual([undefined, undefined]);
  });

  it('gives back the lease of a morsel without output', () => {
    const { offer, budget, pushed } = setUp();
    expect(offer([]).count).toBe(0);
    expect(budget.usedBytes).toBe(0);
    expect(pushed).toEqual([]);
  });

  it('does not count what was refused, and gives its bytes back', () => {
    const { offer, budget, pushed, outlet, settled } = setUp();
    offer([[0, 100]]);
    const error = new MillraceError('no', { code: 'PRODUCE_FAILED' });
    pushed[0]!.settled(error);
    expect(outlet.messages).toBe(0);
    expect(settled).toEqual([error]);
    expect(budget.usedBytes).toBe(0);
  });
});
