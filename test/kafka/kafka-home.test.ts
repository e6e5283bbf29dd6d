import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findJava } from '../../src/testing/java.ts';
import { kafkaHome } from '../../src/testing/kafka-home.ts';

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'millrace-cache-'));
  vi.stubEnv('MILLRACE_CACHE', cache);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

// Needs Java and Maven, which a run on someone's own cluster may lack.
test.skipIf(process.env.KAFKA_BROKERS)(
  'two that fetch at once make one folder, and later ones fetch nothing',
  async () => {
    const java = await findJava();
    const progress: string[] = [];
    const fetch = () => kafkaHome(java, (message) => progress.push(message));
    const homes = await Promise.all([fetch(), fetch()]);
    expect(homes[0]).toEqual(homes[1]);
    expect(progress).toHaveLength(2);
    const { folder, bootstrapCheckpoint, loggingConfig } = homes[0]!;
    expect(await readdir(cache)).toEqual([basename(folder)]);
    expect(existsSync(bootstrapCheckpoint)).toBe(true);
    expect(existsSync(loggingConfig)).toBe(true);
    expect(await readdir(join(folder, 'libs'))).toContainEqual(
      expect.stringMatching(/^kafka_2\.13-4\..*\.jar$/),
    );
    expect(await fetch()).toEqual(homes[0]);
    expect(progress).toHaveLength(2);
  },
);
