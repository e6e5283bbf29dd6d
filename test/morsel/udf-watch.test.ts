import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Beacon } from '../../src/morsel/beacon.ts';
import { overdue, threadDied } from '../../src/morsel/thread-failure.ts';
import { LOAD_TIMEOUT_MS, type Overdue, UdfWatch } from '../../src/morsel/udf-watch.ts';
import type { UdfProgram } from '../../src/operators/udf/node.ts';

const bool = { type: { kind: 'bool' }, nullable: true } as const;
const rest = { mode: 'row', nulls: 'skip', pure: false, isolated: false } as const;
const declared = { url: 'file:///f.ts', name: 'f', args: [], returns: bool, ...rest };
const programs: readonly UdfProgram[] = [
  {
    kind: 'udf',
    udf: { ...declared, timeoutMs: 1_000, onError: 'fail' },
    operands: [],
    text: 'f()',
  },
  { kind: 'udf', udf: { ...declared, timeoutMs: 80, onError: 'null' }, operands: [], text: 'g()' },
];

test('a beacon tells the other thread what it is at', () => {
  const memory = Beacon.memory();
  const thread = new Beacon(memory);
  const main = new Beacon(memory);
  expect(main.read()).toEqual({ task: 0, calls: 0 });
  thread.task(7);
  thread.enter(0, true);
  expect(main.read()).toEqual({ task: 7, calls: 1, call: { udf: 0, loading: true } });
  thread.enter(3, false);
  expect(main.read()).toEqual({ task: 7, calls: 2, call: { udf: 3, loading: false } });
  thread.leave();
  expect(main.read()).toEqual({ task: 7, calls: 2 });
  main.clear();
  expect(thread.read()).toEqual({ task: 0, calls: 2 });
});

describe('a watch', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function start() {
    const beacon = new Beacon(Beacon.memory());
    const seen: Overdue[] = [];
    const watch = new UdfWatch(beacon, programs, (call) => seen.push(call));
    watch.start();
    beacon.task(5);
    return { beacon, seen, watch };
  }

  test('finds the call that takes longer than its own limit', () => {
    const { beacon, seen } = start();
    beacon.enter(1, false);
    vi.advanceTimersByTime(70);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(40);
    expect(seen).toEqual([{ task: 5, udf: 1, loading: false, limitMs: 80 }]);
    beacon.enter(0, false);
    vi.advanceTimersByTime(950);
    expect(seen).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(seen[1]).toEqual({ task: 5, udf: 0, loading: false, limitMs: 1_000 });
  });

  test('tells many short calls from a long one', () => {
    const { beacon, seen } = start();
    for (let i = 0; i < 50; i++) {
      beacon.enter(1, false);
      vi.advanceTimersByTime(50);
      beacon.leave();
    }
    expect(seen).toEqual([]);
  });

  test('gives modules longer to load', () => {
    const { beacon, seen } = start();
    beacon.enter(1, true);
    vi.advanceTimersByTime(LOAD_TIMEOUT_MS - 50);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(seen).toEqual([{ task: 5, udf: 1, loading: true, limitMs: LOAD_TIMEOUT_MS }]);
  });

  test('does not hold against a call that this thread stood still', () => {
    const { beacon, seen } = start();
    beacon.enter(1, false);
    vi.advanceTimersByTime(20);
    // As a process that was stopped for an hour sees it: the clock went on, no timer came.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000);
    vi.advanceTimersByTime(10);
    expect(seen).toEqual([]);
    vi.restoreAllMocks();
  });

  test('sees nothing when it was stopped, or without functions', () => {
    const { beacon, seen, watch } = start();
    beacon.enter(1, false);
    watch.stop();
    vi.advanceTimersByTime(10_000);
    expect(seen).toEqual([]);
    new UdfWatch(beacon, [], (call) => seen.push(call)).start();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the end of a thread', () => {
  const cause = new Error('worker exited with code: 7');

  test('is not the fault of a morsel that it was not at', () => {
    const error = threadDied(4, { task: 3, calls: 1 }, programs, cause);
    expect(error).toMatchObject({ code: 'WORKER_DIED', context: { bystander: true }, cause });
  });

  test('is that of the one it was at, and of the function that ran', () => {
    const call = { udf: 1, loading: false };
    const error = threadDied(4, { task: 4, calls: 1, call }, programs, cause);
    expect(error.message).toBe(
      'the worker thread ended while it ran g(): worker exited with code: 7',
    );
    expect(error.context).toEqual({ function: 'f', udf: 1, skippable: true });
    const loading = threadDied(
      4,
      { task: 4, calls: 1, call: { udf: 1, loading: true } },
      programs,
      7,
    );
    expect(loading.message).toContain('while it loaded the module file:///f.ts: 7');
    expect(loading.context).toMatchObject({ skippable: false });
  });

  test('of nobody knows what is a death like any other', () => {
    expect(threadDied(4, { task: 0, calls: 0 }, programs, cause).context).toEqual({});
    expect(threadDied(4, { task: 4, calls: 0 }, programs, cause).context).toEqual({});
  });

  test('in time says what took so long', () => {
    const call = overdue({ task: 1, udf: 0, loading: false, limitMs: 1_000 }, programs);
    expect(call.message).toContain('f() took longer than the 1000 ms of its timeoutMs');
    expect(call).toMatchObject({ code: 'UDF_TIMEOUT', context: { skippable: false } });
    const loading = overdue({ task: 1, udf: 1, loading: true, limitMs: 30_000 }, programs);
    expect(loading.message).toContain('the module file:///f.ts of f took longer than 30000 ms');
  });
});
