/** What it means that a batch was not taken: whether it may be sent again, and its error. */
import { MillraceError } from '../errors.ts';
import type { KafkaSinkPlan } from '../plan.ts';
import type { ProduceResult } from './client.ts';

/** What came of an attempt that did not succeed. Without both, the answer left the batch out. */
export interface ProduceFailure {
  /** The broker's refusal. */
  readonly result: ProduceResult | undefined;
  /** Why there is no answer. */
  readonly problem: MillraceError | undefined;
}

/** What the attempts to write one batch have come to. */
export interface Attempts {
  /** How many have failed. */
  readonly failures: number;
  /** Since the first was begun. */
  readonly elapsedMs: number;
  /** The batch may be stored all the same. */
  readonly inDoubt: boolean;
}

/** What bounds them. */
export type DeliveryLimits = Pick<KafkaSinkPlan, 'retries' | 'deliveryTimeoutMs'>;

/** Refusals of Kafka that pass. */
const PASSING = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
  'THROTTLING_QUOTA_EXCEEDED',
]);
/** The broker no longer knows what we wrote before: go on as a new producer. */
const FORGOTTEN = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID']);
/** Ends the batch, but does not say that it was not stored; nor does a refusal that passes. */
const UNKNOWN = 'UNKNOWN_SERVER_ERROR';

/** Whether the broker takes no more batches of this producer's identity. */
export function isForgotten({ result, problem }: ProduceFailure): boolean {
  return problem === undefined && FORGOTTEN.has(result?.error ?? '');
}

/** Whether the batch may be stored although the attempt failed. */
export function mayBeStored({ result, problem }: ProduceFailure): boolean {
  const name = result?.error;
  return problem !== undefined || name === undefined || PASSING.has(name) || name === UNKNOWN;
}

/** Whether another attempt would fail as this one did. */
export function isFinal(failure: ProduceFailure): boolean {
  const { result, problem } = failure;
  if (problem !== undefined) return problem.retry === 'never';
  const name = result?.error;
  return name !== undefined && !PASSING.has(name) && !isForgotten(failure);
}

/** The option that forbids another attempt; `undefined`: the batch may be sent again. */
export function reachedLimit(
  { retries, deliveryTimeoutMs }: DeliveryLimits,
  { failures, elapsedMs }: Attempts,
): keyof DeliveryLimits | undefined {
  if (retries !== undefined && failures > retries) return 'retries';
  return elapsedMs >= deliveryTimeoutMs ? 'deliveryTimeoutMs' : undefined;
}

/**
 * The error that a batch is given up with.
 *
 * @param limit the option for which it is not sent again, where it is for one.
 */
export function refusalOf(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { result, problem }: Partial<ProduceFailure>,
  attempts: Attempts,
  limits: DeliveryLimits,
  limit?: keyof DeliveryLimits,
): MillraceError {
  const why = result?.error ?? problem?.message ?? 'the run ended';
  const said = result?.errorMessage ? ` (${result.errorMessage})` : '';
  const wayOut = limit === undefined ? '' : `; ${wayOutOf(limit, attempts, limits)}`;
  return new MillraceError(`${topic}-${partition} did not take a batch: ${why}${said}${wayOut}`, {
    code: 'PRODUCE_FAILED',
    context: {
      topic,
      partition,
      kafkaError: result?.error ?? '',
      ...(limit && { option: limit, attempts: attempts.failures, mayBeStored: attempts.inDoubt }),
    },
    ...(problem && { cause: problem }),
  });
}

function wayOutOf(
  limit: keyof DeliveryLimits,
  { failures, inDoubt }: Attempts,
  limits: DeliveryLimits,
): string {
  const sent = `it was sent ${failures === 1 ? 'once' : `${failures} times`}`;
  const fate = inDoubt ? `${sent} and may be stored all the same` : sent;
  const ends = `${fate}, and ${limit} ${limits[limit]} allows no further attempt`;
  if (limit === 'deliveryTimeoutMs') return `${ends}; see to the brokers, or raise it`;
  return `${ends}; raise it, or leave it out, and deliveryTimeoutMs alone bounds the attempts`;
}
