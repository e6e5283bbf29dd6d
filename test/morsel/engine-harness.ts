/** An engine for a plan, and record batches to run through it. */
import { expect } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { Stream } from '../../src/index.ts';
import { MorselEngine } from '../../src/morsel/engine.ts';
import type { MorselDone, MorselResult, MorselTask } from '../../src/morsel/morsel.ts';
import { engineSpec } from '../../src/pipeline/engine-spec.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../../src/wasm/module.ts';
import { type BatchSpec, buildBatch } from '../ingest/build-batch.ts';
import { readByKafkajs } from '../ingest/foreign-clients.ts';

/** See its use. */
export const MIB = 1024 * 1024;
/** See its use. */
export const ARENA = { arenaBegin: ARENA_BASE + 2 * MIB, arenaEnd: ARENA_BASE + 6 * MIB };
/** See its use. */
export const SINK = { partitions: 2, maxBatchBytes: MIB };

/** See its use. */
export const orders = () =>
  Stream.fromKafka({ topic: 'orders', schema: { id: 'int64', amount: 'float64?' } });
/** See its use. */
export const ignore = (): void => undefined;

/** An engine for a plan, and what runs batches through it. */
export function engineFor(plan: ReturnType<Stream['toKafka']>['plan']) {
  const memory = createMemory(ARENA_BASE + 8 * MIB);
  const spec = engineSpec(plan, ({ maxBatchBytes = SINK.maxBatchBytes }) => ({
    ...SINK,
    maxBatchBytes,
  }));
  const engine = new MorselEngine(loadModule(), memory, spec);
  const bytes = new Uint8Array(memory.buffer);
  const run = (batches: readonly BatchSpec[], options: Partial<MorselTask> = {}, offset = 0n) => {
    const encoded = Buffer.concat(batches.map(buildBatch));
    bytes.set(encoded, ARENA_BASE + PADDING);
    return engine.run({
      input: {
        ...{ kind: 'records', topic: 'orders', partition: 3, fetchOffset: offset, dropped: [] },
        ...{ address: ARENA_BASE + PADDING, byteLength: encoded.length },
      },
      ...ARENA,
      ...options,
    });
  };
  const outputs = async (result: MorselResult) => {
    const written = doneOf(result).sunk.flatMap((sunk) => sunk.outputs);
    const read = written.map(async ({ partition, address, byteLength, records }) => {
      const found = await readByKafkajs(bytes.slice(address, address + byteLength));
      expect(found).toHaveLength(records);
      return found.map(({ key, value, timestamp }) => ({ partition, key, value, timestamp }));
    });
    return (await Promise.all(read)).flat();
  };
  return { run, outputs, spec, memory };
}

/** See its use. */
export function doneOf(result: MorselResult): MorselDone {
  if (result.kind !== 'done') throw new Error(JSON.stringify(result));
  return result;
}

/** See its use. */
export function errorOf(result: MorselResult): MillraceError {
  if (result.kind !== 'failed') throw new Error(`it did not fail: ${result.kind}`);
  return MillraceError.fromPlain(result.error);
}

/** The one batch that a morsel became, if any. */
export function batchOf(result: MorselResult) {
  return doneOf(result).sunk[0]?.batch;
}

/** How many rows came out at each end. */
export const rowsOut = (result: MorselResult) => doneOf(result).sunk.map(({ rows }) => rows);

/** Where a morsel was cut, and the error that cut it. */
export function cutOf(result: MorselResult) {
  const { failure } = doneOf(result);
  if (failure === undefined) throw new Error('it was not cut');
  return { ...failure, error: MillraceError.fromPlain(failure.error) };
}

/** See its use. */
export const values = (...texts: string[]): BatchSpec => ({
  baseOffset: 100n,
  baseTimestamp: 1_000n,
  records: texts.map((value, i) => ({ value, key: `k${i}`, timestampDelta: BigInt(i) })),
});
