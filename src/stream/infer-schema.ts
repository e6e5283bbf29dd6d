/** Schemas from messages: of topics, or of any list. */
import { systemClock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import { createClient } from '../ingest/clients/choose.ts';
import { needsOf } from '../ingest/clients/needs.ts';
import { inferTypes } from '../ingest/infer/infer-types.ts';
import { INFERENCE_DEFAULTS, type InferenceRules } from '../ingest/infer/rules.ts';
import { sampleTopics, type TopicSample } from '../ingest/infer/sample-topics.ts';
import { SchemaObserver } from '../ingest/infer/schema-observer.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import { InferredSchema } from './inferred-schema.ts';
import { OptionReader } from './option-reader.ts';
import { type KafkaSourceCommon, readKafkaSource } from './source-options.ts';

/** A message's value; null is a tombstone. Strings are UTF-8. */
export type MessageValue = Uint8Array | string | null;

/** How a schema is inferred. */
export interface InferenceOptions extends Partial<InferenceRules> {
  /** How many messages are looked at, at most. Default 1,000. */
  readonly messages?: number;
  /**
   * Of topics: the oldest messages of each partition, or the newest. Default `earliest`.
   */
  readonly from?: 'earliest' | 'latest';
  /** Ends the reading of a topic with `ABORTED`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_MESSAGES = 1_000;
const MAX_MESSAGES = 10_000_000;
/** Options of a source that say how its messages are decoded: they play no part here. */
const DECODING_NAMES = ['schema', 'codec', 'validate', 'unknown'];

/**
 * Infers the schema of JSON messages: from topics, which are read without a group and without a
 * commit, or from messages that the caller has. By the rules in docs/inference.md every message of
 * the sample decodes under the schema, but those that are no JSON objects at all.
 *
 * @param source what `Stream.fromKafka` takes without a schema (options of groups and of runs play
 *   no part), or messages: an array, or anything that can be iterated, which is left after the last
 *   message that is looked at.
 * @throws MillraceError `INFERENCE_FAILED` where there is no message, none that is a JSON object,
 *   or, with `conflicts: 'error'`, values of several kinds in one place; `INVALID_OPTION`;
 *   `UNKNOWN_TOPIC`, and whatever reading throws; `ABORTED`.
 *
 * @example
 * ```ts
 * const source = { brokers: 'kafka:9092', topic: 'orders' };
 * const { schema, notes } = await inferSchema(source, { timestamps: true });
 * const orders = Stream.fromKafka({ ...source, schema });
 * ```
 */
export async function inferSchema(
  source: KafkaSourceCommon | Iterable<MessageValue> | AsyncIterable<MessageValue>,
  options: InferenceOptions = {},
): Promise<InferredSchema> {
  const { rules, sample } = readOptions(options);
  if (typeof source !== 'object' || source === null) {
    throw new MillraceError(
      `inferSchema takes a topic or a list of messages, not ${typeof source}; ` +
        "give { topic: 'orders' }, or [message, …]",
      { code: 'INVALID_OPTION', context: { option: 'source' } },
    );
  }
  if (Symbol.iterator in source || Symbol.asyncIterator in source) {
    const observer = new SchemaObserver();
    await observeAll(source, observer, sample.messages);
    return conclude(observer, rules, 'the list');
  }
  const plan = planOf(source);
  return conclude(await observeTopics(plan, sample), rules, nameOf(plan));
}

function readOptions(input: InferenceOptions): {
  readonly rules: InferenceRules;
  readonly sample: TopicSample;
} {
  const names = [...Object.keys(INFERENCE_DEFAULTS), 'messages', 'from', 'signal'];
  const options = new OptionReader('inferSchema', input, names);
  const rules: InferenceRules = {
    integers: options.oneOf('integers', ['int64', 'smallest'], INFERENCE_DEFAULTS.integers),
    fractions: options.oneOf('fractions', ['float64', 'decimal'], INFERENCE_DEFAULTS.fractions),
    nullable: options.oneOf('nullable', ['observed', 'all'], INFERENCE_DEFAULTS.nullable),
    conflicts: options.oneOf('conflicts', ['json', 'error'], INFERENCE_DEFAULTS.conflicts),
    maps: options.oneOf('maps', ['guess', 'never'], INFERENCE_DEFAULTS.maps),
    timestamps: options.boolean('timestamps', INFERENCE_DEFAULTS.timestamps),
    numbers: options.boolean('numbers', INFERENCE_DEFAULTS.numbers),
    dictionaries: options.boolean('dictionaries', INFERENCE_DEFAULTS.dictionaries),
  };
  const signal = options.raw('signal');
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw options.fault('signal', 'give the signal of an AbortController');
  }
  const sample: TopicSample = {
    messages: options.integer('messages', [1, MAX_MESSAGES], DEFAULT_MESSAGES),
    from: options.oneOf('from', ['earliest', 'latest'], 'earliest'),
    signal,
  };
  return { rules, sample };
}

function planOf(source: KafkaSourceCommon): KafkaSourcePlan {
  const rest = Object.entries(source).filter(([name]) => !DECODING_NAMES.includes(name));
  return readKafkaSource({ ...Object.fromEntries(rest), codec: 'bytes' }, 'inferSchema').source;
}

function nameOf({ topics, pattern }: KafkaSourcePlan): string {
  const names = [...topics, ...(pattern === undefined ? [] : [String(pattern)])];
  return `${names.length === 1 ? 'the topic' : 'the topics'} ${names.join(', ')}`;
}

async function observeTopics(plan: KafkaSourcePlan, sample: TopicSample): Promise<SchemaObserver> {
  const client = createClient(plan.connection, { needs: [needsOf(plan)] });
  try {
    const observer = new SchemaObserver();
    await sampleTopics(plan, client, systemClock, observer, sample);
    return observer;
  } finally {
    const closed = client.close();
    // One that is still connecting closes when it has connected, or failed to.
    if (sample.signal?.aborted !== true) await closed;
    else closed.catch(() => undefined);
  }
}

async function observeAll(
  messages: Iterable<MessageValue> | AsyncIterable<MessageValue>,
  observer: SchemaObserver,
  most: number,
): Promise<void> {
  let taken = 0;
  // One by one: what an iterator gave may be as large as the sample allows.
  for await (const message of messages) {
    observer.observeMessages([bytesOf(message)]);
    taken += 1;
    if (taken === most) return;
  }
}

function bytesOf(message: unknown): Uint8Array | null {
  if (typeof message === 'string') return Buffer.from(message);
  if (message === null || message instanceof Uint8Array) return message;
  throw new MillraceError(
    `inferSchema takes messages as bytes, strings or null, not ${typeof message}; ` +
      'give the JSON text of each',
    { code: 'INVALID_OPTION', context: { option: 'messages' } },
  );
}

function conclude(observer: SchemaObserver, rules: InferenceRules, where: string): InferredSchema {
  const { observed, tombstones, rejected, rejects, root } = observer;
  if (observed === 0) throw nothingToInfer(where, { tombstones, rejected }, rejects[0]);
  const { schema, notes } = inferTypes(root, tombstones, rules);
  return new InferredSchema(schema, notes, observer);
}

function nothingToInfer(
  where: string,
  { tombstones, rejected }: { tombstones: number; rejected: number },
  first: { message: string; reason: string } | undefined,
): MillraceError {
  const context = { tombstones, rejected };
  const told = (problem: string) =>
    new MillraceError(`no schema can be inferred: ${problem}`, {
      code: 'INFERENCE_FAILED',
      context,
    });
  if (first !== undefined) {
    const many = rejected.toLocaleString('en');
    return told(
      `none of the ${many} messages of ${where} that were read is a JSON object ` +
        `(${first.message}: ${first.reason}); the codecs string and bytes need no schema`,
    );
  }
  if (tombstones > 0) return told(`${where} has nothing but messages without a value`);
  return told(`${where} has no message; write some first, or give the schema by hand`);
}
