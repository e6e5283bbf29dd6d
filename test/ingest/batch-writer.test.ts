import { createRecordsBatch } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import type { Schema } from '../../src/arrow/schema.ts';
import {
  type EncodeRequest,
  encodeBatches,
  type OutputBatch,
} from '../../src/ingest/batch-writer.ts';
import { createJsonEncoder } from '../../src/ingest/codecs/json-writer.ts';
import { stringCodec } from '../../src/ingest/codecs/string.ts';
import { METADATA_FIELDS } from '../../src/ingest/metadata-columns.ts';
import { partitionForKey } from '../../src/ingest/partitioner.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { buildBatch } from './build-batch.ts';
import {
  COMPRESSIONS,
  readByKafkajs,
  readByPlatformatic,
  writeByKafkajs,
} from './foreign-clients.ts';
import { makeColumn, makeColumns } from './make-column.ts';
import { readBatches } from './read-records.ts';

const wasm = makeInstance({ megabytes: 64 });
const SCHEMA: Schema = {
  fields: [
    { name: 'id', type: { kind: 'int32' }, nullable: false },
    { name: 'text', type: { kind: 'utf8' }, nullable: true },
  ],
};
const json = createJsonEncoder(wasm, SCHEMA);
const string = stringCodec.encoder(wasm, {
  fields: [{ name: 'text', type: { kind: 'utf8' }, nullable: true }],
});

type Rows = readonly { id: number; text: string | null }[];
const rowsOf = (count: number, text = (i: number): string | null => `text ${i}`): Rows =>
  Array.from({ length: count }, (_, id) => ({ id, text: text(id) }));

