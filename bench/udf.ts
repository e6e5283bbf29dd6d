/** Suite `udf`: functions of one's own beside expressions, in a worker and on the main thread. */
import { type RecordBatch, tableFromArrays } from 'apache-arrow';
import { planImport, writeBatch } from '../src/arrow/batch-import.ts';
import { type SchemaLiteral, toSchema } from '../src/arrow/schema-literal.ts';
import { Beacon } from '../src/morsel/beacon.ts';
import { ThreadUdfs } from '../src/morsel/thread-udfs.ts';
import { compileSteps } from '../src/operators/compile.ts';
import { col, type Expr } from '../src/operators/expr.ts';
import { StepRunner } from '../src/operators/runner.ts';
import { udf } from '../src/operators/udf/udf.ts';
import { WasmInstance } from '../src/wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule } from '../src/wasm/module.ts';
import { type Contender, hashOf, measure } from './measure.ts';
import type { EngineLabel, Suite } from './suite.ts';
import { type Batches, mainThreadWays } from './udf-main-thread.ts';

const MODULE = new URL('./udf-functions.ts', import.meta.url);
const MORSEL_ROWS = 65_536;
const MORSELS = 200;
const SMALL_MORSELS = 2;
const ARENA_BYTES = 64 * 1024 * 1024;
const COUNTRIES = ['DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'SE', 'DK'];
const SCHEMA = {
  a: 'float64',
  b: 'float64',
  country: 'utf8',
  kind: 'dictionary',
} as const satisfies SchemaLiteral;

const numbers = { args: ['float64', 'float64'], returns: 'float64' } as const;
const texts = { args: ['utf8'], returns: 'float64' } as const;
const weighVector = udf(MODULE, 'weighVector', numbers);
const weighRow = udf(MODULE, 'weighRow', { ...numbers, mode: 'row' });
const germanVector = udf(MODULE, 'isGermanVector', texts);
const germanRow = udf(MODULE, 'isGermanRow', { ...texts, mode: 'row' });
const germanPure = udf(MODULE, 'isGermanRow', { ...texts, mode: 'row', pure: true });
const shout = udf(MODULE, 'shoutRow', { args: ['utf8'], returns: 'utf8', mode: 'row' });

/** Ways to the same number of rows that are left; every row is computed. */
const CASES: Readonly<Record<string, Readonly<Partial<Record<EngineLabel, Expr>>>>> = {
  'numbers: a * 0.92 + b': {
    millrace: col('a').mul(0.92).add(col('b')).gt(1_010),
    'millrace, udf of vectors': weighVector(col('a'), col('b')).gt(1_010),
    'millrace, udf of rows': weighRow(col('a'), col('b')).gt(1_010),
  },
  'texts: country = DE': {
    millrace: col('country').eq('DE'),
    'millrace, udf of vectors': germanVector(col('country')).eq(1),
    'millrace, udf of rows': germanRow(col('country')).eq(1),
    'millrace, pure udf of rows': germanPure(col('country')).eq(1),
    'millrace, pure udf of a dictionary': germanPure(col('kind')).eq(1),
  },
  'texts to texts: country and !': {
    'millrace, udf of rows': shout(col('country')).eq('DE!'),
  },
};

function morsel(): RecordBatch {
  const rows = Array.from({ length: MORSEL_ROWS }, (_, i) => i);
  const country = rows.map((i) => COUNTRIES[(i * 7) % COUNTRIES.length]!);
  const a = Float64Array.from(rows, (i) => (i * 7919) % 1_000);
  const b = Float64Array.from(rows, (i) => i % 100);
  // apache-arrow makes dictionaries of texts; the schema says which of them stays one.
  return tableFromArrays({ a, b, country, kind: country }).batches[0]!;
}

/** A filter over one morsel in memory, again and again, on this thread. */
async function contender(
  engine: EngineLabel,
  expr: Expr,
  batch: RecordBatch,
  morsels: number,
): Promise<Contender> {
  const wasm = new WasmInstance(loadModule(), createMemory(ARENA_BASE + ARENA_BYTES));
  const schema = toSchema(SCHEMA);
  const plan = planImport(batch, schema);
  const columns = writeBatch(plan, wasm.u8, ARENA_BASE);
  const begin = ARENA_BASE + Math.ceil(plan.byteLength / 64) * 64;
  const compiled = compileSteps([{ kind: 'filter', predicate: expr.node }], schema);
  const udfs = await ThreadUdfs.load(compiled, new Beacon(Beacon.memory()));
  const runner = new StepRunner(wasm, compiled, { udfs });
  const rows = { address: 0, count: MORSEL_ROWS };
  let left = 0;
  return {
    engine,
    run() {
      left = 0;
      for (let i = 0; i < morsels; i++) {
        wasm.exports.arena_open(begin, ARENA_BASE + ARENA_BYTES);
        left += runner.run(columns, rows).selection.count;
      }
    },
    result: () => ({ hash: hashOf([String(left)]) }),
  };
}

/** Suite `udf`. */
export const suite: Suite = {
  name: 'udf',
  description: "functions of one's own beside expressions, in a worker and on the main thread",
  async run({ small, report }) {
    const morsels = small ? SMALL_MORSELS : MORSELS;
    const batch = morsel();
    const sizes = { messages: morsels * MORSEL_ROWS, ...(small ? { repeats: 1 } : {}) };
    for (const [name, ways] of Object.entries(CASES)) {
      const contenders: Contender[] = [];
      for (const [engine, expr] of Object.entries(ways)) {
        contenders.push(await contender(engine as EngineLabel, expr, batch, morsels));
      }
      const settings = { threads: 1, morselRows: MORSEL_ROWS };
      const definition = { suite: 'udf', case: name, bytesPerMessage: 16, settings, contenders };
      for (const measurement of await measure({ ...definition, ...sizes })) report(measurement);
    }
    const batches: Batches = { batch: batch.select(['a', 'b']), morsels };
    for (const measurement of await mainThreadWays(batches, small ? 1 : 3)) report(measurement);
  },
};
