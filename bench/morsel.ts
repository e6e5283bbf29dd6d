/** Suite `morsel`: the main job with no broker: workers, morsel sizes, skew, cost of a dispatch. */
import { col } from '../src/operators/expr.ts';
import { runPlan } from '../src/pipeline/run-plan.ts';
import { Stream } from '../src/stream.ts';
import type { FilterName } from './broker/engine-job.ts';
import { MEMORY_TOPICS, MemoryClient, type MemoryLog, memoryLog } from './broker/memory-client.ts';
import { bytesPerMessage, orderPool } from './broker/pool.ts';
import { orderSchema } from './data/order.ts';
import { machineSettings, median } from './measure.ts';
import { EURO_RATE, LARGE_AMOUNT } from './rivals/order-job.ts';
import type { Measurement, Suite } from './suite.ts';

// About a second of work for two threads; 740 MB of record sets.
const MESSAGES = 4_000_000;
const SMALL_MESSAGES = 16_000;
const BATCH_MESSAGES = 1_000;
const TINY_BATCH_MESSAGES = 16;
/** Messages of the runs that tell the cost of a dispatch, as a share of the others'. */
const TINY_SHARE = 0.1;
/** The first quarter of each run is not timed. */
const WARM_UP_SHARE = 0.25;
const MAX_BYTES = 16 * 1024 * 1024;

const WORKERS = [1, 2];
const MORSEL_ROWS = [4_096, 16_384, 65_536];

/** Shares of the messages that each partition has. */
const SKEWS: Readonly<Record<string, readonly number[]>> = {
  even: Array.from({ length: 8 }, () => 1 / 8),
  skewed: [0.79, ...Array.from({ length: 7 }, () => 0.03)],
  'one partition': [1],
};

interface Timing {
  readonly messages: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly morsels: number;
  readonly produced: number;
}

interface Variant {
  readonly workers: number;
  readonly rows: number;
  readonly filter: FilterName;
}

async function runOnce(
  log: MemoryLog,
  partitions: readonly number[],
  { workers, rows, filter }: Variant,
): Promise<Timing> {
  const job = Stream.fromKafka({
    topic: MEMORY_TOPICS.input,
    schema: orderSchema,
    until: 'latest',
    workers,
    batch: { maxRows: rows, maxBytes: MAX_BYTES },
  })
    .filter(filter === 'paid' ? col('status').eq('paid') : col('amount').gt(LARGE_AMOUNT))
    .map({ euros: col('amount').mul(EURO_RATE) })
    .select('order_id', 'user_id', 'currency', 'euros', 'ts', 'items')
    .toKafka({ topic: MEMORY_TOPICS.output, key: 'order_id' });
  const client = new MemoryClient(log, partitions);
  const run = await runPlan(job.plan, { client: () => client });
  const { morsels } = await run.closed;
  return { ...client.since(WARM_UP_SHARE), morsels, produced: client.produced };
}

/** Batches of each partition. */
function share(log: MemoryLog, shares: readonly number[]): number[] {
  const batches = log.positions.length - 1;
  return shares.map((part) => Math.max(1, Math.round(batches * part)));
}

function measurement(
  name: string,
  timings: readonly Timing[],
  more: Readonly<Record<string, string | number>>,
  messageBytes: number,
): Measurement {
  const perMessage = median(timings.map(({ seconds, messages }) => seconds / messages));
  const { messages, produced, morsels } = timings[0]!;
  return {
    suite: 'morsel',
    case: name,
    engine: 'millrace',
    messages,
    bytesPerMessage: Math.round(messageBytes * 10) / 10,
    seconds: perMessage * messages,
    messagesPerSecond: Math.round(1 / perMessage),
    cpuSecondsPerMillion:
      median(timings.map((timing) => timing.cpuSeconds / timing.messages)) * 1e6,
    resultHash: String(produced),
    settings: {
      ...machineSettings(),
      repeats: timings.length,
      broker: 'none: record sets in memory',
      compression: 'none',
      acks: 'all',
      morsels,
      ...more,
    },
  };
}