function request(rows: Rows, more: Partial<EncodeRequest> = {}): EncodeRequest {
  openArena(wasm);
  const columns = makeColumns(wasm, SCHEMA, rows as readonly Record<string, Value>[]);
  return {
    encoder: json,
    columns,
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

const bytesOf = ({ address, byteLength }: OutputBatch) =>
  Buffer.from(wasm.u8.slice(address, address + byteLength));
const valuesOf = (batch: OutputBatch) =>
  readBatches(wasm, bytesOf(batch)).records.map(({ value }) => value);
const selectionOf = (rows: readonly number[]) => {
  const address = wasm.arenaAlloc(rows.length * 4);
  wasm.u32.set(rows, address / 4);
  return { address, count: rows.length };
};

describe('encodeBatches', () => {
  it('writes a golden batch byte for byte', () => {
    const [batch] = encodeBatches(wasm, request([{ id: 7, text: 'a"b' }]));
    expect(bytesOf(batch!).toString('hex')).toBe(
      '0000000000000000' + // base offset
        '0000004e' + // length
        'ffffffff' + // leader epoch
        '02' + // magic
        '32985224' + // CRC
        '0000' + // attributes
        '00000000' + // last offset delta
        '0000018bcfe56800' + // base timestamp
        '0000018bcfe56800' + // max timestamp
        'ffffffffffffffff' + // producer id
        'ffff' + // producer epoch
        'ffffffff' + // base sequence
        '00000001' + // records
        '38' + // record: 28 bytes
        '00' +
        '00' +
        '00' +
        '01' + // no key
        '2c' + // value: 22 bytes
        Buffer.from('{"id":7,"text":"a\\"b"}').toString('hex') +
        '00', // no headers
    );
  });

  it('is the same as a batch by another hand', () => {
    const rows = rowsOf(500, (i) => 'x'.repeat(i));
    const { key, ...plain } = request(rows);
    const columns = plain.columns;
    const [batch] = encodeBatches(wasm, { ...plain, columns, key: columns.get('text')! });
    const expected = buildBatch({
      baseTimestamp: 1_700_000_000_000n,
      records: rows.map((row) => ({ key: row.text, value: JSON.stringify(row) })),
    });
    // Leader epoch: brokers set it.
    expected.fill(0xff, 12, 16);
    expect(key).toBeUndefined();
    expect(bytesOf(batch!).equals(expected)).toBe(true);
  });

  it.each(COMPRESSIONS)('is read alike by kafkajs and @platformatic/kafka: %s', async (codec) => {
    const rows = rowsOf(3000, (i) => (i % 7 === 0 ? null : `text ${i} é ${'-'.repeat(i % 90)}`));
    const times = request(rows);
    const timestamp = wasm.arenaAlloc(rows.length * 8);
    const times64 = rows.map((_, i) => BigInt(1_700_000_000_000 + ((i * 7919) % 1000) - 500));
    wasm.i64.set(times64, timestamp / 8);
    const key = times.columns.get('text')!;
    const batches = encodeBatches(wasm, { ...times, timestamp, key, compression: codec });
    expect(batches).toHaveLength(1);
    const bytes = bytesOf(batches[0]!);
    const expected = rows.map((row, i) => ({
      offset: BigInt(i),
      timestamp: times64[i]!,
      key: row.text === null ? null : Buffer.from(row.text).toString('latin1'),
      value: Buffer.from(JSON.stringify(row)).toString('latin1'),
    }));
    expect(bytes[22]).toBe(COMPRESSIONS.indexOf(codec));
    expect(await readByKafkajs(bytes)).toEqual(expected);
    expect(readByPlatformatic(bytes)).toEqual(expected);
    expect(readBatches(wasm, bytes).records).toMatchObject(expected);
    const max = times64.reduce((a, b) => (a > b ? a : b));
    expect([bytes.readBigInt64BE(27), bytes.readBigInt64BE(35)]).toEqual([times64[0], max]);
  });

  it('splits below the limit, and exactly at it', () => {
    const rows = rowsOf(1000);
    const whole = encodeBatches(wasm, request(rows));
    const size = whole[0]!.byteLength;
    expect(encodeBatches(wasm, request(rows, { maxBatchBytes: size }))).toHaveLength(1);
    const two = encodeBatches(wasm, request(rows, { maxBatchBytes: size - 1 }));
    expect(two.map((batch) => batch.records)).toEqual([999, 1]);
    const many = encodeBatches(wasm, request(rows, { maxBatchBytes: 700 }));
    expect(Math.max(...many.map((batch) => batch.byteLength))).toBeLessThanOrEqual(700);
    expect(many.flatMap(valuesOf)).toEqual(rows.map((row) => JSON.stringify(row)));
  });

  it('ends a batch before the size that is wanted, and gives one larger record its own', () => {
    const rows = rowsOf(1000, (i) => (i === 500 ? 'z'.repeat(5000) : `text ${i}`));
    const bounds = { batchBytes: 700, maxBatchBytes: 10_000 };
    const batches = encodeBatches(wasm, request(rows, bounds));
    expect(batches.flatMap(valuesOf)).toEqual(rows.map((row) => JSON.stringify(row)));
    const large = batches.filter(({ byteLength }) => byteLength > 700);
    expect(large.flatMap(valuesOf)).toEqual([JSON.stringify(rows[500])]);
    // Full, but for the one before the large record and the last: another would have passed it.
    const small = batches.filter(({ byteLength }) => byteLength < 660);
    expect(small.length).toBeLessThanOrEqual(2);
    // The hard bound stays what it is, whatever is wanted.
    expect(() => encodeBatches(wasm, request(rows, { ...bounds, maxBatchBytes: 1_000 }))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
    const wide = request(rows, { batchBytes: 1 << 20, maxBatchBytes: 10_000 });
    const most = Math.max(...encodeBatches(wasm, wide).map(({ byteLength }) => byteLength));
    expect(most).toBeLessThanOrEqual(10_000);
  });

  it('gives every record a batch of its own where the size that is wanted is below one', () => {
    const rows = rowsOf(5);
    const alone = encodeBatches(wasm, request(rows, { batchBytes: 1 }));
    expect(alone.map(({ records }) => records)).toEqual([1, 1, 1, 1, 1]);
    expect(alone.flatMap(valuesOf)).toEqual(rows.map((row) => JSON.stringify(row)));
  });

  it('ends a batch at the number of messages that is wanted, or at the bytes before', () => {
    const rows = rowsOf(10, (i) => (i === 5 ? 'z'.repeat(500) : null));
    const records = (more: Partial<EncodeRequest>) =>
      encodeBatches(wasm, request(rows, more)).map((batch) => batch.records);
    expect(records({ batchMessages: 4 })).toEqual([4, 4, 2]);
    expect(records({ batchMessages: 10 })).toEqual([10]);
    expect(records({ batchMessages: 0x7fffffff })).toEqual([10]);
    expect(records({ batchMessages: 4, batchBytes: 400 })).toEqual([4, 1, 1, 4]);
    const selected = request(rows, { batchMessages: 2 });
    const [some] = [encodeBatches(wasm, { ...selected, selection: selectionOf([1, 3, 8]) })];
    expect(some.flatMap(valuesOf)).toEqual([1, 3, 8].map((i) => JSON.stringify(rows[i])));
    expect(some.map((batch) => batch.records)).toEqual([2, 1]);
  });

  it('tries a record above the limit compressed, and names it where that does not help', () => {
    const rows = rowsOf(3, (i) => (i === 1 ? 'z'.repeat(5000) : 'short'));
    const limits = { maxBatchBytes: 1000 };
    const packed = encodeBatches(wasm, request(rows, { ...limits, compression: 'gzip' }));
    expect(packed.map((batch) => batch.records)).toEqual([1, 1, 1]);
    expect(packed.flatMap(valuesOf)).toEqual(rows.map((row) => JSON.stringify(row)));
    expect(() => encodeBatches(wasm, request(rows, limits))).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_TOO_LARGE',
        context: expect.objectContaining({ row: 1, maxBatchBytes: 1000 }),
      }),
    );
    const noise = rowsOf(1, () => Array.from({ length: 900 }, () => Math.random()).join());
    const incompressible = request(noise, { ...limits, compression: 'lz4' });
    expect(() => encodeBatches(wasm, incompressible)).toThrow(/message of row 0 makes/);
  });

  it('leaves a batch that compression would make larger as it is', () => {
    const [batch] = encodeBatches(wasm, request([{ id: 1, text: 'x' }], { compression: 'gzip' }));
    expect(bytesOf(batch!)[22]).toBe(0);
    expect(valuesOf(batch!)).toEqual(['{"id":1,"text":"x"}']);
  });

  it('writes tombstones where asked, and nulls where not', () => {
    const only: Schema = { fields: [{ name: 'text', type: { kind: 'utf8' }, nullable: true }] };
    const encoder = createJsonEncoder(wasm, only);
    const rows = rowsOf(2, (i) => (i === 0 ? null : 'b'));
    const values = (more: Partial<EncodeRequest>) =>
      encodeBatches(wasm, request(rows, more)).flatMap(valuesOf);
    expect(values({ encoder, tombstones: true })).toEqual([null, '{"text":"b"}']);
    expect(values({ encoder, tombstones: false })).toEqual(['{"text":null}', '{"text":"b"}']);
    expect(values({ encoder: string, tombstones: false })).toEqual([null, 'b']);
  });

  it('writes headers', () => {
    const type = METADATA_FIELDS.find(({ name }) => name === '_headers')!.type;
    const rows = rowsOf(3);
    const plain = request(rows);
    const headers = makeColumn(wasm, type, [
      [{ key: 'a', value: Buffer.from('1') }],
      [],
      [
        { key: 'b', value: null },
        { key: 'é', value: Buffer.from('') },
      ],
    ]);
    const [batch] = encodeBatches(wasm, { ...plain, headers });
    const expected = buildBatch({
      baseTimestamp: 1_700_000_000_000n,
      records: [
        { value: JSON.stringify(rows[0]), headers: [['a', '1']] },
        { value: JSON.stringify(rows[1]) },
        {
          value: JSON.stringify(rows[2]),
          headers: [
            ['b', null],
            ['é', ''],
          ],
        },
      ],
    });
    expect(bytesOf(batch!).subarray(21)).toEqual(expected.subarray(21));
  });

  it('says that the lease is full, at every size of it', () => {
    const rows = rowsOf(50);
    const { selection, columns, ...rest } = request(rows, { partitions: 3 });
    const begin = wasm.exports.arena_mark();
    const key = columns.get('text')!;
    let fitted = 0;
    for (let size = 0; size < 8000; size += 40) {
      wasm.exports.arena_open(begin, begin + size);
      try {
        const batches = encodeBatches(wasm, { ...rest, key, selection, columns });
        expect(batches.reduce((sum, batch) => sum + batch.records, 0)).toBe(50);
        expect(wasm.exports.arena_mark()).toBeLessThanOrEqual(begin + size);
        fitted++;
      } catch (error) {
        expect(error).toBeInstanceOf(ArenaFull);
        expect(fitted).toBe(0);
      }
    }
    expect(fitted).toBeGreaterThan(0);
    expect(begin).toBeGreaterThan(ARENA_BASE);
  });
});

