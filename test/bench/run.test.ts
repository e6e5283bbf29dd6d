import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TYPED_VALUES } from '../../bench/data/typed-values.ts';
import { OPERATOR_CASES } from '../../bench/operators/cases.ts';
import type { Measurement } from '../../bench/suite.ts';

const script = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('--help lists the suites', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  expect(stdout).toContain(
    'Suites: decode, encode, types, operators, ingest, produce, main-job, morsel, udf, ' +
      'latency, clients, presets',
  );
});

test('an unknown suite is an error that names those there are', () => {
  const { status, stderr } = run('decod');
  expect(status).toBe(1);
  expect(stderr).toContain('there is no suite "decod"; there are: decode, encode, types');
});

/** The figures of a suite in its small size, by case. */
function measureSmall(suite: string): Map<string, Measurement[]> {
  const { status, stdout, stderr } = run(suite, '--json', '--small');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const lines = stdout.trim().split('\n');
  const measurements = lines.map((line) => JSON.parse(line) as Measurement);
  for (const { messagesPerSecond, settings } of measurements) {
    expect(messagesPerSecond).toBeGreaterThan(0);
    expect(settings.node).toBe(process.version);
  }
  return Map.groupBy(measurements, (measurement) => measurement.case);
}

test('decode: every workload and engine, with equal results', { timeout: 60_000 }, () => {
  const cases = measureSmall('decode');
  expect([...cases.keys()]).toEqual([
    ...['order', 'order-text', 'order-shuffled', 'nested', 'small', 'wide'],
  ]);
  for (const engines of cases.values()) {
    expect(engines.map(({ engine }) => engine)).toEqual([
      ...['millrace', 'JSON.parse', 'JSON.parse+arrow'],
    ]);
    expect(new Set(engines.map(({ resultHash }) => resultHash)).size).toBe(1);
    for (const { settings } of engines) expect(settings.threads).toBe(1);
  }
});

test('encode: both engines with equal results, and the cost of the frame', {
  timeout: 60_000,
}, () => {
  const cases = measureSmall('encode');
  const frames = ['crc32c', 'walk'];
  expect([...cases.keys()]).toEqual(['order', 'order-text', 'nested', 'small', ...frames]);
  for (const [name, engines] of cases) {
    const labels = frames.includes(name) ? ['millrace'] : ['millrace', 'JSON.stringify'];
    expect(engines.map(({ engine }) => engine)).toEqual(labels);
    expect(new Set(engines.map(({ resultHash }) => resultHash)).size).toBe(1);
  }
  for (const name of frames) {
    expect(cases.get(name)![0]!.settings.gigabytesPerSecond).toBeGreaterThan(0);
  }
});

test('types: every type both ways, with equal results', { timeout: 60_000 }, () => {
  const cases = measureSmall('types');
  const names = Object.keys(TYPED_VALUES).flatMap((name) => [`decode ${name}`, `encode ${name}`]);
  expect([...cases.keys()]).toEqual(names);
  for (const [name, engines] of cases) {
    const rival = name.startsWith('decode') ? 'JSON.parse' : 'JSON.stringify';
    expect(engines.map(({ engine }) => engine)).toEqual(['millrace', rival]);
    expect(new Set(engines.map(({ resultHash }) => resultHash)).size).toBe(1);
  }
});

test('operators: every case and engine, with equal results', { timeout: 60_000 }, () => {
  const cases = measureSmall('operators');
  expect([...cases.keys()]).toEqual(OPERATOR_CASES.map(({ name }) => name));
  for (const { name, made, ...texts } of OPERATOR_CASES) {
    const { plain, arquero = plain, sql } = made ?? texts;
    const engines = cases.get(name)!;
    expect(engines.map(({ engine }) => engine)).toEqual([
      'millrace',
      ...(plain === null ? [] : ['plain loop']),
      ...(arquero === null ? [] : ['arquero']),
      ...(sql === null ? [] : ['duckdb', 'duckdb, stored']),
    ]);
    expect(new Set(engines.map(({ resultHash }) => resultHash)).size).toBe(1);
    for (const { settings } of engines) expect(settings.threads).toBe(1);
  }
});
