/** A topic to which messages are sent one by one, or by the batch. */
import { inspect } from 'node:util';
import { RecordBatch, Table } from 'apache-arrow';
import { systemClock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { ConnectionOptions, KafkaClient } from '../ingest/client.ts';
import { createClient } from '../ingest/clients/choose.ts';
import { needsOf } from '../ingest/clients/needs.ts';
import { KafkaSink as TopicSink } from '../ingest/sink.ts';
import { BatchDealer } from './batch-dealer.ts';
import { PartitionChooser } from './choose-partition.ts';
import { type Answer, answerWith, deliveryOf, type Place, tell } from './delivery.ts';
import { type EncodedBatch, RowEncoder } from './encoder.ts';
import { type Generation, Generations } from './generations.ts';
import { Lane, type Outgoing } from './lane.ts';
import { LanePump } from './lane-pump.ts';
import { messageOf } from './message.ts';
import type { Delivery, DeliveryListener, MessageOptions } from './record.ts';
import { type RowSinkOptions, type RowSinkSettings, readRowSink } from './row-sink-options.ts';
import { SinkBuffer } from './sink-buffer.ts';

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
  readonly client?: { readonly name: string; readonly version: string };
}

/** What a sink is given beside its options. */
export interface RowSinkIo {
  /** Makes the client; default as `options.client` says. For tests. */
  readonly client?: (options: ConnectionOptions) => KafkaClient;
  /** What takes the options, as errors name it; default `KafkaSink`. */
  readonly owner?: string;
}

/** Where the deliveries of some encoded rows go. */
interface Dealt {
  /** Number of their first row. */
  readonly first: number;
  readonly deliveries: Promise<Delivery>[];
  /** Of the call that sends them. */
  readonly since: Generation;
}

interface Open {
  readonly client: KafkaClient;
  readonly topic: TopicSink;
  readonly pump: LanePump;
  readonly chooser: PartitionChooser;
  readonly dealer: BatchDealer;
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

  /**
   * Connects. `send` and `sendBatch` do it where it was not done.
   *
   * @throws MillraceError where there is no broker, or no such topic.
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
    if (open !== undefined) return this.#send(open, value, options);
    const sent = this.#sendWhenOpen(value, options);
    if (this.#listener(options) !== undefined) sent.catch(() => undefined);
    return sent;
  }

  /**
   * Sends many messages, waiting for room as needed; resolves with their places, in the order of
   * the rows, when all are stored. A record batch is encoded by columns, without an object a row.
   *
   * @throws MillraceError as `send`, for the first that fails; the others are sent all the same.
   *   `INVALID_OPTION` for what is neither a list nor a record batch.
   */
  async sendBatch(rows: readonly Value[] | RecordBatch): Promise<Delivery[]> {
    if (this.#closing !== undefined) throw closed(this.topic);
    checkRows(rows);
    // From the call on: a flush or close waits for the rows, too, that wait for room by then.
    const generation = this.#generations.enter();
    let sent: readonly Promise<Delivery>[];
    try {
      const open = await this.#opened();
      sent =
        rows instanceof RecordBatch
          ? await this.#sendColumns(open, rows, generation)
          : await this.#sendRows(open, rows, generation);
    } finally {
      this.#generations.leave(generation);
    }
    return await Promise.all(sent);
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
    const { name, version } = this.#open.client;
    return { ...figures, client: { name, version } };
  }

  #opened(): Promise<Open> {
    if (this.#closing !== undefined) return Promise.reject(closed(this.topic));
    this.#opening ??= this.#connect().catch((error: unknown) => {
      // The next call tries again: the broker may be there by then.
      this.#opening = undefined;
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
      this.#open = { client, topic, pump, chooser, dealer };
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
      tell(this.#listener(options), MillraceError.from(error), undefined);
      throw error;
    }
    return await this.#send(this.#open!, value, options);
  }

  #listener(options: MessageOptions): DeliveryListener | undefined {
    // What is no function, or no object, is refused when the message is made.
    const own: unknown = options?.onDelivery;
    return typeof own === 'function' ? (own as DeliveryListener) : this.#settings.onDelivery;
  }