describe('partitions', () => {
  const keys = Array.from({ length: 2000 }, (_, i) => 'k'.repeat(i % 23) + i);

  it('follow murmur2 of the key, rows in order', () => {
    const rows = rowsOf(2000, (i) => keys[i]!);
    const plain = request(rows, { partitions: 7, encoder: string });
    const key = plain.columns.get('text')!;
    const batches = encodeBatches(wasm, { ...plain, key });
    expect(batches.map((batch) => batch.partition)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const batch of batches) {
      const expected = keys.filter(
        (text) => partitionForKey(Buffer.from(text), 7) === batch.partition,
      );
      expect(valuesOf(batch)).toEqual(expected);
    }
  });

  it('go round for null keys and without keys, from the start given', () => {
    const rows = rowsOf(10, (i) => (i < 5 ? null : 'same'));
    const plain = request(rows, { partitions: 3, roundRobinStart: 5 });
    const batches = encodeBatches(wasm, { ...plain, key: plain.columns.get('text')! });
    const same = partitionForKey(Buffer.from('same'), 3);
    const expected = [0, 1, 2].map((partition) => [
      ...[0, 1, 2, 3, 4].filter((i) => (5 + i) % 3 === partition),
      ...(partition === same ? [5, 6, 7, 8, 9] : []),
    ]);
    const ids = (list: OutputBatch[]) =>
      list.map((batch) => valuesOf(batch).map((value) => JSON.parse(value!).id));
    expect(ids(batches)).toEqual(expected);
    const robin = request(rows, { partitions: 4, partitioner: 'round-robin', roundRobinStart: 2 });
    expect(ids(encodeBatches(wasm, { ...robin, key: robin.columns.get('text')! }))).toEqual([
      [2, 6],
      [3, 7],
      [0, 4, 8],
      [1, 5, 9],
    ]);
  });

  it('take the rows of a selection, and leave out partitions without rows', () => {
    const plain = request(
      rowsOf(100, (i) => `key ${i % 2}`),
      { partitions: 50 },
    );
    const rows = [3, 4, 50, 51, 99];
    const selection = selectionOf(rows);
    const key = plain.columns.get('text')!;
    const batches = encodeBatches(wasm, { ...plain, key, selection });
    expect(batches).toHaveLength(2);
    const ids = batches.flatMap(valuesOf).map((value) => JSON.parse(value!).id);
    expect(ids.toSorted((a, b) => a - b)).toEqual(rows);
    expect(encodeBatches(wasm, { ...plain, selection: { address: 0, count: 0 } })).toEqual([]);
  });
});

