/** Values and rows to the lanes of an open sink, in the order of the calls, as there is room. */
import type { RecordBatch } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import type { BatchDealer, Piece } from './batch-dealer.ts';
import type { PartitionChooser } from './choose-partition.ts';
import { type Answer, answerWith, deliveryOf, type Place } from './delivery.ts';
import type { EncodedBatch } from './encoder.ts';
import type { Generation, Generations } from './generations.ts';
import type { Outgoing } from './lane.ts';
import type { LanePump } from './lane-pump.ts';
import { messageOf } from './message.ts';
import type { Delivery, DeliveryListener, MessageOptions } from './record.ts';
import type { RowSinkSettings } from './row-sink-options.ts';
import type { SinkBuffer, Waiting } from './sink-buffer.ts';
import type { TopicGrowth } from './topic-growth.ts';

/** What a sender works with. */
export interface SenderParts {
  readonly settings: RowSinkSettings;
  readonly buffer: SinkBuffer;
  readonly generations: Generations;
  readonly counts: { sent: number; delivered: number; failed: number };
  readonly pump: LanePump;
  readonly chooser: PartitionChooser;
  readonly dealer: BatchDealer;
  readonly growth: TopicGrowth;
}

/** The deliveries of a batch's rows, which go out piece by piece. */
interface Dealt {
  readonly deliveries: Promise<Delivery>[];
  /** Of the call that sends them. */
  readonly since: Generation;
}

const NO_OPTIONS: MessageOptions = Object.freeze({});

/** How a message goes. */
interface Way {
  /** Default: the generation that is now. */
  readonly since?: Generation | undefined;
  /** Of the topic; default as many as are known. */
  readonly partitions?: number;
  place(message: Waiting): void;
}

