/** The broker of a suite: on the same machine, in a process of its own, gone at the end. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { createPlatformaticClient } from '../../src/ingest/clients/platformatic.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';

/** A broker and a connection to it. */
export interface BenchCluster {
  readonly brokers: readonly string[];
  readonly client: KafkaClient;
  /** The cluster of `KAFKA_BROKERS`, as it is. */
  readonly isExternal: boolean;
  /** What figures state of it. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** CPU time of the brokers until now, seconds; `undefined` where it cannot be known. */
  cpuSeconds(): number | undefined;
}

const HEAP_MIB = 512;
const CONFIG = {
  // Bounded topics are cut soon after they pass their bound; the default looks every 5 minutes.
  'log.retention.check.interval.ms': 2_000,
};

/**
 * Starts a broker (or takes the cluster of `KAFKA_BROKERS`), calls `use`, stops it again.
 *
 * @param javaOptions further options of the broker's Java; they do not reach a cluster of others.
 */
export async function withCluster(
  use: (cluster: BenchCluster) => Promise<void>,
  javaOptions: readonly string[] = [],
): Promise<void> {
  await using kafka = await EmbeddedKafka.start({
    heapMiB: HEAP_MIB,
    config: CONFIG,
    javaOptions,
    onProgress: (text) => console.error(text),
  });
  const { brokers, isExternal } = kafka;
  const client = createPlatformaticClient(resolveConnectionOptions({ brokers }));
  try {
    await use({
      brokers,
      client,
      isExternal,
      settings: isExternal
        ? { broker: 'external' }
        : { broker: 'Apache Kafka, same machine', brokerHeapMiB: HEAP_MIB },
      cpuSeconds: () => cpuSecondsOf(kafka.pids),
    });
  } finally {
    await client.close();
  }
}

let ticksPerSecond: number | undefined;

// Fields 14 and 15 of /proc/<pid>/stat, counted behind the name, which may hold anything.
function cpuSecondsOf(pids: readonly number[]): number | undefined {
  if (process.platform !== 'linux' || pids.length === 0) return undefined;
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}
