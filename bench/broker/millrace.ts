/** The tasks with Millrace, through its public API. */
import type { RecordBatch } from 'apache-arrow';
import { configFrom } from '../../src/config/load.ts';
import { toSinkOptions, toSourceOptions } from '../../src/config/stream-options.ts';
import { createPlatformaticClient } from '../../src/ingest/clients/platformatic.ts';
import { col } from '../../src/operators/expr.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import type { Run, RunStats } from '../../src/run.ts';
import type { KafkaSinkOptions } from '../../src/stream/sink-options.ts';
import { Stream } from '../../src/stream.ts';
import { buildBatch } from '../compare/arrow-builders.ts';
import { parseRows } from '../compare/json-parse.ts';
import { orderSchema } from '../data/order.ts';
import { readBatchRow } from '../records.ts';
import { EURO_RATE, LARGE_AMOUNT, uniqueGroup } from '../rivals/order-job.ts';
import { type Acknowledgements, noteAcknowledgements } from './acknowledgements.ts';
import { RowDigest } from './digest.ts';
import type { Engine, EngineContext, EngineJob, EngineRun } from './engine-job.ts';
import { orderPool, POOL_WORKLOAD } from './pool.ts';

const PRODUCE_BATCH_ROWS = 50_000;
const PROGRESS_INTERVAL_MS = 250;
const MEBIBYTE = 1024 * 1024;

/** Millrace. */
export const engine: Engine = { ingest, produce, mainJob };

function sourceOf(job: EngineJob) {
  const { brokers, client = 'auto', input, batch, forever, config } = job;
  const until = forever ? 'forever' : 'latest';
  const given = { brokers, client, topic: input, schema: orderSchema, until } as const;
  if (config !== undefined) return toSourceOptions(config, given);
  return { ...given, batch: { maxRows: batch.rows, maxBytes: batch.partitionBytes } };
}

function sinkOf(job: EngineJob): KafkaSinkOptions {
  const { brokers, client = 'auto', output, acks, config } = job;
  const given = { brokers, client, topic: output, key: 'order_id' } as const;
  if (config !== undefined) return toSinkOptions(config, given);
  return { ...given, acks: acks === -1 ? 'all' : 1 };
}

// All seven columns of every message as complete Arrow batches on the main thread, borrowed: that
// is fetch to columns for whoever computes on them, and what a copy would add is not ingest.
async function ingest(job: EngineJob): Promise<EngineRun> {
  const digest = job.digest ? new RowDigest() : undefined;
  let rows = 0;
  const take = (batch: RecordBatch) => {
    rows += batch.numRows;
    if (digest === undefined) return;
    for (let i = 0; i < batch.numRows; i++)
      digest.add(readBatchRow(batch, i, POOL_WORKLOAD.schema));
  };
  const run = await Stream.fromKafka(sourceOf(job)).forEach(take, { borrow: true }).run();
  await run.closed;
  const result = { messagesIn: rows, messagesOut: 0 };
  return digest === undefined ? result : { ...result, digest: digest.toString() };
}

async function produce(job: EngineJob, context: EngineContext): Promise<EngineRun> {
  const { run: settings } = configFrom(job.config ?? {});
  const batches = poolBatches(job.messages);
  context.begin();
  const run = await Stream.fromBatches(repeated(batches, job.messages), {
    schema: orderSchema,
    ...settings,
  })
    .toKafka(sinkOf(job))
    .run();
  return counted(await run.closed);
}

async function mainJob(job: EngineJob, context: EngineContext): Promise<EngineRun> {
  const orders = Stream.fromKafka({ ...sourceOf(job), groupId: uniqueGroup(job) });
  const wanted = job.filter === 'paid' ? col('status').eq('paid') : col('amount').gt(LARGE_AMOUNT);
  const stream = orders
    .filter(wanted)
    .map({ euros: col('amount').mul(EURO_RATE) })
    .select('order_id', 'user_id', 'currency', 'euros', 'ts', 'items')
    .toKafka(sinkOf(job));
  let acknowledgements: Acknowledgements | undefined;
  const { signal } = context;
  const run = job.acknowledgements
    ? await runPlan(stream.plan, {
        signal,
        client: (options) => {
          const client = createPlatformaticClient(options);
          acknowledgements = noteAcknowledgements(client);
          return client;
        },
      })
    : await stream.run({ signal });
  const timer = job.forever
    ? setInterval(() => tell(run, context), PROGRESS_INTERVAL_MS)
    : undefined;
  try {
    return { ...counted(await run.closed), ...(acknowledgements && { acknowledgements }) };
  } finally {
    clearInterval(timer);
  }
}

function tell(run: Run, context: EngineContext): void {
  const rssMiB = Math.round(process.memoryUsage.rss() / MEBIBYTE);
  context.onProgress({ ...counted(run.stats()), rssMiB });
}

function counted({ messagesIn, messagesOut }: RunStats): EngineRun {
  return { messagesIn, messagesOut };
}

function poolBatches(count: number): RecordBatch[] {
  const pool = orderPool(count);
  const messages = pool.offsets.length - 1;
  const batches: RecordBatch[] = [];
  for (let from = 0; from < messages; from += PRODUCE_BATCH_ROWS) {
    const rows = parseRows(pool, from, Math.min(messages, from + PRODUCE_BATCH_ROWS));
    batches.push(buildBatch(POOL_WORKLOAD.schema, rows));
  }
  return batches;
}

function* repeated(batches: readonly RecordBatch[], count: number): Generator<RecordBatch> {
  for (let done = 0, i = 0; done < count; i++) {
    const batch = batches[i % batches.length]!;
    const rows = Math.min(batch.numRows, count - done);
    done += rows;
    yield rows === batch.numRows ? batch : batch.slice(0, rows);
  }
}