  async #sendRows(
    open: Open,
    rows: readonly Value[],
    generation: Generation,
  ): Promise<Promise<Delivery>[]> {
    const deliveries: Promise<Delivery>[] = [];
    for (const value of rows) {
      if (!this.#buffer.hasRoom) await this.#buffer.ready();
      const delivery = this.#send(open, value, {}, generation);
      // Looked at later, all together; until then a failure is not unhandled.
      delivery.catch(() => undefined);
      deliveries.push(delivery);
    }
    return deliveries;
  }

  #send(open: Open, value: Value, options: MessageOptions, since?: Generation): Promise<Delivery> {
    const delivered = Promise.withResolvers<Delivery>();
    const onDelivery = this.#listener(options);
    const answer = { ...delivered, onDelivery };
    // Whoever listens need not look at the promise.
    if (onDelivery !== undefined) delivered.promise.catch(() => undefined);
    const generation = this.#generations.enter(1, since);
    this.#counts.sent += 1;
    try {
      const message = messageOf(this.#settings, value, options);
      const partition = open.chooser.choose(value, message.key, options.partition);
      const { byteLength, timestampMs } = message;
      this.#buffer.enter(byteLength, () => {
        open.pump.pushMessage(partition, {
          message,
          settle: (error, stored, index) => {
            this.#settle(
              answer,
              error,
              error ? undefined : { partition, timestampMs, stored, index },
            );
            this.#leave(generation, byteLength, 1);
          },
        });
      });
      if (!this.#buffer.hasRoom) open.pump.hurry();
    } catch (error) {
      // What throws besides errors of ours is the caller's function for key or partition.
      this.#settle(answer, MillraceError.from(error, 'CONSUMER_FAILED'), undefined);
      this.#generations.leave(generation);
    }
    return delivered.promise;
  }

  async #sendColumns(
    open: Open,
    batch: RecordBatch,
    since: Generation,
  ): Promise<Promise<Delivery>[]> {
    const deliveries = new Array<Promise<Delivery>>(batch.numRows);
    for (const { first, encoded } of open.dealer.deal(batch)) {
      for (const part of encoded) this.#sendEncoded(open, part, { first, deliveries, since });
      if (!this.#buffer.hasRoom) await this.#buffer.ready();
    }
    return deliveries;
  }

  #sendEncoded(open: Open, batch: EncodedBatch, { first, deliveries, since }: Dealt): void {
    const { partition, records } = batch;
    const generation = this.#generations.enter(records, since);
    const timestampMs = Date.now();
    const { onDelivery } = this.#settings;
    const answers = Array.from(batch.rows, (row) => {
      const delivered = Promise.withResolvers<Delivery>();
      delivered.promise.catch(() => undefined);
      deliveries[first + row] = delivered.promise;
      return { ...delivered, onDelivery };
    });
    this.#counts.sent += records;
    this.#buffer.take(batch.bytes.length, records);
    const settle: Outgoing['settle'] = (error, stored) => {
      for (const [index, answer] of answers.entries()) {
        this.#settle(answer, error, error ? undefined : { partition, timestampMs, stored, index });
      }
      this.#leave(generation, batch.bytes.length, records);
    };
    open.pump.pushBatch({ batch, settle });
  }

  #settle(answer: Answer, error: MillraceError | undefined, place: Place | undefined): void {
    this.#counts[error === undefined ? 'delivered' : 'failed'] += 1;
    answerWith(answer, error, place && deliveryOf(this.topic, place));
  }

  #leave(generation: Generation, bytes: number, messages: number): void {
    this.#generations.leave(generation, messages);
    this.#buffer.leave(bytes, messages);
  }
}

function checkRows(rows: unknown): void {
  if (Array.isArray(rows) || rows instanceof RecordBatch) return;
  const wayOut =
    rows instanceof Table
      ? 'a table has several: for (const batch of table.batches) await sink.sendBatch(batch)'
      : 'give [value, …]; the topic is that of the sink, and keys come by its option key';
  const given = rows instanceof Table ? 'a table' : inspect(rows, { depth: 0 });
  throw new MillraceError(
    `sendBatch takes a list of values or a RecordBatch, not ${given}; ${wayOut}`,
    { code: 'INVALID_OPTION', context: { option: 'rows' } },
  );
}

function closed(topic: string): MillraceError {
  return new MillraceError(`the sink of topic "${topic}" is closed; make a new one`, {
    code: 'ABORTED',
    context: { topic },
  });
}