async function interleaved(
  variants: readonly Variant[],
  repeats: number,
  run: (variant: Variant) => Promise<Timing>,
): Promise<Timing[][]> {
  const timings = variants.map((): Timing[] => []);
  for (let i = 0; i < repeats; i++) {
    for (const [v, variant] of variants.entries()) timings[v]!.push(await run(variant));
  }
  const results = new Set(timings.flat().map(({ produced }) => produced));
  if (results.size !== 1) throw new Error(`runs differ in what they wrote: ${[...results]}`);
  return timings;
}

const secondsPerMessage = (timings: readonly Timing[]) =>
  median(timings.map(({ seconds, messages }) => seconds / messages));

/** Suite `morsel`. */
export const suite: Suite = {
  name: 'morsel',
  description: 'the main job without a broker: workers, morsel sizes, skew, cost of a dispatch',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    const pool = orderPool(messages);
    const messageBytes = bytesPerMessage(pool);
    const repeats = small ? 1 : 3;
    const log = memoryLog(pool, messages, BATCH_MESSAGES);
    const rowsOfMorsels = small ? MORSEL_ROWS.slice(0, 1) : MORSEL_ROWS;
    const cases = Object.keys(SKEWS).flatMap((skew) =>
      rowsOfMorsels.map((rows) => ({ skew, rows, filter: 'paid' as FilterName })),
    );
    // Where more is written, the workers have more to do for each byte that the main thread copies.
    cases.push({ skew: 'even', rows: MORSEL_ROWS[small ? 0 : 1]!, filter: 'most' });
    for (const { skew, rows, filter } of cases) {
      const variants = WORKERS.map((workers) => ({ workers, rows, filter }));
      const partitions = share(log, SKEWS[skew]!);
      const timings = await interleaved(variants, repeats, (v) => runOnce(log, partitions, v));
      const alone = secondsPerMessage(timings[0]!);
      for (const [v, { workers }] of variants.entries()) {
        const speedUp = Math.round((alone / secondsPerMessage(timings[v]!)) * 100) / 100;
        const settings = { workers, speedUp, partitions: partitions.length, morselRows: rows };
        const kept = filter === 'paid' ? '1 in 4' : '9 in 10';
        const name = `${skew}, ${kept} kept, ${rows} rows a morsel, workers ${workers}`;
        report(measurement(name, timings[v]!, settings, messageBytes));
      }
    }
    const tiny = memoryLog(pool, Math.ceil(messages * TINY_SHARE), TINY_BATCH_MESSAGES);
    await dispatchCost(tiny, repeats, messageBytes, report);
  },
};

// The same record batches, one a morsel and many a morsel: the difference is the morsels' own cost.
async function dispatchCost(
  log: MemoryLog,
  repeats: number,
  messageBytes: number,
  report: (measurement: Measurement) => void,
): Promise<void> {
  const partitions = share(log, SKEWS.even!);
  const variants = [65_536, TINY_BATCH_MESSAGES].map((rows) => ({
    workers: 1,
    rows,
    filter: 'paid' as const,
  }));
  const timings = await interleaved(variants, repeats, (v) => runOnce(log, partitions, v));
  const [large, tiny] = timings.map(secondsPerMessage);
  const overheadUs = (tiny! - large!) * TINY_BATCH_MESSAGES * 1e6;
  for (const [v, { rows }] of variants.entries()) {
    const settings = {
      workers: 1,
      partitions: partitions.length,
      morselRows: rows,
      ...(rows === TINY_BATCH_MESSAGES && {
        overheadUsPerMorsel: Math.round(overheadUs * 10) / 10,
      }),
    };
    const name = `cost of a dispatch, ${rows} rows a morsel`;
    report(measurement(name, timings[v]!, settings, messageBytes));
  }
}
