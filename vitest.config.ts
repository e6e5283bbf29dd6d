import { defineConfig } from 'vitest/config';

const pack = 'test/house/pack.test.ts';
// Threads, whole pipelines, simulations, processes and compilers of their own, random and hostile
// input: minutes, not seconds, and without a broker as well.
const engine = [
  ...['bench', 'cli', 'docs', 'fuzz', 'morsel', 'sim', 'stream', 'testing', 'types'],
  ...['ingest/clients', 'operators/duckdb', 'operators/time'],
].map((folder) => `test/${folder}/**/*.test.ts`);
engine.push('test/operators/{decimal,expr-fuzz,kernels,long-chains,unnest}.test.ts');
engine.push('test/ingest/codecs/json-reader-{hostile,limits}.test.ts');
// Where a machine reads the outcome, beside the summary for people.
const results = process.env.MILLRACE_TEST_RESULTS;

export default defineConfig({
  test: {
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    // Two: a broker and the pipelines' own worker threads share the machine with the tests.
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Entry files of processes and threads of their own, which the coverage of this one does not
      // see: tests start them, and hold what they do and say.
      exclude: ['src/cli/main.ts', 'src/morsel/worker.ts', 'src/testing/watchdog.ts'],
      // Of unit and broker tests together, as `npm run coverage` runs them.
      thresholds: { lines: 90 },
      reporter: ['text-summary', 'json-summary', 'lcov'],
      reportsDirectory: 'coverage',
    },
    projects: [
      {
        extends: true,
        // No broker, no Java, no network.
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kafka/**', pack, ...engine],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // No broker, no Java, no network either.
        test: { name: 'engine', include: engine, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        // On one shared broker; files run one after the other, so that none starves another.
        test: {
          name: 'kafka',
          include: ['test/kafka/**/*.test.ts'],
          globalSetup: ['test/kafka/setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          // Clusters are started there.
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        // Installs the packed tarball, which takes the package registry or npm's cache.
        test: { name: 'package', include: [pack], testTimeout: 240_000, hookTimeout: 240_000 },
      },
    ],
  },
});
