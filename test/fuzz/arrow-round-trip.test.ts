import { type RecordBatch, Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import { Random } from '../../bench/data/random.ts';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { exportColumns, importPortable } from '../../src/arrow/batch-export.ts';
import { planImport, writeBatch } from '../../src/arrow/batch-import.ts';
import type { Schema } from '../../src/arrow/schema.ts';
import { unifyDictionaries } from '../../src/arrow/unify-dictionaries.ts';
import { take } from '../../src/operators/take.ts';
import { rowsOf } from '../arrow/batches.ts';
import { randomBatch, randomSchema } from '../arrow/random-batch.ts';
import { makeSelection } from '../operators/check-expr.ts';
import { columnToValues } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_007);
const ROUNDS = 150;
const wasm = makeInstance();

/** A batch through a worker's memory: imported, some rows taken, exported. */
function through(
  batch: RecordBatch,
  schema: Schema,
  rows: readonly number[],
  borrow: boolean,
): RecordBatch {
  openArena(wasm);
  const plan = planImport(batch, schema);
  const lease = wasm.arenaAlloc(plan.byteLength);
  wasm.u8.fill(0xa5, lease, lease + plan.byteLength);
  const columns = new Map(writeBatch(plan, wasm.u8, lease));
  const selection = makeSelection(wasm, [...rows], batch.numRows);
  for (const { name, type } of schema.fields) {
    columnToValues(wasm, columns.get(name)!, type);
    columns.set(name, take(wasm, columns.get(name)!, selection));
  }
  const all = { address: 0, count: rows.length };
  const portable = structuredClone(exportColumns(wasm, schema, columns, all, { borrow }));
  return importPortable(portable, toArrowSchema(schema), wasm.memory.buffer);
}

test(`Arrow to memory to Arrow to IPC and back, seed ${SEED}`, () => {
  const random = new Random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const schema = randomSchema(random, 3);
    const { batch, values } = randomBatch(random, schema, random.integer(0, 70));
    const from = random.integer(0, values.length);
    const to = random.integer(from, values.length);
    const slice = from === 0 && to === values.length ? batch : batch.slice(from, to);
    const expected = values.slice(from, to);
    const where = `seed ${SEED}, round ${round}`;
    const every = expected.map((_, row) => row);
    const whole = through(slice, schema, every, false);
    expect(rowsOf(whole), where).toEqual(expected);
    const kept = every.filter(() => random.chance(0.6));
    const some = rowsOf(through(slice, schema, kept, true));
    expect(some, where).toEqual(kept.map((row) => expected[row]));
    if (expected.length === 0) continue;
    const again = tableFromIPC(tableToIPC(new Table([whole]), 'stream')).batches[0]!;
    expect(rowsOf(through(again, schema, every, false)), where).toEqual(expected);
  }
});

test(`batches with dictionaries of their own as one IPC file, seed ${SEED}`, () => {
  const random = new Random(SEED + 1);
  for (let round = 0; round < 30; round++) {
    const schema = randomSchema(random, 3);
    const parts = [3, 40, 7].map((rows) => randomBatch(random, schema, rows));
    const batches = parts.map(({ batch, values }) => {
      return through(batch, schema, [...values.keys()], false);
    });
    const arrow = toArrowSchema(schema);
    const table = new Table(arrow, [...unifyDictionaries(batches, arrow)]);
    const expected = parts.flatMap(({ values }) => values);
    expect(rowsOf(table), `seed ${SEED}, round ${round}`).toEqual(expected);
    const file = tableFromIPC(tableToIPC(table, 'file'));
    expect(rowsOf(file), `seed ${SEED}, round ${round}`).toEqual(expected);
  }
});
