import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Field,
  Int32,
  makeBuilder,
  Null,
  type RecordBatch,
  Schema,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { coalesce, col, lit, MillraceError, Stream, struct } from '../../src/index.ts';
import { batchOf, dataOf, madeBatch, madeRow, rowsOf } from '../arrow/batches.ts';

// Both batches have the same dictionaries, as the file format wants it.
const made = madeBatch(1_000);
const orders = new Table([made, made.slice(0, 500)]);
const rows = [...Array(1_000).keys(), ...Array(500).keys()].map(madeRow);

test('a table comes through unchanged, nested columns and all', async () => {
  const table = await Stream.fromBatches(orders).collect();
  expect(rowsOf(table)).toEqual(rows);
});

test('batches with dictionaries of their own are collected into one IPC file', async () => {
  const batches = [madeBatch(100), madeBatch(50)];
  const table = await Stream.fromBatches(batches).select('color', 'colors', 'ok').collect();
  const file = tableFromIPC(tableToIPC(table, 'file'));
  const expected = [...Array(100).keys(), ...Array(50).keys()].map(madeRow);
  expect(rowsOf(file)).toEqual(expected.map(({ color, colors, ok }) => ({ color, colors, ok })));
});

test('filter, map and select give what the same loop over rows gives', async () => {
  const stream = Stream.fromBatches(orders)
    .filter(col('amount').gt(20).and(col('ok')))
    .map({ double: col('amount').mul(2), tag: 'x' })
    .select('id', 'double', 'tag', { sku: col('item').field('sku') });
  const expected = rows
    .filter((row) => row.ok === true && (row.amount as number) > 20)
    .map((row) => ({
      id: row.id,
      double: (row.amount as number) * 2,
      tag: 'x',
      sku: (row.item as { sku: string } | null)?.sku ?? null,
    }));
  expect(expected.length).toBeGreaterThan(100);
  expect(rowsOf(await stream.collect())).toEqual(expected);
  // The same stream runs again from the start.
  expect(rowsOf(await stream.collect())).toEqual(expected);
});

test('select keeps the columns that it names, in that order, and no other is read', async () => {
  const table = await Stream.fromBatches(orders).select('name', 'id').collect();
  expect(table.schema.fields.map(({ name }) => name)).toEqual(['name', 'id']);
  expect(rowsOf(table)).toEqual(rows.map(({ name, id }) => ({ name, id })));
  const schema = { id: 'int64', note: 'utf8', name: 'utf8', amount: 'float64' } as const;
  const topic = Stream.fromKafka({ topic: 'orders', schema }).select('name', 'id');
  expect(topic.explain()).toMatch(/decodes (id, name|name, id) \(2 of 4 columns\)/);
});

test('drop, rename and limit', async () => {
  const stream = Stream.fromBatches(orders)
    .select('id', 'small', 'name')
    .drop('name')
    .rename({ small: 'little' })
    .limit(3);
  expect(rowsOf(await stream.collect())).toEqual(
    rows.slice(0, 3).map((row) => ({ id: row.id, little: row.small })),
  );
});

test('a stream is immutable: steps taken from one do not show in another', () => {
  const stream = Stream.fromBatches(orders);
  const before = stream.explain();
  const filtered = stream.filter(col('ok'));
  expect(stream.explain()).toBe(before);
  expect(filtered.explain()).toContain('1. filter ok');
});

test('no rows give an empty table with the schema', async () => {
  const stream = Stream.fromBatches(orders).filter(lit(false)).select('id');
  const table = await stream.collect();
  expect(table.numRows).toBe(0);
  expect(table.schema.fields.map(({ name }) => name)).toEqual(['id']);
});

test('null has its type: in a field that says it has none, in columns and members', async () => {
  const builder = makeBuilder({ type: new Null(), nullValues: [null] });
  for (let i = 0; i < 2; i++) builder.append(null);
  const field = new Field('a', new Null(), false);
  const table = new Table(new Schema([field]), { a: builder.finish().toVector() });
  const stream = Stream.fromBatches(table)
    .map({ b: null, s: struct({ c: lit(null), d: 1 }) })
    .map({ e: coalesce(col('b'), 2) });
  const row = { a: null, b: null, s: { c: null, d: 1 }, e: 2 };
  expect(rowsOf(await stream.collect())).toEqual([row, row]);
  expect(String(stream.schema.fields[1]!.type)).toBe('Null');
});

