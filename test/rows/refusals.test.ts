import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { toSinkOptions, toSourceOptions } from '../../src/config/stream-options.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import { pipe } from '../../src/rows/pipe.ts';
import { createPublisher } from '../../src/rows/publisher.ts';
import { createSubscriber } from '../../src/rows/subscriber.ts';

const brokers = '127.0.0.1:1';
const source = () => new KafkaSource({ brokers, topic: 'a' });
const sink = () => new KafkaSink({ brokers, topic: 'b' });

// What the types forbid, JavaScript does.
const loosely = (call: unknown) => call as (...given: unknown[]) => unknown;

describe('what cannot be meant is refused', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a pipe without function', () => loosely(pipe)(source(), sink()), /second is no function/],
    ['a pipe back to front', () => loosely(pipe)(sink(), String, source()), /no KafkaSource/],
    ['a pipe into nothing', () => loosely(pipe)(source(), String), /third is no KafkaSink/],
    ['a publisher of nothing', () => loosely(createPublisher)('shop'), /^destination is undefined/],
    ['a subscriber of nothing', () => loosely(createSubscriber)('shop'), /^source is undefined/],
    [
      'another time limit',
      () => loosely(source().poll.bind(source()))({ timeout: 5 }),
      /timeoutMs/,
    ],
    ['another file', () => loosely(loadConfig)({ files: 'x' }), /did you mean 'file'/],
    ['no configuration', () => loosely(toSourceOptions)(), /give what loadConfig/],
    ['none for a sink', () => loosely(toSinkOptions)(null), /give what loadConfig/],
  ])('%s', async (_, call, message) => {
    await expect(async () => call()).rejects.toThrow(message);
    await expect(async () => call()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});
