/** The part of suite `udf` that runs whole pipelines: batches to the main thread and back. */
import type { RecordBatch } from 'apache-arrow';
import { col } from '../src/operators/expr.ts';
import { Stream } from '../src/stream.ts';
import { hashOf, machineSettings, median } from './measure.ts';
import type { EngineLabel, Measurement } from './suite.ts';

const SCHEMA = { a: 'float64', b: 'float64' } as const;
const CASE = 'pipeline of batches: a * 0.92 + b, 1 worker';
const LARGE = 1_010;
/** Threads start and compilers warm up in the first quarter, which is not timed. */
const WARM_UP_SHARE = 0.25;

/** One batch, read so often. */
export interface Batches {
  readonly batch: RecordBatch;
  readonly morsels: number;
}

interface Timing {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rowsOut: number;
}

type Source = ReturnType<typeof sourceOf>;
type Build = (source: Source) => { forEach: Stream['forEach'] };

const sourceOf = (batches: AsyncIterable<RecordBatch>) =>
  Stream.fromBatches(batches, { schema: SCHEMA, workers: 1 });

const WAYS: Readonly<Partial<Record<EngineLabel, Build>>> = {
  millrace: (source) =>
    source
      .select({ weight: col('a').mul(0.92).add(col('b')) })
      .filter(col('weight').gt(LARGE)) as never,
  'millrace, map on the main thread': (source) =>
    source
      .map((batch) => ({ weight: weigh(batch as never).weight }), { schema: { weight: 'float64' } })
      .filter(col('weight').gt(LARGE)) as never,
  'millrace, filter on the main thread': (source) =>
    source.filter((batch) => weigh(batch as never).mask) as never,
};

function weigh(batch: RecordBatch) {
  const columns = ['a', 'b'].map((name) => batch.getChild(name)!.toArray() as Float64Array);
  const [a, b] = columns as [Float64Array, Float64Array];
  const weight = new Float64Array(a.length);
  const mask = new Uint8Array(a.length);
  for (let row = 0; row < a.length; row++) {
    weight[row] = a[row]! * 0.92 + b[row]!;
    mask[row] = weight[row]! > LARGE ? 1 : 0;
  }
  return { weight, mask };
}

async function runOnce(build: Build, { batch, morsels }: Batches): Promise<Timing> {
  let began = 0;
  let cpu = process.cpuUsage();
  async function* batches() {
    for (let i = 0; i < morsels; i++) {
      if (i === Math.floor(morsels * WARM_UP_SHARE)) {
        began = performance.now();
        cpu = process.cpuUsage();
      }
      yield batch;
    }
  }
  const run = await build(sourceOf(batches()))
    .forEach(() => {})
    .run();
  const { messagesOut: rowsOut } = await run.closed;
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1e3;
  return { seconds, cpuSeconds: (user + system) / 1e6, rowsOut };
}

/** Every way, interleaved; fails where they leave different rows. */
export async function mainThreadWays(batches: Batches, repeats: number): Promise<Measurement[]> {
  const ways = Object.entries(WAYS);
  const timings = ways.map((): Timing[] => []);
  for (let i = 0; i < repeats; i++) {
    for (const [w, [, build]] of ways.entries()) timings[w]!.push(await runOnce(build, batches));
  }
  const results = new Set(timings.flat().map(({ rowsOut }) => rowsOut));
  if (results.size !== 1) throw new Error(`${CASE}: ways differ in rows: ${[...results]}`);
  const { batch, morsels } = batches;
  const messages = (morsels - Math.floor(morsels * WARM_UP_SHARE)) * batch.numRows;
  return ways.map(([engine], w) => {
    const seconds = median(timings[w]!.map((timing) => timing.seconds));
    const cpuSeconds = median(timings[w]!.map((timing) => timing.cpuSeconds));
    return {
      ...{ suite: 'udf', case: CASE, engine: engine as EngineLabel, messages, bytesPerMessage: 16 },
      ...{ seconds, messagesPerSecond: Math.round(messages / seconds) },
      cpuSecondsPerMillion: (cpuSeconds / messages) * 1e6,
      resultHash: hashOf([...results].map(String)),
      settings: { ...machineSettings(), repeats, workers: 1, morselRows: batch.numRows },
    };
  });
}
