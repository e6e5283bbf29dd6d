import { describe, expect, test } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { explainPreset, PRESET_NAMES, PRESETS } from '../../src/config/presets.ts';
import { toSinkOptions, toSourceOptions } from '../../src/config/stream-options.ts';
import { Stream } from '../../src/index.ts';
import { RETRY_DELAY_MAX_MS, retryDelayMs } from '../../src/ingest/clients/retry.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';

const schema = { id: 'int64' } as const;

describe.each(PRESET_NAMES)('%s', (name) => {
  test('is explained option by option', () => {
    const { summary, settings } = explainPreset(name);
    expect(summary).toMatch(/^[A-Z].*\.$/);
    expect(settings.length).toBeGreaterThan(4);
    expect(settings.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
    const { connection, source, sink, run } = configFrom({ preset: name });
    for (const { option, value } of settings) {
      const [section, ...path] = option.split('.');
      const all: Readonly<Record<string, unknown>> = { connection, source, sink, run };
      const found = path.reduce<unknown>((at, key) => (at as never)[key], all[section!]);
      expect(found, option).toEqual(value);
    }
  });

  test('is taken by both ends of a stream, spread out or by a configuration', () => {
    const { connection, source, sink, run } = PRESETS[name];
    const spread = Stream.fromKafka({
      ...connection,
      ...run,
      ...source,
      topic: 'in',
      schema,
    }).toKafka({ ...sink, topic: 'out' });
    const configured = Stream.fromKafka(
      toSourceOptions({ preset: name }, { topic: 'in', schema }),
    ).toKafka(toSinkOptions({ preset: name }, { topic: 'out' }));
    expect(configured.plan).toEqual(spread.plan);
    expect(Object.isFrozen(source)).toBe(true);
  });
});

test('throughput trades durability for speed, and waits for more at once', () => {
  const { source, sink, run } = PRESETS.throughput;
  expect(sink).toEqual({ acks: 1, compression: 'lz4', lingerMs: 10 });
  expect(source.fetch).toEqual({ minBytes: 100_000, maxBytes: 52_428_800, maxWaitMs: 100 });
  expect(source.group).toEqual({ sessionTimeoutMs: 45_000, heartbeatIntervalMs: 3_000 });
  expect(run).toEqual({ maxInFlightBytes: 268_435_456 });
});

test('lowLatency waits for nothing', () => {
  expect(PRESETS.lowLatency.sink).toEqual({ acks: 1, compression: 'none', lingerMs: 0 });
  expect(PRESETS.lowLatency.source.batch).toEqual({ maxRows: 8_192, maxWaitMs: 0 });
});

test('durable and production lose nothing', () => {
  for (const { source, sink } of [PRESETS.durable, PRESETS.production]) {
    expect(sink).toMatchObject({ acks: 'all', idempotent: true });
    expect(source).toMatchObject({ isolation: 'read_committed', offsetReset: 'earliest' });
  }
  expect(PRESETS.production.connection.ssl).toBe(true);
});

test('durable tries a batch for as long as its retries last', () => {
  const { connection, sink } = PRESETS.durable;
  const options = resolveConnectionOptions(connection);
  let pausesMs = 0;
  for (let retry = 0; retry < options.retries; retry++) {
    pausesMs += retryDelayMs(options.retryDelayMs, retry);
  }
  expect(sink.deliveryTimeoutMs - pausesMs).toBeGreaterThan(0);
  expect(sink.deliveryTimeoutMs - pausesMs).toBeLessThan(RETRY_DELAY_MAX_MS);
});

test('a name without humps is explained as the preset that it means', () => {
  expect(explainPreset('low_latency' as never)).toEqual(explainPreset('lowLatency'));
  expect(explainPreset('low_latency' as never).name).toBe('lowLatency');
});

test('those for production wait for brokers that start at the same time', () => {
  for (const name of ['durable', 'production'] as const) {
    expect(resolveConnectionOptions(PRESETS[name].connection).bootstrapTimeoutMs).toBe(60_000);
  }
  expect(configFrom({ preset: 'durable', bootstrapTimeoutMs: 5_000 }).connection).toMatchObject({
    bootstrapTimeoutMs: 5_000,
  });
});

test('an unknown name is an error that names the nearest', () => {
  expect(() => explainPreset('troughput' as never)).toThrow(
    "the configuration: there is no preset 'troughput'; did you mean 'throughput'?",
  );
  expect(() => configFrom({ preset: ['durable'] })).toThrow(
    "configFrom: preset is [ 'durable' ]; give one of throughput, lowLatency, durable, production",
  );
});