/** Sends to one topic. What is called first comes first, within each partition. */
export class RowSender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    parts.buffer.onFull = () => parts.pump.hurry();
  }

  /** Sends one message: the promise is all that tells of it, with the listener. */
  send(value: unknown, options: MessageOptions): Promise<Delivery> {
    const { growth, chooser } = this.#parts;
    growth.keepUp();
    const named: unknown = options?.partition;
    const isNew = Number.isInteger(named) && (named as number) >= chooser.partitions;
    const learned = isNew ? growth.learn() : undefined;
    if (learned === undefined) return this.#enter(value, options);
    return this.#enterBehind(learned, value, options);
  }

  /** Sends values, each as there is room; resolves when all are under way. */
  async sendRows(rows: readonly unknown[], since: Generation): Promise<Promise<Delivery>[]> {
    const deliveries: Promise<Delivery>[] = [];
    const { growth, chooser, buffer } = this.#parts;
    growth.keepUp();
    // Messages of one key stay together, whatever partitions there are when their turn comes.
    const { partitions } = chooser;
    const fed = Promise.withResolvers<void>();
    let made: Waiting | undefined;
    const place = (message: Waiting) => {
      made = message;
    };
    const way = { since, partitions, place };
    // Stands in the line for all rows, one behind the other: nothing is made for each.
    const row = {
      bytes: 0,
      admit: () => {
        made!.admit();
        return next();
      },
    };
    const next = (): Waiting | undefined => {
      while (deliveries.length < rows.length) {
        made = undefined;
        const delivery = this.#make(rows[deliveries.length], NO_OPTIONS, way);
        // Looked at later, all together; until then a failure is not unhandled.
        delivery.catch(ignored);
        deliveries.push(delivery);
        row.bytes = bytesOf(made);
        if (made !== undefined) return row;
      }
      fed.resolve();
      return undefined;
    };
    const first = next();
    if (first !== undefined) buffer.feed(first);
    await fed.promise;
    return deliveries;
  }

  /** Sends the rows of a record batch, by pieces; resolves when all are under way. */
  async sendColumns(batch: RecordBatch, since: Generation): Promise<Promise<Delivery>[]> {
    const deliveries = new Array<Promise<Delivery>>(batch.numRows);
    if (batch.numRows === 0) return deliveries;
    this.#parts.growth.keepUp();
    const pieces = this.#parts.dealer.deal(batch);
    const dealt = { deliveries, since };
    const fed = Promise.withResolvers<void>();
    let left = batch.numRows;
    // How many bytes a piece has is known when it is encoded: any room will do.
    const piece: Waiting = {
      bytes: 1,
      admit: () => {
        left -= this.#sendPiece(pieces, dealt);
        if (left > 0) return piece;
        fed.resolve();
        return undefined;
      },
    };
    this.#parts.buffer.feed(piece);
    await fed.promise;
    return deliveries;
  }

  #enter(value: unknown, options: MessageOptions, since?: Generation): Promise<Delivery> {
    const { buffer } = this.#parts;
    return this.#make(value, options, { since, place: (message) => buffer.enter(message) });
  }

  #enterBehind(learned: Promise<void>, value: unknown, options: MessageOptions): Promise<Delivery> {
    const { settings, generations } = this.#parts;
    // A flush waits for it from the call on.
    const generation = generations.enter();
    const sent = learned.then(() => {
      const delivery = this.#enter(value, options, generation);
      generations.leave(generation);
      return delivery;
    });
    if (listenerOf(settings, options) !== undefined) sent.catch(ignored);
    return sent;
  }

  // Makes a message and gives it to `place`.
  #make(value: unknown, options: MessageOptions, way: Way): Promise<Delivery> {
    const { settings, buffer, generations, counts, chooser, pump } = this.#parts;
    const delivered = Promise.withResolvers<Delivery>();
    const onDelivery = listenerOf(settings, options);
    const answer = { ...delivered, onDelivery };
    // Whoever listens need not look at the promise.
    if (onDelivery !== undefined) delivered.promise.catch(ignored);
    const generation = generations.enter(1, way.since);
    counts.sent += 1;
    try {
      const message = messageOf(settings, value, options);
      const partition = chooser.choose(value, message.key, options.partition, way.partitions);
      const { byteLength, timestampMs } = message;
      const settle = (error: MillraceError | undefined, stored: Place['stored'], index: number) => {
        this.#settle(answer, error, error ? undefined : { partition, timestampMs, stored, index });
        this.#leave(generation, byteLength, 1);
      };
      const admit = () => {
        buffer.take(byteLength, 1);
        pump.pushMessage(partition, { message, settle });
        return undefined;
      };
      way.place({ bytes: byteLength, admit });
    } catch (error) {
      // What throws besides errors of ours is the caller's function for key or partition.
      this.#settle(answer, MillraceError.from(error, 'CONSUMER_FAILED'), undefined);
      generations.leave(generation);
    }
    return delivered.promise;
  }

  // Sends the next piece, and answers how many rows it has; all that are left where the batch as
  // such cannot be sent.
  #sendPiece(pieces: Generator<Piece>, dealt: Dealt): number {
    const { deliveries } = dealt;
    let piece: Piece;
    try {
      piece = pieces.next().value as Piece;
    } catch (error) {
      const problem = MillraceError.from(error);
      let refused = 0;
      for (let row = 0; row < deliveries.length; row++) {
        if (deliveries[row] !== undefined) continue;
        this.#refuse(row, problem, dealt);
        refused += 1;
      }
      return refused;
    }
    const { first, rows, encoded, refused } = piece;
    for (const [row, problem] of refused) this.#refuse(first + row, problem, dealt);
    for (const batch of encoded) this.#sendEncoded(batch, first, dealt);
    return rows;
  }

  #refuse(row: number, problem: MillraceError, { deliveries }: Dealt): void {
    this.#parts.counts.sent += 1;
    const answer = this.#answer(deliveries, row);
    this.#settle(answer, problem, undefined);
  }

  #sendEncoded(batch: EncodedBatch, first: number, { deliveries, since }: Dealt): void {
    const { partition, records } = batch;
    const { generations, counts, buffer, pump } = this.#parts;
    const generation = generations.enter(records, since);
    const timestampMs = Date.now();
    const answers = Array.from(batch.rows, (row) => this.#answer(deliveries, first + row));
    counts.sent += records;
    buffer.take(batch.bytes.length, records);
    const settle: Outgoing['settle'] = (error, stored) => {
      for (const [index, answer] of answers.entries()) {
        this.#settle(answer, error, error ? undefined : { partition, timestampMs, stored, index });
      }
      this.#leave(generation, batch.bytes.length, records);
    };
    pump.pushBatch({ batch, settle });
  }

  #answer(deliveries: Promise<Delivery>[], row: number): Answer {
    const delivered = Promise.withResolvers<Delivery>();
    delivered.promise.catch(ignored);
    deliveries[row] = delivered.promise;
    return { ...delivered, onDelivery: this.#parts.settings.onDelivery };
  }

  #settle(answer: Answer, error: MillraceError | undefined, place: Place | undefined): void {
    const { counts, settings } = this.#parts;
    counts[error === undefined ? 'delivered' : 'failed'] += 1;
    answerWith(answer, error, place && deliveryOf(settings.plan.topic, place));
  }

  #leave(generation: Generation, bytes: number, messages: number): void {
    this.#parts.generations.leave(generation, messages);
    this.#parts.buffer.leave(bytes, messages);
  }
}

/** Who is told of a message: its own listener, or else the sink's. */
export function listenerOf(
  settings: Pick<RowSinkSettings, 'onDelivery'>,
  options: MessageOptions,
): DeliveryListener | undefined {
  // What is no function, or no object, is refused when the message is made.
  const own: unknown = options?.onDelivery;
  return typeof own === 'function' ? (own as DeliveryListener) : settings.onDelivery;
}

// What a call has assigned, which TypeScript does not see.
function bytesOf(made: Waiting | undefined): number {
  return made?.bytes ?? 0;
}

function ignored(): void {}
