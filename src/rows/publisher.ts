/** A sink of rows as those know it who publish and subscribe. */
import { RecordBatch, type TypeMap } from 'apache-arrow';
import { overlaid } from '../config/stream-options.ts';
import { OptionReader } from '../stream/option-reader.ts';
import { endConfig, toRowSinkOptions } from './configured.ts';
import { KafkaSink, type RowSinkIo, type RowSinkStats } from './kafka-sink.ts';
import type { Delivery, MessageOptions } from './record.ts';
import { ROW_SINK_NAMES, type RowSinkOptions } from './row-sink-options.ts';
import { checkName, topicOfUrl } from './topic-url.ts';

/** What `createPublisher` takes: a destination, and the options of a `KafkaSink`. */
export interface PublisherOptions<Value = unknown> extends Omit<RowSinkOptions<Value>, 'topic'> {
  /** `kafka://topic/<name>`. */
  readonly destination: string;
  /**
   * Options by the names that other clients have for them, as `configFrom` takes them, such as
   * `{ 'linger.ms': 5, 'compression.type': 'lz4' }`; those given by ours stand above them. A
   * reader's are refused; what is taken with a remark is a warning of the process.
   */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Publishes to one topic. */
export interface Publisher<Value = unknown> extends AsyncDisposable {
  readonly name: string;
  /** Connects; `publish` does it where it was not done. */
  start(): Promise<void>;
  /** Sends the rows of a record batch, which take no options; resolves when all are stored. */
  publish<T extends TypeMap>(batch: RecordBatch<T>): Promise<Delivery[]>;
  /** Sends one message; resolves when it is stored. */
  publish(message: Value, options?: MessageOptions): Promise<Delivery>;
  /** Resolves when all that was published so far is stored or has failed. */
  flush(): Promise<void>;
  /** Flushes, then disconnects. */
  stop(): Promise<void>;
  /** The figures now. */
  stats(): RowSinkStats;
}

/**
 * A publisher. `brokers` defaults to `localhost:9092`, `codec` to json, `clientId` to its name.
 *
 * @throws MillraceError `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const publisher = createPublisher('shop', { destination: 'kafka://topic/orders' });
 * await publisher.publish({ id: 7 });
 * await publisher.stop();
 * ```
 */
export function createPublisher<Value = unknown>(
  name: string,
  options: PublisherOptions<Value>,
  io?: RowSinkIo,
): Publisher<Value> {
  checkName(name, 'createPublisher');
  checkNames(options);
  const { destination, config = {}, ...rest } = options ?? {};
  const topic = topicOfUrl(destination, 'destination');
  const configured = toRowSinkOptions(endConfig('publisher', topic, config), { topic });
  const sink = new KafkaSink<Value>(overlaid('sink', { clientId: name, ...configured }, rest), {
    owner: 'createPublisher',
    ...io,
  });
  function publish<T extends TypeMap>(batch: RecordBatch<T>): Promise<Delivery[]>;
  function publish(message: Value, messageOptions?: MessageOptions): Promise<Delivery>;
  function publish(message: Value | RecordBatch, messageOptions?: MessageOptions) {
    if (message instanceof RecordBatch) {
      return sink.sendBatch(message, messageOptions as undefined);
    }
    return sink.send(message, messageOptions);
  }
  return {
    name,
    publish,
    start: () => sink.start(),
    flush: () => sink.flush(),
    stop: () => sink.close(),
    stats: () => sink.stats(),
    [Symbol.asyncDispose]: () => sink.close(),
  };
}

const NAMES = [...ROW_SINK_NAMES.filter((name) => name !== 'topic'), 'destination', 'config'];
const HINTS = {
  headers: 'here they go with each message: publish(value, { headers })',
  source: "a publisher writes: give destination: 'kafka://topic/<name>'",
  topic: "here it is destination: 'kafka://topic/<name>'",
  topics: "a publisher writes one topic: destination: 'kafka://topic/<name>'",
};

function checkNames(options: unknown): void {
  if (options !== undefined) new OptionReader('createPublisher', options, NAMES, HINTS);
}
