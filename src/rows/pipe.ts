/** Consume, transform, produce: message by message, and committed only behind the output. */
import { MillraceError } from '../errors.ts';
import { OptionReader } from '../stream/option-reader.ts';
import { KafkaSink } from './kafka-sink.ts';
import { KafkaSource, type SourceReading } from './kafka-source.ts';
import type { KafkaRecord } from './record.ts';

/**
 * What a transform answers: a value to send, or something falsy, which sends nothing, unless it is
 * the very value that was read.
 */
export type Transformed<Out> = Out | null | undefined | false | 0 | '';

/** What `pipe` takes besides. */
export interface PipeOptions {
  /** Aborting it is `source.stop()`. */
  readonly signal?: AbortSignal;
  /** Whether the headers that were read are passed on. Default false. */
  readonly headers?: boolean;
}

/** Figures of a pipe. */
export interface PipeStats {
  readonly read: number;
  /** Messages that the broker acknowledged. */
  readonly written: number;
  /** Messages for which the transform answered something falsy, and not their own value. */
  readonly dropped: number;
}

/**
 * Sends what `transform` makes of each message, with the time of the message that it was made from
 * and its key, or the one that the sink's option `key` says, until `source.stop()` or the source's
 * end; then flushes the sink, and resolves. The source is stopped then, the sink stays open for its
 * owner.
 *
 * Offsets are committed behind the acknowledgement of all that they led to, also with `autoCommit:
 * false`. A message for which `transform` answers something falsy sends nothing, and is committed
 * all the same; but the message's own value is passed on whatever it is, a null as a tombstone.
 * Where `transform` or a delivery fails nothing behind the last commit is committed: the next run
 * begins there.
 *
 * @throws MillraceError `INVALID_OPTION` where one of the three is something else;
 *   `CONSUMER_FAILED` with what `transform` threw as its `cause`; the error of
 *   a delivery; what the source failed with.
 *
 * @example
 * ```ts
 * process.once('SIGINT', () => source.stop());
 * await pipe(source, (order) => order.paid && shipmentOf(order), sink);
 * ```
 */
export async function pipe<In, Out>(
  source: KafkaSource<In>,
  transform: (value: In, record: KafkaRecord<In>) => Transformed<Out> | Promise<Transformed<Out>>,
  sink: KafkaSink<Out>,
  options: PipeOptions = {},
): Promise<PipeStats> {
  checkParts(source, transform, sink);
  const { signal, headers } = readOptions(options);
  const stop = () => void source.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    await sink.start();
    const outputs = new Outputs();
    // Nothing lingers at the end of a batch: its offsets wait for it.
    const reading = await source.read(async () => {
      await sink.flush();
      await outputs.settled();
    });
    return await run(reading, transform, sink, outputs, headers);
  } finally {
    signal?.removeEventListener('abort', stop);
    await source.stop();
  }
}

async function run<In, Out>(
  reading: SourceReading<In>,
  transform: (value: In, record: KafkaRecord<In>) => unknown,
  sink: KafkaSink<Out>,
  outputs: Outputs,
  withHeaders: boolean,
): Promise<PipeStats> {
  const counts = { read: 0, dropped: 0 };
  try {
    for (let record = await reading.next(); record; record = await reading.next()) {
      counts.read += 1;
      const made = await transformed(transform, record);
      if (!made && !Object.is(made, record.value)) {
        counts.dropped += 1;
        continue;
      }
      // Without room the pipe waits; it also ends at the first output that failed.
      await sink.ready();
      outputs.check();
      const { key, timestamp, headers } = record;
      outputs.add(
        sink.send(made as Out, {
          ...(!sink.hasKey && { key }),
          ...(timestamp >= 0 && { timestamp }),
          ...(withHeaders && { headers }),
        }),
      );
    }
    await sink.flush();
    await outputs.settled();
    await reading.close({ done: true });
    return { ...counts, written: outputs.written };
  } catch (error) {
    await reading.close({ done: false });
    await sink.flush();
    throw error;
  }
}

async function transformed<In>(
  transform: (value: In, record: KafkaRecord<In>) => unknown,
  record: KafkaRecord<In>,
): Promise<unknown> {
  try {
    const made = transform(record.value, record);
    return made instanceof Promise ? await made : made;
  } catch (error) {
    const { topic, partition, offset } = record;
    const { message } = MillraceError.from(error);
    throw new MillraceError(
      `the transform failed on ${topic}-${partition} offset ${offset}: ${message}`,
      { code: 'CONSUMER_FAILED', context: { topic, partition, offset }, cause: error },
    );
  }
}

/** The deliveries that are under way. */
class Outputs {
  written = 0;
  #underWay: Promise<unknown>[] = [];
  #failure: { readonly error: unknown } | undefined;

  add(delivery: Promise<unknown>): void {
    this.#underWay.push(
      delivery.then(
        () => {
          this.written += 1;
        },
        (error: unknown) => {
          this.#failure ??= { error };
        },
      ),
    );
  }

  /** Throws what a delivery failed with. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Resolves when all are delivered. */
  async settled(): Promise<void> {
    const underWay = this.#underWay;
    this.#underWay = [];
    await Promise.all(underWay);
    this.check();
  }
}

function readOptions(input: PipeOptions) {
  const options = new OptionReader('pipe', input, ['signal', 'headers']);
  const signal = options.raw('signal');
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw options.fault('signal', 'give an AbortSignal, such as controller.signal');
  }
  return { signal, headers: options.boolean('headers', false) };
}

function checkParts(source: unknown, transform: unknown, sink: unknown): void {
  const wrong =
    (!(source instanceof KafkaSource) && 'the first is no KafkaSource') ||
    (typeof transform !== 'function' && 'the second is no function') ||
    (!(sink instanceof KafkaSink) && 'the third is no KafkaSink');
  if (wrong === false) return;
  throw new MillraceError(`pipe takes a source, a function and a sink; ${wrong}`, {
    code: 'INVALID_OPTION',
  });
}
