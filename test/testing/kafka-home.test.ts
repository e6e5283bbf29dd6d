import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EmbeddedKafka } from '../../src/testing/embedded-kafka.ts';
import { cacheFolder, kafkaHome } from '../../src/testing/kafka-home.ts';
import { fakeProgram } from './fake-program.ts';

const java = { command: 'java', major: 17, version: '17.0.15' };
let folder: string;
let cache: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-home-'));
  cache = join(folder, 'cache');
  await mkdir(cache);
  vi.stubEnv('MILLRACE_CACHE', cache);
  vi.stubEnv('MAVEN_HOME', undefined);
  vi.stubEnv('JAVA_HOME', undefined);
  vi.stubEnv('KAFKA_BROKERS', undefined);
  vi.stubEnv('PATH', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('the cache folder is where the environment says', () => {
  expect(cacheFolder({ MILLRACE_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/millrace');
  expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'millrace'));
});

describe('without what it needs, start() tells both ways out', () => {
  const both = /install Java 17[\s\S]*KAFKA_BROKERS[\s\S]*docker run -d -p 9092:9092 apache\/kafka/;

  test('no Java', async () => {
    await expect(EmbeddedKafka.start()).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(both),
      context: { reason: expect.stringMatching(/^Java was not found/) },
    });
  });

  test('an old Java', async () => {
    await fakeProgram(folder, 'java', 'openjdk version "11.0.2" 2019-01-15');
    await expect(EmbeddedKafka.start()).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(both),
      context: { reason: '`java` is Java 11.0.2, which is too old' },
    });
  });

  test('no Maven, and nothing fetched before', async () => {
    await fakeProgram(folder, 'java', 'openjdk version "17.0.15" 2025-04-15');
    await expect(EmbeddedKafka.start()).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(both),
      context: { reason: expect.stringMatching(/^Maven was not found/) },
    });
    expect(await readdir(cache)).toEqual([]);
  });
});

test('a fetch that fails tells what Maven said and leaves nothing in the cache', async () => {
  const mvn = join(folder, 'mvn');
  const script = '[ "$1" = --version ] && exit 0; echo "no route to any repository"; exit 1';
  await writeFile(mvn, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const progress: string[] = [];
  const fetching = kafkaHome(java, (message) => progress.push(message));
  await expect(fetching).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    retry: 'backoff',
    message: expect.stringMatching(/no route to any repository[\s\S]*KAFKA_BROKERS/),
  });
  expect(progress).toEqual([
    expect.stringMatching(/^fetching Apache Kafka 4\.\d+\.\d+ \(once\)…$/),
  ]);
  expect(await readdir(cache)).toEqual([]);
});
