/** Files that pyarrow and polars wrote; `test/golden/arrow/make.py` says how. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { schemaToString } from '../../src/arrow/schema-text.ts';
import { Stream } from '../../src/index.ts';
import { root } from '../house/source-tree.ts';
import { rowsOf } from './batches.ts';

const read = async (name: string) => {
  const stream = await Stream.fromIpc(join(root, 'test', 'golden', 'arrow', name));
  return { types: schemaToString(toSchema(stream.schema)), rows: rowsOf(await stream.collect()) };
};
const words = (...low: number[]) => [...low, 0, 0, 0].slice(0, 4);
const DAY = 86_400_000;

const FIRST = {
  bool: true,
  i8: -128,
  u16: 0,
  u64: 0n,
  f16: 0.5,
  f32: 0.25,
  dec: words(1250),
  utf8: 'größe',
  large: 'größe',
  view: 'a text longer than twelve',
  bin: Uint8Array.of(0, 255),
  fixed: Uint8Array.of(97, 98),
  dict8: 'a',
  dict: 'a',
  date: -DAY,
  date64: -DAY,
  time: 86_399_999_999n,
  time32: 86_399_000_000n,
  dur: -1n,
  durms: -1_000n,
  ts_us: Date.UTC(2024, 4, 1, 12) + 0.001,
  ts_ns: 1e-6,
  ts_s: 1_000,
  null: null,
  struct: { a: 1, b: 'x' },
  list: [1, null],
  llist: [1, null],
  flist: [1, 2],
  map: { k: 1n, l: null },
  nested: [{ k: { d: words(15) } }],
  json: '{"a": [1]}',
};
const NULLS = Object.fromEntries(Object.keys(FIRST).map((name) => [name, null]));
const THIRD = {
  ...{ bool: false, i8: 127, u16: 65_535, u64: 2n ** 64n - 1n, f16: -2, f32: -2 },
  ...{ dec: new Array(4).fill(0xffff_ffff), utf8: '', large: '', view: 'short' },
  ...{ bin: new Uint8Array(0), fixed: Uint8Array.of(99, 100), dict8: 'b', dict: 'b' },
  ...{ date: Date.UTC(2024, 1, 29), date64: Date.UTC(2024, 1, 29), time: 0n, time32: 0n },
  ...{ dur: 172_800_000_000n, durms: 172_800_000_000n, ts_us: -DAY, ts_ns: -1e-6, ts_s: -1_000 },
  ...{ null: null, struct: { a: null, b: 'y' }, list: [], llist: [], flist: [3, 4], map: {} },
  ...{ nested: [null], json: 'null' },
};

test('every type of pyarrow, whole and in a slice', async () => {
  const { types, rows } = await read('pyarrow.arrow');
  expect(rows).toEqual([FIRST, NULLS, THIRD, NULLS, THIRD]);
  expect(types).toBe(
    'bool bool?, i8 int8?, u16 uint16?, u64 uint64?, f16 float32?, f32 float32?, ' +
      'dec decimal(12,2)?, utf8 utf8?, large utf8?, view utf8?, bin binary?, fixed binary?, ' +
      'dict8 dictionary?, dict dictionary?, date date?, date64 timestamp(ms,local)?, time time?, ' +
      'time32 time?, dur duration?, durms duration?, ts_us timestamp?, ' +
      'ts_ns timestamp(ns,Europe/Berlin)?, ts_s timestamp(s,local)?, null null, ' +
      'struct {a int32?, b utf8?}?, list [int16?]?, llist [int16?]?, flist [int16?]?, ' +
      'map map(int64?)?, nested [map({d decimal(5,1)?}?)?]?, json json?',
  );
});

test('a dictionary, a delta to it, and another in its place', async () => {
  const { rows } = await read('delta.arrows');
  expect(rows.map((row) => (row as { d: unknown }).d)).toEqual([
    'a',
    'b',
    null,
    'c',
    'b',
    'a',
    'z',
  ]);
});

test('what polars writes', async () => {
  const { types, rows } = await read('polars.arrow');
  expect(types).toBe('s utf8?, c dictionary?, l [int64?]?, d decimal(12,2)?');
  expect(rows).toEqual([
    { s: 'a text longer than twelve', c: 'x', l: [1n, 2n], d: words(100) },
    { s: null, c: 'y', l: null, d: words(200) },
    { s: 'short', c: 'x', l: [], d: null },
  ]);
});
