/** Puts a pipeline together for a plan, and starts it. */

import { toArrowSchema } from '../arrow/arrow-schema.ts';
import { importPortable } from '../arrow/batch-export.ts';
import { type Clock, systemClock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import { KafkaSink } from '../ingest/sink.ts';
import { Dispatcher } from '../morsel/dispatcher.ts';
import { type InlineCaller, InlineTurns } from '../morsel/inline-calls.ts';
import { InlineOrders } from '../morsel/inline-order.ts';
import { MemoryBudget } from '../morsel/memory.ts';
import { type EngineSink, type EngineSpec, stepsOfSpec } from '../morsel/morsel.ts';
import { type MorselWorkers, startWorkers } from '../morsel/scheduler.ts';
import { endsOf } from '../operators/compile.ts';
import { inlineFunctionOf, inlineSteps } from '../operators/inline/inline-step.ts';
import { udfsOf } from '../operators/udf/programs.ts';
import {
  type BatchesSinkPlan,
  type KafkaSinkPlan,
  type KafkaSourcePlan,
  type Plan,
  type PlanPath,
  pathsOf,
  type RunSettings,
  sinksOf,
  sourcesOf,
} from '../plan.ts';
import type { EndIo, PipelineIo, Run, RunStats } from '../run.ts';
import { BatchFeed } from './batch-feed.ts';
import { type BatchConsumer, BatchOutlet } from './batch-outlet.ts';
import { Clients, kafkaEnds } from './clients.ts';
import { ConsumerCalls } from './consumer-calls.ts';
import { engineSpec, type SinkTopic } from './engine-spec.ts';
import type { Feed } from './feed.ts';
import { KafkaFeed } from './kafka-feed.ts';
import type { SinkOutlet } from './outlet.ts';
import { Outlets } from './outlets.ts';
import { Patience } from './patience.ts';
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
  const { clock } = world;
  const clients = new Clients(plan, io.client);
  let pipeline: Pipeline | undefined;
  let dispatcher: Dispatcher | undefined;
  let workers: MorselWorkers | undefined;
  const { maxInFlightBytes } = plan.settings;
  const budget = new MemoryBudget(maxInFlightBytes * (1 - BUFFER_SHARE), () => {
    dispatcher?.memoryFreed();
    pipeline?.pump();
  });
  const patience = new Patience(clock);
  const stop = () => {
    patience.abort();
    void pipeline?.stop();
  };
  const dispose = async () => {
    io.signal?.removeEventListener('abort', stop);
    await workers?.close();
    await clients.close();
  };
  try {
    // What a library cannot do is said before anything connects, at either end.
    for (const end of kafkaEnds(plan)) clients.of(end);
    const sinks = new Map(
      sinksOf(plan)
        .filter((sink) => sink.kind === 'kafka')
        .map((sink) => [sink, new KafkaSink(sink, clients.of(sink), clock)]),
    );
    const topics = await startSinks(sinks);
    const spec = engineSpec(plan, (sink) => topics.get(sink)!);
    const consumerCalls = new ConsumerCalls();
    const callInline = inlineCaller(plan, consumerCalls, patience);
    workers = world.workers(spec, plan.settings.workers, budget);
    await unlessAborted(workers.ready?.(), io.signal);
    dispatcher = new Dispatcher(workers.workers, () => pipeline?.pump());
    const onReady = () => pipeline?.pump();
    const outlets = sinksOf(plan).map((sink, number) =>
      sink.kind === 'kafka'
        ? new TopicOutlet(sinks.get(sink)!, sink.topic)
        : batchOutlet(sink, spec.sinks[number]!, {
            io: ioOf(plan, io, sink),
            ...{ budget, consumerCalls, onReady },
          }),
    );
    pipeline = new Pipeline({
      clock,
      budget,
      dispatcher,
      inputs: sourcesOf(plan).map((source, number) => ({
        feed: feedOf(plan, source, ioOf(plan, io, source), clients, clock),
        ...committing(source),
        hooks: ioOf(plan, io, source).hooks ?? {},
        ends: endsOf(spec.inputs[number]!.root),
      })),
      outlet: new Outlets(outlets),
      ...clientOf(plan, clients),
      limits: spec.limits,
      ...(callInline && { inline: inlineTurns(spec, callInline, onReady) }),
      consumerCalls,
      dispose,
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  if (io.onProgress !== undefined) pipeline.on('progress', io.onProgress);
  io.signal?.addEventListener('abort', stop, { once: true });
  await pipeline.start();
  if (io.signal?.aborted) stop();
  return pipeline;
}

// Inside such a call stop() does not wait for the end, which waits for the call.
function inlineCaller(
  plan: Plan,
  calls: ConsumerCalls,
  patience: Patience,
): InlineCaller | undefined {
  const steps = inlineSteps(pathsOf(plan).flatMap((path) => path.steps));
  if (steps.size === 0) return undefined;
  const functions = new Map([...steps].map(([n, step]) => [n, inlineFunctionOf(step)] as const));
  return async (number, batch) => {
    let given: unknown;
    const call = calls.make(async () => {
      given = await functions.get(number)!(batch);
    });
    await patience.with(call);
    return given;
  };
}

// Threads whose modules load, for as long as they may, are not waited for: closing ends them.
async function unlessAborted(
  ready: Promise<void> | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (ready === undefined) return;
  // Where the run is aborted before, nobody else hears of it.
  ready.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    const message = 'the run was aborted while modules of user functions were loading';
    reject(new MillraceError(message, { code: 'ABORTED' }));
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    await Promise.race([ready, promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

// What a function of the user's gave in a worker may be other rows the next time.
function inlineTurns(spec: EngineSpec, call: InlineCaller, onWait: () => void): InlineTurns {
  const replays = udfsOf({ steps: stepsOfSpec(spec) }).every(({ udf }) => udf.pure);
  return new InlineTurns(call, new InlineOrders({ replays, onWait }));
}

/** What a source or sink is given; what has no name of its own is of the first of each. */
function ioOf(plan: Plan, io: PipelineIo, end: PlanPath['source'] | PlanPath['sink']): EndIo {
  return io.ends?.get(end) ?? (end === plan.source || end === plan.sink ? io : {});
}

// All at once; each takes a producer's identity of its own.
async function startSinks(
  sinks: ReadonlyMap<KafkaSinkPlan, KafkaSink>,
): Promise<ReadonlyMap<KafkaSinkPlan, SinkTopic>> {
  const started = [...sinks].map(async ([plan, sink]) => [plan, await sink.start()] as const);
  // Nothing is closed under one that is still connecting.
  await Promise.allSettled(started);
  return new Map(await Promise.all(started));
}

function committing(source: PlanPath['source']) {
  if (source.kind !== 'kafka') return { commitIntervalMs: NO_COMMIT_INTERVAL_MS };
  const { autoCommit, commitIntervalMs } = source;
  return { autoCommit, commitIntervalMs };
}

// Asked for with the figures: which library it is may turn out only when it is loaded.
function clientOf(
  plan: Plan,
  clients: Clients,
): { client?: () => NonNullable<RunStats['client']> } {
  const [kafka] = kafkaEnds(plan);
  if (kafka === undefined) return {};
  const client = clients.of(kafka);
  return {
    client: () => {
      const { name, version, copying } = client;
      return { name, version, ...(copying === undefined ? {} : { copying }) };
    },
  };
}

/** What `batch.maxBytes` comes to in a run: what was given, or the morsel's share of the budget. */
export function morselMaxBytes(
  { batch }: KafkaSourcePlan,
  { maxInFlightBytes }: RunSettings,
): number {
  return Math.min(batch.maxBytes, Math.floor(maxInFlightBytes * MORSEL_SHARE));
}

function feedOf(
  plan: Plan,
  source: PlanPath['source'],
  { batches }: EndIo,
  clients: Clients,
  clock: Clock,
): Feed {
  const { settings } = plan;
  if (source.kind === 'kafka') {
    const maxBytes = morselMaxBytes(source, settings);
    const bounded = { ...source, batch: { ...source.batch, maxBytes } };
    const reading = sourcesOf(plan).filter(({ kind }) => kind === 'kafka').length;
    const bufferBytes = (settings.maxInFlightBytes * BUFFER_SHARE) / reading;
    return new KafkaFeed(bounded, clients.of(source), clock, bufferBytes);
  }
  if (batches !== undefined) return new BatchFeed(batches, source.schema);
  throw new MillraceError('a plan over batches was run without the batches', {
    code: 'INVALID_PLAN',
  });
}

function batchOutlet(
  plan: BatchesSinkPlan,
  sink: EngineSink,
  parts: {
    readonly io: EndIo;
    readonly budget: MemoryBudget;
    readonly consumerCalls: ConsumerCalls;
    readonly onReady: () => void;
  },
): SinkOutlet {
  const { onBatch } = parts.io;
  if (onBatch === undefined || sink.kind !== 'batches') {
    throw new MillraceError('a plan that hands out batches was run without a consumer', {
      code: 'INVALID_PLAN',
    });
  }
  const schema = toArrowSchema(sink.schema);
  const consumer: BatchConsumer = {
    open: (portable, memory) => importPortable(portable, schema, memory),
    take: (batch) => parts.consumerCalls.make(() => onBatch(batch)),
  };
  const { borrow, looksOn = false } = plan;
  const options = { borrow, looksOn, name: looksOn ? 'tap' : 'forEach' };
  return new BatchOutlet(consumer, options, parts.budget, parts.onReady);
}
