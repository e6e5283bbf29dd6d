import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suite as clients } from '../../bench/clients.ts';
import { suite as ingest } from '../../bench/ingest.ts';
import { suite as latency } from '../../bench/latency.ts';
import { suite as mainJob } from '../../bench/main-job.ts';
import { suite as presets } from '../../bench/presets.ts';
import { suite as produce } from '../../bench/produce.ts';
import type { Measurement, Suite } from '../../bench/suite.ts';
import { sharedBrokers } from './cluster.ts';

const outside = process.env.KAFKA_BROKERS;

// Suites start a broker of their own, unless they are told of one.
beforeAll(() => {
  process.env.KAFKA_BROKERS = sharedBrokers().join(',');
});

afterAll(() => {
  if (outside === undefined) delete process.env.KAFKA_BROKERS;
  else process.env.KAFKA_BROKERS = outside;
});

async function run(suite: Suite, options: { soak?: boolean } = {}): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  await suite.run({ small: true, ...options, report: (figure) => measurements.push(figure) });
  for (const { engine, messages, messagesPerSecond, settings } of measurements) {
    expect(messages, engine).toBeGreaterThan(0);
    expect(messagesPerSecond, engine).toBeGreaterThan(0);
    expect(settings.rssPeakMiB, engine).toBeGreaterThan(0);
    expect(settings).toMatchObject({ node: process.version, partitions: 4 });
  }
  return measurements;
}

const hashes = (measurements: Measurement[]) => new Set(measurements.map((m) => m.resultHash));

// The suites themselves fail where two engines made different things of the same messages.
describe('the broker suites run in their small size', () => {
  test('ingest', async () => {
    const measurements = await run(ingest);
    expect(measurements.map(({ case: name, engine }) => [name, engine])).toEqual([
      ['order, rivals make objects', 'millrace'],
      ['order, rivals make objects', 'kafkajs'],
      ['order, rivals make objects', 'platformatic'],
      ['order, rivals make Arrow columns', 'millrace'],
      ['order, rivals make Arrow columns', 'platformatic'],
    ]);
    expect(hashes(measurements).size).toBe(1);
  });

  test('produce', async () => {
    const measurements = await run(produce);
    expect(measurements).toHaveLength(6);
    expect(hashes(measurements).size).toBe(1);
  });

  test('main-job', async () => {
    const measurements = await run(mainJob);
    expect(measurements).toHaveLength(6);
    // Two cases, of which each keeps other messages.
    expect(hashes(measurements).size).toBe(2);
  });

  test('clients', async () => {
    const measurements = await run(clients);
    const engines = [
      'millrace on platformatic',
      'millrace on kafkajs',
      'millrace on kafkajs 2.1.0, which copies',
    ];
    expect(measurements.map(({ engine }) => engine)).toEqual([...engines, ...engines, ...engines]);
    // Three cases, of which each makes something else of the messages.
    expect(hashes(measurements).size).toBe(3);
  });

  test('presets', async () => {
    const measurements = await run(presets);
    const cases = Map.groupBy(measurements, (measurement) => measurement.case);
    expect([...cases.values()].map((figures) => figures.length)).toEqual([3, 4, 4, 2]);
    for (const figures of cases.values()) {
      expect(hashes(figures).size).toBe(1);
      expect(new Set(figures.map(({ engine }) => engine)).size).toBe(figures.length);
    }
    const [plain, low] = measurements.slice(-2);
    expect(plain?.settings.p50Ms).toBeGreaterThan(0);
    expect(low?.settings.config).toBe('{"preset":"lowLatency"}');
  });

  test('the soak of main-job', async () => {
    const [soak] = await run(mainJob, { soak: true });
    expect(soak?.case).toBe('soak');
    expect(soak?.settings.rssMostMiB).toBeGreaterThan(0);
  });

  test('latency', async () => {
    const [figure] = await run(latency);
    const { p50Ms, p99Ms, maxMs } = figure!.settings;
    expect(p50Ms).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms as number);
    expect(maxMs).toBeGreaterThanOrEqual(p99Ms as number);
  });
});
