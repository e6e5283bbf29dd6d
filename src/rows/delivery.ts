/** What became of a message, as its sender is told. */
import { MillraceError } from '../errors.ts';
import type { StoredBatch } from '../ingest/sink.ts';
import type { Delivery, DeliveryListener } from './record.ts';

/** Who waits to hear of a message. */
export interface Answer {
  resolve(delivery: Delivery): void;
  reject(error: unknown): void;
  readonly onDelivery: DeliveryListener | undefined;
}

/** Where a message was stored. */
export interface Place {
  readonly partition: number;
  readonly timestampMs: number;
  readonly stored: StoredBatch | undefined;
  /** Of the message in its batch, from 0. */
  readonly index: number;
}

/** The place as the sender sees it. */
export function deliveryOf(
  topic: string,
  { partition, timestampMs, stored, index }: Place,
): Delivery {
  const { baseOffset = -1n, logAppendTimeMs = -1n } = stored ?? {};
  return {
    topic,
    partition,
    offset: baseOffset < 0n ? -1n : baseOffset + BigInt(index),
    timestamp: logAppendTimeMs < 0n ? timestampMs : Number(logAppendTimeMs),
  };
}

/** Settles a message's promise, then tells its listener. */
export function answerWith(
  { resolve, reject, onDelivery }: Answer,
  error: MillraceError | undefined,
  delivery: Delivery | undefined,
): void {
  if (delivery === undefined) reject(error);
  else resolve(delivery);
  tell(onDelivery, error, delivery);
}

/** Tells a listener. What it throws is a warning: it is no business of the messages behind. */
export function tell(
  onDelivery: DeliveryListener | undefined,
  error: MillraceError | undefined,
  delivery: Delivery | undefined,
): void {
  try {
    onDelivery?.(error, delivery);
  } catch (thrown) {
    process.emitWarning(MillraceError.from(thrown, 'CONSUMER_FAILED'));
  }
}