describe('batches of other clients', () => {
  const records = Array.from({ length: 400 }, (_, i) => ({
    key: i % 3 === 0 ? null : Buffer.from(`key ${i}`),
    value: Buffer.from(`value ${i} ${'é'.repeat(i % 40)}`),
    headers: i % 4 === 0 ? { trace: `t${i}`, again: ['1', '2'] } : {},
  }));
  const expected = records.map(({ key, value, headers }, i) => ({
    offset: BigInt(i),
    timestamp: 1_700_000_000_000n + BigInt(i),
    key: key?.toString('latin1') ?? null,
    value: value.toString('latin1'),
    headersCount: 'trace' in headers ? 3 : 0,
  }));

  it.each([0, 1, 2, 3, 4])('kafkajs with compression %i', async (compression) => {
    openArena(wasm);
    const bytes = await writeByKafkajs(compression, 1_700_000_000_000, records);
    expect(readBatches(wasm, bytes).records).toEqual(expected);
  });

  it.each(COMPRESSIONS)('@platformatic/kafka with compression %s', (compression) => {
    openArena(wasm);
    const writer = createRecordsBatch(
      records.map(({ key, value }, i) => ({
        topic: 'orders',
        value,
        timestamp: 1_700_000_000_000n + BigInt(i),
        ...(key === null ? {} : { key }),
      })),
      { compression },
    );
    const got = readBatches(wasm, writer.buffer).records;
    expect(got).toEqual(expected.map((record) => ({ ...record, headersCount: 0 })));
  });
});
