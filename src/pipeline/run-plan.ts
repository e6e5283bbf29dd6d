/** Puts a pipeline together for a plan, and starts it. */

import { toArrowSchema } from '../arrow/arrow-schema.ts';
import { importPortable } from '../arrow/batch-export.ts';
import { type Clock, systemClock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { ConnectionOptions, KafkaClient } from '../ingest/client.ts';
import { createClient } from '../ingest/clients/choose.ts';
import { needsOf } from '../ingest/clients/needs.ts';
import { isSameConnection } from '../ingest/connection-options.ts';
import { KafkaSink } from '../ingest/sink.ts';
import { Dispatcher } from '../morsel/dispatcher.ts';
import { MemoryBudget } from '../morsel/memory.ts';
import type { EngineSpec } from '../morsel/morsel.ts';
import { type MorselWorkers, startWorkers } from '../morsel/scheduler.ts';
import type { KafkaSinkPlan, KafkaSourcePlan, Plan, RunSettings } from '../plan.ts';
import type { PipelineIo, Run, RunStats } from '../run.ts';
import { BatchFeed } from './batch-feed.ts';
import { type BatchConsumer, BatchOutlet } from './batch-outlet.ts';
import { ConsumerCalls } from './consumer-calls.ts';
import { engineSpec } from './engine-spec.ts';
import type { Feed } from './feed.ts';
import { KafkaFeed } from './kafka-feed.ts';
import type { Outlet } from './outlet.ts';
import { Pipeline } from './pipeline.ts';
import { TopicOutlet } from './topic-outlet.ts';

/** What a simulation puts in the place of threads and time. */
export interface RunWorld {
  readonly clock: Clock;
  workers(spec: EngineSpec, count: number, budget: MemoryBudget): MorselWorkers;
}

const REAL_WORLD: RunWorld = { clock: systemClock, workers: startWorkers };
/** Where a source of batches commits nothing, nothing has to happen often. */
const NO_COMMIT_INTERVAL_MS = 60_000;
/** Share of the budget that fetched bytes may take before they are in a lease. */
const BUFFER_SHARE = 0.25;
/** Share of the budget that one morsel's encoded bytes may be: its columns and output are more. */
const MORSEL_SHARE = 1 / 16;

/**
 * Starts a plan. Resolves when it reads; rejects where it cannot begin (no broker, no topic, no
 * such column), with everything closed again.
 */
export async function runPlan(
  plan: Plan,
  io: PipelineIo = {},
  world: RunWorld = REAL_WORLD,
): Promise<Run> {
  const clients = new Clients(io.client ?? ((options) => clientFor(plan, options)));
  const { clock } = world;
  let pipeline: Pipeline | undefined;
  let dispatcher: Dispatcher | undefined;
  let workers: MorselWorkers | undefined;
  const { maxInFlightBytes } = plan.settings;
  const budget = new MemoryBudget(maxInFlightBytes * (1 - BUFFER_SHARE), () => {
    dispatcher?.memoryFreed();
    pipeline?.pump();
  });
  const dispose = async () => {
    await workers?.close();
    await clients.close();
  };
  try {
    // What a library cannot do is said before anything connects, at either end.
    for (const end of kafkaEnds(plan)) clients.for(end.connection);
    const sink =
      plan.sink.kind === 'kafka'
        ? new KafkaSink(plan.sink, clients.for(plan.sink.connection), clock)
        : undefined;
    const topic = await sink?.start();
    const spec = engineSpec(plan, topic);
    workers = world.workers(spec, plan.settings.workers, budget);
    await workers.ready?.();
    dispatcher = new Dispatcher(workers.workers, () => pipeline?.pump());
    const consumerCalls = new ConsumerCalls();
    const outlet: Outlet =
      sink === undefined
        ? batchOutlet(plan, spec, io, budget, consumerCalls, () => pipeline?.pump())
        : new TopicOutlet(sink);
    pipeline = new Pipeline({
      clock,
      budget,
      dispatcher,
      feed: feedOf(plan, io, clients, clock),
      outlet,
      ...committing(plan),
      hooks: io.hooks ?? {},
      ...clientOf(plan, clients),
      limit: spec.steps.limit,
      consumerCalls,
      dispose,
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  if (io.onProgress !== undefined) pipeline.on('progress', io.onProgress);
  const run = pipeline;
  const stop = () => void run.stop();
  io.signal?.addEventListener('abort', stop, { once: true });
  void run.closed.finally(() => io.signal?.removeEventListener('abort', stop)).catch(() => {});
  await run.start();
  if (io.signal?.aborted) stop();
  return run;
}

function committing({ source }: Plan) {
  if (source.kind !== 'kafka') return { commitIntervalMs: NO_COMMIT_INTERVAL_MS };
  const { autoCommit, commitIntervalMs } = source;
  return { autoCommit, commitIntervalMs };
}

// Asked for with the figures: which library it is may turn out only when it is loaded.
function clientOf(
  { source, sink }: Plan,
  clients: Clients,
): { client?: () => NonNullable<RunStats['client']> } {
  const kafka = source.kind === 'kafka' ? source : sink.kind === 'kafka' ? sink : undefined;
  if (kafka === undefined) return {};
  const client = clients.for(kafka.connection);
  return {
    client: () => {
      const { name, version, copying } = client;
      return { name, version, ...(copying === undefined ? {} : { copying }) };
    },
  };
}

function kafkaEnds({ source, sink }: Plan): (KafkaSourcePlan | KafkaSinkPlan)[] {
  return [source, sink].filter((end) => end.kind === 'kafka');
}

function clientFor(plan: Plan, options: ConnectionOptions): KafkaClient {
  const ends = kafkaEnds(plan).filter((end) => isSameConnection(end.connection, options));
  return createClient(options, { needs: ends.map(needsOf) });
}

/** One client per cluster: a plan that reads and writes the same one shares it. */
class Clients {
  readonly #make: (options: ConnectionOptions) => KafkaClient;
  readonly #clients = new Map<ConnectionOptions, KafkaClient>();

  constructor(make: (options: ConnectionOptions) => KafkaClient) {
    this.#make = make;
  }

  for(options: ConnectionOptions): KafkaClient {
    for (const [others, client] of this.#clients) {
      if (isSameConnection(others, options)) return client;
    }
    const client = this.#make(options);
    this.#clients.set(options, client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}

/** What `batch.maxBytes` comes to in a run: what was given, or the morsel's share of the budget. */
export function morselMaxBytes(
  { batch }: KafkaSourcePlan,
  { maxInFlightBytes }: RunSettings,
): number {
  return Math.min(batch.maxBytes, Math.floor(maxInFlightBytes * MORSEL_SHARE));
}

function feedOf(plan: Plan, io: PipelineIo, clients: Clients, clock: Clock): Feed {
  const { source, settings } = plan;
  if (source.kind === 'kafka') {
    const maxBytes = morselMaxBytes(source, settings);
    const bounded = { ...source, batch: { ...source.batch, maxBytes } };
    const bufferBytes = settings.maxInFlightBytes * BUFFER_SHARE;
    return new KafkaFeed(bounded, clients.for(source.connection), clock, bufferBytes);
  }
  if (io.batches !== undefined) return new BatchFeed(io.batches, source.schema);
  throw new MillraceError('a plan over batches was run without the batches', {
    code: 'INVALID_PLAN',
  });
}

function batchOutlet(
  plan: Plan,
  spec: EngineSpec,
  io: PipelineIo,
  budget: MemoryBudget,
  consumerCalls: ConsumerCalls,
  onReady: () => void,
): Outlet {
  const { onBatch } = io;
  if (onBatch === undefined || plan.sink.kind !== 'batches' || spec.sink.kind !== 'batches') {
    throw new MillraceError('a plan that hands out batches was run without a consumer', {
      code: 'INVALID_PLAN',
    });
  }
  const schema = toArrowSchema(spec.sink.schema);
  const consumer: BatchConsumer = {
    open: (portable, memory) => importPortable(portable, schema, memory),
    take: (batch) => consumerCalls.make(() => onBatch(batch)),
  };
  return new BatchOutlet(consumer, plan.sink.borrow, budget, onReady);
}