test('batches() hands them over in order, copied, and ends', async () => {
  const seen: RecordBatch[] = [];
  for await (const batch of Stream.fromBatches(orders).select('id').batches()) seen.push(batch);
  expect(rowsOf(new Table(seen))).toEqual(rows.map((row) => ({ id: row.id })));
});

test('borrowed batches show the same rows while they are held', async () => {
  const seen: unknown[] = [];
  for await (const batch of Stream.fromBatches(orders).batches({ borrow: true })) {
    expect(batch.data.children[1]!.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    seen.push(...rowsOf(batch));
  }
  expect(seen).toEqual(rows);
});

test('leaving the loop ends the run and closes the source', async () => {
  let given = 0;
  let closed = false;
  function* endless() {
    try {
      for (;;) {
        given++;
        yield madeBatch(10);
      }
    } finally {
      closed = true;
    }
  }
  let taken = 0;
  for await (const batch of Stream.fromBatches(endless()).batches()) {
    expect(batch.numRows).toBe(10);
    if (++taken === 3) break;
  }
  expect(closed).toBe(true);
  expect(given).toBeLessThan(100);
});

test('what the consumer throws leaves the loop as it is', async () => {
  const boom = new Error('boom');
  const loop = async () => {
    for await (const batch of Stream.fromBatches(orders).batches()) {
      if (batch.numRows > 0) throw boom;
    }
  };
  await expect(loop()).rejects.toBe(boom);
});

test('forEach awaits its function before the next batch, and the run has figures', async () => {
  let inside = 0;
  let count = 0;
  const runnable = Stream.fromBatches(orders).forEach(async (batch) => {
    expect(++inside).toBe(1);
    await Promise.resolve();
    count += batch.numRows;
    inside--;
  });
  const run = await runnable.run();
  const stats = await run.closed;
  expect(count).toBe(1_500);
  expect(stats).toMatchObject({ state: 'closed', messagesIn: 1_500, messagesOut: 1_500 });
  await run.stop();
});

test('what forEach throws fails the run', async () => {
  const run = await Stream.fromBatches(orders)
    .forEach(() => {
      throw new Error('not today');
    })
    .run();
  await expect(run.closed).rejects.toMatchObject({
    code: 'CONSUMER_FAILED',
    message: expect.stringContaining('not today'),
  });
});

test('an expression that fails ends the run behind the rows before it', async () => {
  const numbers = new Table([batchOf({ n: dataOf(new Int32(), [1, 2, 2_147_483_647, 4]) })]);
  const taken: unknown[] = [];
  const run = await Stream.fromBatches(numbers)
    .filter(col('n').gt(1))
    .map({ n: col('n').add(1) })
    .forEach((batch) => void taken.push(...batch.toArray().map(({ n }) => n)))
    .run();
  await expect(run.closed).rejects.toMatchObject({
    code: 'EVALUATION_FAILED',
    context: { row: 2 },
  });
  expect(taken).toEqual([3]);
  expect(run.stats()).toMatchObject({ state: 'failed', messagesOut: 1, rejects: 0 });
  await run.stop();
});

test('collect() refuses more rows than it may hold, and a source without an end', async () => {
  await expect(Stream.fromBatches(orders).collect({ maxRows: 100 })).rejects.toMatchObject({
    code: 'OUT_OF_MEMORY',
  });
  const endless = Stream.fromKafka({ topic: 't', schema: { id: 'int64' } });
  await expect(endless.collect()).rejects.toMatchObject({
    code: 'INVALID_PLAN',
    message: expect.stringContaining("until: 'latest'"),
  });
});

test('Arrow IPC comes in from bytes, a path and a stream', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stream-'));
  try {
    const path = join(folder, 'orders.arrow');
    await writeFile(path, tableToIPC(orders, 'file'));
    const bytes = tableToIPC(orders, 'stream');
    for (const input of [bytes, path]) {
      const stream = await Stream.fromIpc(input);
      expect(rowsOf(await stream.collect())).toEqual(rows);
      expect((await stream.collect()).numRows).toBe(1_500);
    }
    async function* chunks() {
      yield bytes.subarray(0, 1_000);
      yield bytes.subarray(1_000);
    }
    const once = await Stream.fromIpc(chunks());
    expect((await once.collect()).numRows).toBe(1_500);
    await expect(once.collect()).rejects.toThrow(/can be read once/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an iterable is read once; an asynchronous one needs its schema', async () => {
  function* some() {
    yield batchOf({ n: dataOf(new Int32(), [1, 2]) });
    yield batchOf({ n: dataOf(new Int32(), [3]) });
  }
  const stream = Stream.fromBatches(some());
  expect(rowsOf(await stream.collect())).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  await expect(stream.collect()).rejects.toMatchObject({ code: 'INVALID_PLAN' });
  async function* later() {
    yield* some();
  }
  const given = Stream.fromBatches(later(), { schema: { n: 'int32?' } });
  expect((await given.collect()).numRows).toBe(3);
  const unknown = later() as unknown as Iterable<RecordBatch>;
  expect(() => Stream.fromBatches(unknown)).toThrow(/give it as the option schema/);
  expect(() => Stream.fromBatches([])).toThrow(/no batch to take the schema from/);
});

test('a batch that does not fit the first one ends the run with its column', async () => {
  const batches = [
    batchOf({ n: dataOf(new Int32(), [1]) }),
    batchOf({ n: dataOf(new Utf8(), ['one']) }),
  ];
  await expect(Stream.fromBatches(batches).collect()).rejects.toMatchObject({
    code: 'INVALID_SCHEMA',
    message: expect.stringContaining("column 'n' is Utf8"),
  });
});

const kafka = Stream.fromKafka({
  topic: 'orders',
  groupId: 'g',
  schema: { id: 'int64', amount: 'float64?', name: 'utf8', big: 'utf8' },
});

const MISTAKES: readonly [string, () => unknown, string, string][] = [
  ['a filter on no column', () => kafka.filter(col('amuont')), 'UNKNOWN_COLUMN', 'amount'],
  ['a filter that is no bool', () => kafka.filter(col('id')), 'TYPE_MISMATCH', 'bool'],
  [
    'types that do not fit',
    () => kafka.map({ x: col('id').add(col('name')) }),
    'TYPE_MISMATCH',
    '',
  ],
  ['a column twice', () => kafka.select('id', { id: col('amount') }), 'INVALID_PLAN', "'id' twice"],
  ['no column', () => kafka.select(), 'INVALID_PLAN', 'keeps no column'],
  ['nothing to add', () => kafka.map({}), 'INVALID_PLAN', 'adds no column'],
  ['half a row', () => kafka.limit(0.5), 'INVALID_OPTION', '0.5'],
  ['no such key', () => kafka.toKafka({ topic: 'o', key: 'ky' }), 'UNKNOWN_COLUMN', 'ky'],
  ['a key of numbers', () => kafka.toKafka({ topic: 'o', key: 'id' }), 'TYPE_MISMATCH', 'int64'],
  [
    'a value codec of two columns',
    () => kafka.select('id', 'name').toKafka({ topic: 'o', codec: 'string' }),
    'INVALID_SCHEMA',
    'exactly one utf8 column',
  ],
  ['an unknown option', () => kafka.batches({ borow: true } as object), 'INVALID_OPTION', 'borrow'],
  ['no function', () => kafka.forEach(5 as never), 'INVALID_OPTION', 'function of a batch, not 5'],
];

test.each(MISTAKES)('%s throws where it is written', (_, mistake, code, text) => {
  expect(mistake).toThrow(MillraceError);
  expect(mistake).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(text) }),
  );
});

test('metadata columns leave the stream only where they are taken along', () => {
  const names = (stream: Stream<never, never>) => stream.schema.fields.map(({ name }) => name);
  const of = (stream: unknown) => names(stream as Stream<never, never>);
  expect(of(kafka)).toEqual(['id', 'amount', 'name', 'big']);
  expect(of(kafka.filter(col('_offset').gt(5n)))).toEqual(['id', 'amount', 'name', 'big']);
  expect(of(kafka.select('id', '_partition'))).toEqual(['id', '_partition']);
  expect(of(kafka.rename({ _key: 'key' }).drop('big'))).toEqual(['id', 'amount', 'name', 'key']);
  expect(of(kafka.map({ at: col('_timestamp') }).drop('id', 'name', 'big'))).toEqual([
    'amount',
    'at',
  ]);
});
