import { Data, Field, Int32, type RecordBatch, Struct, Utf8, vectorFromArray } from 'apache-arrow';
import { expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { exportColumns, importPortable } from '../../src/arrow/batch-export.ts';
import { planImport, writeBatch } from '../../src/arrow/batch-import.ts';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import type { Schema } from '../../src/arrow/schema.ts';
import { nullable, toSchema } from '../../src/arrow/schema-literal.ts';
import { readColumn } from '../../src/wasm/column.ts';
import { columnToValues } from '../wasm/columns.ts';
import { makeInstance } from '../wasm/harness.ts';
import { batchOf, dataOf, madeBatch, madeRow, rowsOf } from './batches.ts';

const wasm = makeInstance();
// A prime number of steps of 16 bytes into the memory, and garbage in it.
const ADDRESS = (17 << 20) + 16 * 7;

function intoMemory(batch: RecordBatch, schema = schemaOf(batch)) {
  const plan = planImport(batch, schema);
  wasm.u8.fill(0xa5, ADDRESS - 64, ADDRESS + plan.byteLength + 64);
  const columns = writeBatch(plan, wasm.u8, ADDRESS);
  const end = ADDRESS + plan.byteLength;
  expect(wasm.u8.subarray(end, end + 64).every((byte) => byte === 0xa5)).toBe(true);
  return columns;
}

function schemaOf(batch: RecordBatch): Schema {
  return fromArrowSchema(batch.schema, { widen: true });
}

function throughMemory(batch: RecordBatch, borrow: boolean): RecordBatch {
  const schema = schemaOf(batch);
  const columns = intoMemory(batch, schema);
  const rows = { address: 0, count: batch.numRows };
  const portable = structuredClone(exportColumns(wasm, schema, columns, rows, { borrow }));
  return importPortable(portable, toArrowSchema(schema), wasm.memory.buffer);
}

test.each([0, 1, 7, 8, 9, 1_000])('%i rows of every type survive the way in and out', (rows) => {
  const batch = madeBatch(rows);
  const expected = Array.from({ length: rows }, (_, i) => madeRow(i));
  expect(rowsOf(throughMemory(batch, false))).toEqual(expected);
  expect(rowsOf(throughMemory(batch, true))).toEqual(expected);
});

test('slices at any row come in as what they show, though bitmaps begin inside a byte', () => {
  const batch = madeBatch(64);
  for (let from = 0; from < 20; from++) {
    for (const to of [from, from + 1, from + 8, 37, 64]) {
      const expected = Array.from({ length: Math.max(0, to - from) }, (_, i) => madeRow(from + i));
      expect(rowsOf(throughMemory(batch.slice(from, to), false))).toEqual(expected);
    }
  }
});

test('a slice of a slice, too', () => {
  const batch = madeBatch(64).slice(3, 60).slice(10, 40);
  expect(rowsOf(throughMemory(batch, false))).toEqual(
    Array.from({ length: 30 }, (_, i) => madeRow(13 + i)),
  );
});

test('columns in memory hold what kernels rely on', () => {
  const batch = madeBatch(100).slice(5, 95);
  const columns = intoMemory(batch);
  const schema = schemaOf(batch);
  for (const { name, type } of schema.fields) {
    const address = columns.get(name)!;
    // It throws where offsets do not begin at 0, a count of nulls is wrong, and so on.
    expect(columnToValues(wasm, address, type)).toHaveLength(90);
    const { data, offsets, validity } = readColumn(wasm, address);
    expect([data % 16, offsets % 16, validity % 16]).toEqual([0, 0, 0]);
  }
});

test('a copied batch owns one buffer, which can be transferred', () => {
  const batch = madeBatch(50);
  const schema = schemaOf(batch);
  const columns = intoMemory(batch, schema);
  const rows = { address: 0, count: 50 };
  const portable = exportColumns(wasm, schema, columns, rows, { borrow: false });
  const moved = structuredClone(portable, { transfer: [portable.buffer!] });
  wasm.u8.fill(0, ADDRESS, ADDRESS + 100_000);
  const imported = importPortable(moved, toArrowSchema(schema));
  expect(rowsOf(imported)).toEqual(Array.from({ length: 50 }, (_, i) => madeRow(i)));
  for (const child of imported.data.children) {
    if (child.values !== undefined) expect(child.values.buffer).toBe(moved.buffer);
  }
});

test('a borrowed batch is views on the memory itself', () => {
  const batch = batchOf({ n: dataOf(new Int32(), [1, 2, 3]) });
  const borrowed = throughMemory(batch, true);
  expect(borrowed.data.children[0]!.values.buffer).toBe(wasm.memory.buffer);
});

const text = (offsets: number[], bytes: number[]) =>
  new Data(new Utf8(), 0, offsets.length - 1, 0, {
    0: Int32Array.from(offsets),
    1: Uint8Array.from(bytes),
  } as never);

const DAMAGED: readonly [string, Data][] = [
  ['offsets behind the bytes', text([0, 5], [97])],
  ['offsets that fall', text([0, 2, 1, 2], [97, 98])],
  ['offsets below zero', text([-1, 1], [97, 98])],
  ['bytes that are not UTF-8', text([0, 1], [0xff])],
  ['a character cut in two', text([0, 1, 2], [0xc3, 0xb6])],
  ['too few values', new Data(new Int32(), 0, 3, 0, { 1: Int32Array.of(1, 2) } as never)],
];

test.each(DAMAGED)('%s are refused', (_, data) => {
  expect(() => intoMemory(batchOf({ x: data }))).toThrow(
    expect.objectContaining({
      code: 'INVALID_SCHEMA',
      message: expect.stringContaining('damaged'),
    }),
  );
});

test('a batch that does not have the columns of the schema is refused by name', () => {
  const batch = madeBatch(3);
  expect(() => planImport(batch, toSchema({ other: 'utf8' }))).toThrow(/'other' is missing/);
  expect(() => planImport(batch, toSchema({ id: 'utf8' }))).toThrow(/'id' is Int64/);
  expect(() => planImport(batch, toSchema({ ok: 'bool' }))).toThrow(/'ok' has 1 nulls/);
});

test('members of a null struct are null, whatever they allow', () => {
  const inner = new Struct([new Field('d', new Int32(), false), new Field('t', new Utf8(), true)]);
  const outer = new Struct([new Field('s', inner, false)]);
  const values = [{ s: { d: 1, t: 'x' } }, null, { s: { d: 2, t: null } }, null];
  const schema = toSchema({ v: nullable({ s: { d: 'int32', t: 'utf8?' } }) });
  const batch = batchOf({ v: vectorFromArray(values, outer).data[0]! });
  const read = (given: RecordBatch) =>
    columnToValues(wasm, intoMemory(given, schema).get('v')!, schema.fields[0]!.type);
  expect(read(batch)).toEqual(values);
  expect(read(batch.slice(1, 4))).toEqual(values.slice(1));

  const wrong = [{ s: { d: 1, t: null } }, null, { s: { d: null, t: 'x' } }];
  const misfit = batchOf({ v: vectorFromArray(wrong, outer).data[0]! });
  expect(() => planImport(misfit, schema)).toThrow(/'v.s.d' has 1 nulls/);
  expect(() => planImport(misfit.slice(1, 3), schema)).toThrow(/'v.s.d' has 1 nulls/);
  expect(read(misfit.slice(0, 2))).toEqual(wrong.slice(0, 2));
});

test('a schema of fewer columns takes only these', () => {
  const columns = intoMemory(madeBatch(3), toSchema({ name: 'utf8?', ok: 'bool?' }));
  expect([...columns.keys()]).toEqual(['name', 'ok']);
});
