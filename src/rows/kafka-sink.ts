/** A topic to which messages are sent one by one, or by the batch. */
import { RecordBatch, Table } from 'apache-arrow';
import { systemClock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { ConnectionOptions, KafkaClient } from '../ingest/client.ts';
import { createClient } from '../ingest/clients/choose.ts';
import { needsOf } from '../ingest/clients/needs.ts';
import { KafkaSink as TopicSink } from '../ingest/sink.ts';
import { shownValue } from '../shown-value.ts';
import { BatchDealer } from './batch-dealer.ts';
import { PartitionChooser } from './choose-partition.ts';
import { tell } from './delivery.ts';
import { RowEncoder } from './encoder.ts';
import { Generations } from './generations.ts';
import { Lane } from './lane.ts';
import { LanePump } from './lane-pump.ts';
import type { Delivery, MessageOptions } from './record.ts';
import { listenerOf, RowSender } from './row-sender.ts';
import { type RowSinkOptions, type RowSinkSettings, readRowSink } from './row-sink-options.ts';
import { SinkBuffer } from './sink-buffer.ts';
import { isFinalStart } from './start-errors.ts';
import { TopicGrowth } from './topic-growth.ts';

/** Figures of a sink since it started. */
export interface RowSinkStats {
  /** Messages given to `send` and `sendBatch`. */
  readonly sent: number;
  readonly delivered: number;
  readonly failed: number;
  /** What waits for its delivery now. */
  readonly bufferedMessages: number;
  readonly bufferedBytes: number;
  /** Record batches and their encoded bytes that the broker acknowledged. */
  readonly batches: number;
  readonly bytes: number;
  /** The client library that writes; absent before the start. */
  readonly client?: {
    readonly name: string;
    readonly version: string;
    /** Why each message is copied as an object, where it is. */
    readonly copying?: string;
  };
}

/** What a sink is given beside its options. */
export interface RowSinkIo {
  /** Makes the client; default as `options.client` says. For tests. */
  readonly client?: (options: ConnectionOptions) => KafkaClient;
  /** What takes the options, as errors name it; default `KafkaSink`. */
  readonly owner?: string;
}

interface Open {
  readonly client: KafkaClient;
  readonly topic: TopicSink;
  readonly pump: LanePump;
  readonly sender: RowSender;
}

/**
 * Sends messages to one topic, gathered into record batches as they come: what is sent while a
 * partition's batch is under way, or within `lingerMs`, leaves together. Each value becomes an
 * object and each message a promise: `Stream.toKafka` does neither and is the faster way by far.
 *
 * @example
 * ```ts
 * await using sink = new KafkaSink({ topic: 'orders', key: 'customer' });
 * const { partition, offset } = await sink.send({ id: 7, customer: 'c-1' });
 * ```
 */
export class KafkaSink<Value = unknown> {
  readonly #settings: RowSinkSettings;
  readonly #io: RowSinkIo;
  readonly #buffer: SinkBuffer;
  readonly #generations = new Generations();
  readonly #counts = { sent: 0, delivered: 0, failed: 0 };
  #opening: Promise<Open> | undefined;
  #open: Open | undefined;
  #closing: Promise<void> | undefined;

  /** @throws MillraceError `INVALID_OPTION`. */
  constructor(options: RowSinkOptions<Value>, io: RowSinkIo = {}) {
    this.#settings = readRowSink(options as RowSinkOptions<never>, io.owner);
    this.#io = io;
    this.#buffer = new SinkBuffer(this.#settings.maxBufferBytes, this.#settings.maxBufferMessages);
  }

  /** The topic that it writes. */
  get topic(): string {
    return this.#settings.plan.topic;
  }

  /** Whether its option `key` says the key of a message that is sent without one. */
  get hasKey(): boolean {
    return this.#settings.key !== undefined;
  }

  /**
   * Connects. `send` and `sendBatch` do it where it was not done, and again where it failed.
   *
   * @throws MillraceError where there is no broker, or no such topic. `AUTHENTICATION_FAILED`,
   *   `TLS_FAILED` and `UNKNOWN_HOST` are final: every later call has the same error.
   */
  async start(): Promise<void> {
    await this.#opened();
  }

  /**
   * Sends one message; resolves when it is stored, with its place. Values are written by the
   * `codec`: json takes what `JSON.stringify` takes, and bigints; null is a tombstone.
   *
   * Nothing has to be awaited: messages of one partition leave in the order of the calls. Where
   * `maxBufferBytes` or `maxBufferMessages` wait already it waits for room first.
   *
   * @throws MillraceError `INVALID_OPTION` where value, key or partition is none; `OUT_OF_MEMORY`
   *   where too many wait for room, see `ready`; `MESSAGE_TOO_LARGE`; `PRODUCE_FAILED`.
   */
  send(value: Value, options: MessageOptions = {}): Promise<Delivery> {
    const open = this.#open;
    if (this.#closing !== undefined) return Promise.reject(closed(this.topic));
    if (open !== undefined) return open.sender.send(value, options);
    const sent = this.#sendWhenOpen(value, options);
    if (listenerOf(this.#settings, options) !== undefined) sent.catch(() => undefined);
    return sent;
  }

  /**
   * Sends many messages, waiting for room as needed; resolves with their places, in the order of
   * the rows, when all are stored. What is sent by later calls comes behind all of them. A record
   * batch is encoded by columns, without an object a row.
   *
   * @throws MillraceError as `send`, for the first that fails; the others are sent all the same,
   *   unless the batch as such cannot be sent. `INVALID_OPTION` for what is neither a list nor a
   *   record batch, and for options, which go with one message.
   */
  sendBatch(
    rows: readonly Value[] | RecordBatch,
    ...others: readonly undefined[]
  ): Promise<Delivery[]> {
    if (this.#closing !== undefined) return Promise.reject(closed(this.topic));
    const problem = notRows(rows) ?? optionsOfRows(others);
    if (problem !== undefined) return Promise.reject(problem);
    const sent = this.#sendBatch(rows);
    // Whoever listens need not look at the promise.
    if (this.#settings.onDelivery !== undefined) sent.catch(() => undefined);
    return sent;
  }

  /** Resolves when there is room for another message: what to await between many `send`s. */
  async ready(): Promise<void> {
    await this.#buffer.ready();
  }

  /** Sends what lingers; resolves when all that was sent so far is stored or has failed. */
  async flush(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const settled = () => this.#generations.settled();
    const pump = this.#open?.pump;
    await (pump === undefined ? settled() : pump.flush(settled));
  }

  /** Flushes, then disconnects; never rejects for messages that fail: their promises do. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** As `close`. */
  stop(): Promise<void> {
    return this.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The figures now; cheap. */
  stats(): RowSinkStats {
    const { bytes: bufferedBytes, messages: bufferedMessages } = this.#buffer;
    const { batches = 0, bytes = 0 } = this.#open?.topic ?? {};
    const figures = { ...this.#counts, bufferedMessages, bufferedBytes, batches, bytes };
    if (this.#open === undefined) return figures;
    const { name, version, copying } = this.#open.client;
    return { ...figures, client: { name, version, ...(copying !== undefined && { copying }) } };
  }

  #opened(): Promise<Open> {
    if (this.#closing !== undefined) return Promise.reject(closed(this.topic));
    this.#opening ??= this.#connect().catch((error: unknown) => {
      // The next call tries again: the broker may be there by then.
      if (!isFinalStart(error)) this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<Open> {
    const { plan, partitioner, lingerMs, maxBufferBytes } = this.#settings;
    const client =
      this.#io.client?.(plan.connection) ??
      createClient(plan.connection, { needs: [needsOf(plan)] });
    try {
      const topic = new TopicSink(plan, client, systemClock);
      const { partitions, maxBatchBytes } = await topic.start();
      const encoder = new RowEncoder(plan, maxBatchBytes, maxBufferBytes);
      const lanes = Array.from({ length: partitions }, (_, i) => {
        return new Lane(i, encoder);
      });
      const chooser = new PartitionChooser(partitioner, partitions);
      const dealer = new BatchDealer(this.#settings, encoder, partitions);
      const pump = new LanePump(lanes, lingerMs, {
        push: (batch) => topic.push(batch),
        batchClosed: (partition) => chooser.batchClosed(partition),
      });
      const [buffer, generations] = [this.#buffer, this.#generations];
      const parts = { settings: this.#settings, buffer, generations, counts: this.#counts };
      const growth = new TopicGrowth(async () => {
        const count = await topic.grow();
        while (lanes.length < count) {
          const lane = new Lane(lanes.length, encoder);
          lanes.push(lane);
          pump.add(lane);
        }
        chooser.partitions = count;
        dealer.partitions = count;
      });
      const sender = new RowSender({ ...parts, pump, chooser, dealer, growth });
      this.#open = { client, topic, pump, sender };
      return this.#open;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async #close(): Promise<void> {
    if (this.#opening === undefined) return;
    await this.flush();
    const open = this.#open;
    if (open === undefined) return;
    open.topic.close();
    await open.client.close();
  }

  async #sendWhenOpen(value: Value, options: MessageOptions): Promise<Delivery> {
    try {
      await this.#opened();
    } catch (error) {
      tell(listenerOf(this.#settings, options), MillraceError.from(error), undefined);
      throw error;
    }
    return await this.#open!.sender.send(value, options);
  }

  async #sendBatch(rows: readonly Value[] | RecordBatch): Promise<Delivery[]> {
    // From the call on: a flush or close waits for the rows, too, that wait for room by then.
    const generation = this.#generations.enter();
    let sent: readonly Promise<Delivery>[];
    try {
      // Where it is open already nothing may come between the call and its rows; else as `send`.
      const { sender } = this.#open ?? (await this.#opened());
      sent =
        rows instanceof RecordBatch
          ? await sender.sendColumns(rows, generation)
          : await sender.sendRows(rows, generation);
    } catch (error) {
      // The rows have deliveries from when they are under way; until then it is the start's error.
      const problem = MillraceError.from(error);
      const count = rows instanceof RecordBatch ? rows.numRows : rows.length;
      for (let row = 0; row < count; row++) tell(this.#settings.onDelivery, problem, undefined);
      throw error;
    } finally {
      this.#generations.leave(generation);
    }
    return await Promise.all(sent);
  }
}

function notRows(rows: unknown): MillraceError | undefined {
  if (Array.isArray(rows) || rows instanceof RecordBatch) return undefined;
  const wayOut =
    rows instanceof Table
      ? 'a table has several: for (const batch of table.batches) await sink.sendBatch(batch)'
      : 'give [value, …]; the topic is that of the sink, and keys come by its option key';
  const given = rows instanceof Table ? 'a table' : shownValue(rows, { depth: 0 });
  return new MillraceError(
    `sendBatch takes a list of values or a RecordBatch, not ${given}; ${wayOut}`,
    { code: 'INVALID_OPTION', context: { option: 'rows' } },
  );
}

// Types forbid them, JavaScript does not: a key that is given here would be lost.
function optionsOfRows([options]: readonly unknown[]): MillraceError | undefined {
  if (typeof options !== 'object' || options === null) return undefined;
  if (Object.keys(options).length === 0) return undefined;
  return new MillraceError(
    `rows take no options, such as ${shownValue(options, { depth: 0 })}; their keys come by the ` +
      "sink's option key, and by send(value, options) each has its own",
    { code: 'INVALID_OPTION', context: { option: 'options' } },
  );
}

function closed(topic: string): MillraceError {
  return new MillraceError(`the sink of topic "${topic}" is closed; make a new one`, {
    code: 'ABORTED',
    context: { topic },
  });
}
