import { describe, expect, it } from 'vitest';
import type { Schema } from '../../src/arrow/schema.ts';
import {
  type EncodeRequest,
  encodeBatches,
  type OutputBatch,
} from '../../src/ingest/batch-writer.ts';
import { createJsonEncoder } from '../../src/ingest/codecs/json-writer.ts';
import { partitionForKey, STICKY_RUN } from '../../src/ingest/partitioner.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeColumn, makeColumns } from './make-column.ts';
import { readBatches } from './read-records.ts';

const wasm = makeInstance({ megabytes: 64 });
const SCHEMA: Schema = {
  fields: [
    { name: 'id', type: { kind: 'int32' }, nullable: false },
    { name: 'text', type: { kind: 'utf8' }, nullable: true },
  ],
};
const encoder = createJsonEncoder(wasm, SCHEMA);

const rowsOf = (count: number, text = (i: number): string | null => `text ${i}`) =>
  Array.from({ length: count }, (_, id) => ({ id, text: text(id) }));

function request(rows: ReturnType<typeof rowsOf>, more: Partial<EncodeRequest>): EncodeRequest {
  openArena(wasm);
  return {
    encoder,
    columns: makeColumns(wasm, SCHEMA, rows),
    selection: { address: 0, count: rows.length },
    timestamp: 1_700_000_000_000n,
    partitions: 1,
    partitioner: 'murmur2',
    roundRobinStart: 0,
    compression: 'none',
    maxBatchBytes: 1 << 20,
    tombstones: false,
    ...more,
  };
}

const valuesOf = ({ address, byteLength }: OutputBatch) =>
  readBatches(wasm, Buffer.from(wasm.u8.slice(address, address + byteLength))).records.map(
    ({ value }) => value,
  );
const selectionOf = (rows: readonly number[]) => {
  const address = wasm.arenaAlloc(rows.length * 4);
  wasm.u32.set(rows, address / 4);
  return { address, count: rows.length };
};

describe('other partitioners', () => {
  const idsOf = (batch: OutputBatch) => valuesOf(batch).map((value) => JSON.parse(value!).id);

  it('sticky stays for a run of rows without a key, and follows keys', () => {
    const count = 2 * STICKY_RUN + 10;
    const rows = rowsOf(count, (i) => (i % 1000 === 7 ? 'key' : null));
    const plain = request(rows, { partitions: 5, partitioner: 'sticky', roundRobinStart: 3 });
    const batches = encodeBatches(wasm, { ...plain, key: plain.columns.get('text')! });
    const keyed = partitionForKey(Buffer.from('key'), 5);
    let without = 0;
    const expected = Array.from({ length: 5 }, (): number[] => []);
    for (const { id, text } of rows) {
      const turn = (3 + Math.floor(without / STICKY_RUN)) % 5;
      expected[text === null ? turn : keyed]!.push(id);
      if (text === null) without += 1;
    }
    const found = expected.map((_, partition) =>
      batches.filter((batch) => batch.partition === partition).flatMap(idsOf),
    );
    expect(found).toEqual(expected);
  });

  it('a column in the place of the key', () => {
    const rows = rowsOf(300, (i) => `customer ${i % 40}`);
    const plain = request(rows, { partitions: 6 });
    const partitionKey = plain.columns.get('text')!;
    for (const batch of encodeBatches(wasm, { ...plain, partitionKey })) {
      for (const id of idsOf(batch)) {
        expect(partitionForKey(Buffer.from(rows[id]!.text!), 6)).toBe(batch.partition);
      }
    }
  });

  it.each(['int32', 'int64'] as const)('the number in a column of %s', (kind) => {
    const plain = request(rowsOf(20), { partitions: 4, reportRows: true });
    const numbers = Array.from({ length: 20 }, (_, i) =>
      kind === 'int64' ? BigInt(i % 3) : i % 3,
    );
    const partitionNumber = makeColumn(wasm, { kind }, numbers);
    const selection = selectionOf([1, 2, 4, 5, 19]);
    const batches = encodeBatches(wasm, { ...plain, partitionNumber, selection });
    expect(batches.map(({ partition, rows }) => [partition, ...rows!])).toEqual([
      [1, 1, 4, 19],
      [2, 2, 5],
    ]);
    expect(batches.map(idsOf)).toEqual([
      [1, 4, 19],
      [2, 5],
    ]);
  });

  it.each([
    [-1, '-1'],
    [4, '4'],
    [null, 'null'],
  ])('a number that is no partition, %s, names its row', (bad, shown) => {
    const plain = request(rowsOf(20), { partitions: 4 });
    const numbers = Array.from({ length: 20 }, (_, i) => (i === 13 ? bad : 0));
    const partitionNumber = makeColumn(wasm, { kind: 'int32' }, numbers);
    expect(() => encodeBatches(wasm, { ...plain, partitionNumber })).toThrow(
      expect.objectContaining({
        code: 'EVALUATION_FAILED',
        message: expect.stringContaining(`row 13 goes to partition ${shown}`),
      }),
    );
  });

  it('report the row of each record, over several batches of a partition', () => {
    const rows = rowsOf(500);
    const plain = request(rows, { partitions: 3, maxBatchBytes: 1_000, reportRows: true });
    const batches = encodeBatches(wasm, plain);
    expect(batches.length).toBeGreaterThan(6);
    for (const batch of batches) expect(idsOf(batch)).toEqual([...batch.rows!]);
    const one = encodeBatches(wasm, request(rows, { reportRows: true }));
    expect(one.flatMap((batch) => [...batch.rows!])).toEqual(rows.map(({ id }) => id));
  });
});
