import { describe, expect, it, test } from 'vitest';
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import {
  type EncodeRequest,
  encodeBatches,
  type OutputBatch,
} from '../../src/ingest/batch-writer.ts';
import { createJsonEncoder } from '../../src/ingest/codecs/json-writer.ts';
import { stringCodec } from '../../src/ingest/codecs/string.ts';
import { areHeaders, INTEGER_KINDS } from '../../src/ingest/message-types.ts';
import { METADATA_FIELDS, metadataColumns } from '../../src/ingest/metadata-columns.ts';
import { partitionForKey } from '../../src/ingest/partitioner.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeColumn, makeColumns } from './make-column.ts';
import { type PlainRecord, readBatches } from './read-records.ts';

const wasm = makeInstance({ megabytes: 64 });
const SCHEMA: Schema = toSchema({ id: 'int32' });
const encoder = createJsonEncoder(wasm, SCHEMA);

function request(rows: number, more: Partial<EncodeRequest> = {}): EncodeRequest {
  const values = Array.from({ length: rows }, (_, id) => ({ id }));
  return {
    encoder,
    columns: makeColumns(wasm, SCHEMA, values),
    selection: { address: 0, count: rows },
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

const read = ({ address, byteLength }: OutputBatch) =>
  readBatches(wasm, Buffer.from(wasm.u8.slice(address, address + byteLength)));
const recordsOf = (batch: OutputBatch): PlainRecord[] => read(batch).records;

const KEYS = ['b', null, 'a', 'b', ''];

describe.each(['utf8', 'dictionary', 'json', 'binary'] as const)('a column of %s', (kind) => {
  const column = (constant = false) => {
    const values = KEYS.map((key) => (key === null ? null : Buffer.from(key)));
    const given = kind === 'binary' ? values : KEYS;
    return makeColumn(wasm, { kind }, constant ? new Array(5).fill(given[2]) : given, { constant });
  };

  it('is the key of messages, and what chooses their partitions', () => {
    openArena(wasm);
    const batches = encodeBatches(wasm, request(5, { key: column(), partitions: 7 }));
    for (const batch of batches) {
      for (const { key } of recordsOf(batch)) {
        if (key !== null) expect(batch.partition).toBe(partitionForKey(Buffer.from(key), 7));
      }
    }
    const keys = batches.flatMap((batch) => recordsOf(batch).map(({ key }) => key));
    expect(keys.toSorted()).toEqual(KEYS.toSorted());
  });

  it('is the key of all messages where it is constant', () => {
    openArena(wasm);
    const [batch] = encodeBatches(wasm, request(5, { key: column(true) }));
    expect(recordsOf(batch!).map(({ key }) => key)).toEqual(new Array(5).fill('a'));
  });
});

test.each(['utf8', 'dictionary', 'json'] as const)('the codec string writes %s', (kind) => {
  openArena(wasm);
  const string = stringCodec.encoder(wasm, {
    fields: [{ name: 'x', type: { kind }, nullable: true }],
  });
  const columns = new Map([['x', makeColumn(wasm, { kind }, KEYS)]]);
  const [batch] = encodeBatches(wasm, request(5, { encoder: string, columns }));
  expect(recordsOf(batch!).map(({ value }) => value)).toEqual(KEYS);
});

describe.each(INTEGER_KINDS)('a partition in a column of %s', (kind) => {
  const wide = kind.endsWith('64');
  const numbers = [2, 0, 1, 2];
  const column = (values: readonly number[]) =>
    makeColumn(wasm, { kind } as DataType, wide ? values.map(BigInt) : [...values]);

  it('is where a row goes', () => {
    openArena(wasm);
    const partitionNumber = column(numbers);
    const batches = encodeBatches(wasm, request(4, { partitionNumber, partitions: 3 }));
    const ids = batches.map((batch) =>
      recordsOf(batch).map(({ value }) => (JSON.parse(value!) as { id: number }).id),
    );
    expect(batches.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect(ids).toEqual([[1], [2], [0, 3]]);
  });

  it('is refused where the topic does not have it', () => {
    openArena(wasm);
    const wrong = kind.startsWith('u') ? 127 : -1;
    const partitionNumber = column([0, wrong]);
    expect(() => encodeBatches(wasm, request(2, { partitionNumber, partitions: 3 }))).toThrow(
      expect.objectContaining({
        code: 'EVALUATION_FAILED',
        message: expect.stringContaining(`row 1 goes to partition ${wrong},`),
      }),
    );
  });
});

test('a partition beyond int64 is refused as what it is', () => {
  openArena(wasm);
  const partitionNumber = makeColumn(wasm, { kind: 'uint64' }, [2n ** 64n - 1n]);
  expect(() => encodeBatches(wasm, request(1, { partitionNumber, partitions: 3 }))).toThrow(
    /partition 18446744073709551615/,
  );
});

const field = (name: string, kind: 'utf8' | 'binary' | 'dictionary' | 'json'): Field => ({
  name,
  type: { kind },
  nullable: name === 'value',
});
const list = (key: Field, value: Field): DataType => ({
  kind: 'list',
  item: { name: 'item', type: { kind: 'struct', fields: [key, value] }, nullable: false },
});

test.each<[string, DataType]>([
  ['a list of texts and bytes', list(field('key', 'utf8'), field('value', 'binary'))],
  ['a list of texts', list(field('key', 'dictionary'), field('value', 'utf8'))],
  ['a map of texts', { kind: 'map', value: field('value', 'dictionary') }],
  ['a map of bytes', { kind: 'map', value: field('value', 'binary') }],
])('headers are %s', (_, type) => {
  openArena(wasm);
  expect(areHeaders(type)).toBe(true);
  const isBytes = JSON.stringify(type).includes('binary');
  const bytes = (text: string) => (isBytes ? Buffer.from(text) : text);
  const rows: Value[][] = [
    [
      { key: 'a', value: bytes('1') },
      { key: 'b', value: null },
    ],
    [],
  ];
  const maps = rows.map((entries) => {
    const pairs = entries.map((entry) => Object.values(entry as object) as [string, Value]);
    return new Map(pairs);
  });
  const headers = makeColumn(wasm, type, type.kind === 'map' ? maps : rows);
  const [batch] = encodeBatches(wasm, request(2, { headers }));
  const { address } = read(batch!);
  const columns = metadataColumns(wasm, address, ['_headers'], 'orders', 0);
  const found = columnToValues(wasm, columns.get('_headers')!, METADATA_FIELDS[5]!.type);
  const expected = [
    { key: 'a', value: Uint8Array.of(0x31) },
    { key: 'b', value: null },
  ];
  expect(found).toEqual([expected, []]);
});
