import dns from 'node:dns';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Stream } from '../../src/index.ts';
import type { FetchRequest, FetchResult, KafkaClient } from '../../src/ingest/client.ts';
import { createClient } from '../../src/ingest/clients/choose.ts';
import type { ClientName } from '../../src/ingest/clients/info.ts';
import {
  type ConnectionInput,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { createTopic } from './cluster.ts';
import { CLIENTS, clientFor, libraryOf, VARIANTS, type Variant } from './conformance-harness.ts';
import { eventually, writeMessages } from './pipeline-harness.ts';

const RACKS = ['north', 'south', 'west'];
const SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';
const COUNT = 300;

let kafka: EmbeddedKafka;
let topic: string;

beforeAll(async () => {
  kafka = await EmbeddedKafka.start({
    brokers: 3,
    racks: RACKS,
    config: { 'replica.selector.class': SELECTOR },
    heapMiB: 256,
  });
  topic = await createTopic('racks', {
    partitions: 3,
    replicationFactor: 3,
    brokers: kafka.brokers,
  });
  const messages = Array.from({ length: COUNT }, (_, id) => ({ value: JSON.stringify({ id }) }));
  await writeMessages(topic, messages, { brokers: kafka.brokers, perRequest: 50 });
});

afterAll(() => kafka?.stop());

/** A client that keeps what it was asked to fetch, and what came. */
class Watched {
  readonly client: KafkaClient;
  /** Partitions that had records, and the node that sent them. */
  readonly from = new Map<number, Set<number>>();

  constructor(variant: Variant, input: ConnectionInput) {
    const library = { brokers: kafka.brokers, client: libraryOf(variant) };
    const client = clientFor(variant, resolveConnectionOptions({ ...library, ...input }));
    const fetch = client.fetch.bind(client);
    client.fetch = async (request: FetchRequest): Promise<FetchResult> => {
      const result = await fetch(request);
      for (const { partition, byteLength } of result.sets) {
        if (byteLength === 0) continue;
        const nodes = this.from.get(partition) ?? new Set();
        this.from.set(partition, nodes.add(request.node));
      }
      return result;
    };
    this.client = client;
    onTestFinished(() => client.close());
  }
}

async function readAll(variant: Variant, input: ConnectionInput = {}): Promise<Watched> {
  const watched = new Watched(variant, input);
  const { plan } = Stream.fromKafka({
    brokers: kafka.brokers,
    topic,
    until: 'latest',
    schema: { id: 'int64' },
  }).forEach(async () => undefined);
  const run = await runPlan(plan, { client: () => watched.client, onBatch: () => undefined });
  expect((await run.closed).messagesIn).toBe(COUNT);
  return watched;
}

describe.each(VARIANTS)('%s: a rack', (variant) => {
  test.each(RACKS)('%s: every partition is read from the replica that is there', async (rack) => {
    const node = RACKS.indexOf(rack) + 1;
    const { from } = await readAll(variant, { rack });
    expect(from.size).toBe(3);
    for (const [partition, nodes] of from) expect([partition, ...nodes]).toEqual([partition, node]);
  });

  test('none: every partition is read from its leader', async () => {
    const { client, from } = await readAll(variant);
    const [info] = await client.topics([topic]);
    for (const { partition, leader } of info!.partitions) {
      expect([...from.get(partition)!]).toEqual([leader]);
    }
  });

  test('without a broker: every partition is read from its leader', async () => {
    const { client, from } = await readAll(variant, { rack: 'east' });
    const [info] = await client.topics([topic]);
    for (const { partition, leader } of info!.partitions) {
      expect([...from.get(partition)!]).toEqual([leader]);
    }
  });
});

describe.each(CLIENTS)('%s: a host with several addresses', (name) => {
  // What net.connect asks for: all addresses, or the first.
  function resolveTo(addresses: readonly string[]): void {
    const all = addresses.map((address) => ({ address, family: 4 }));
    const lookup = dns.lookup;
    const spy = vi.spyOn(dns, 'lookup').mockImplementation(((
      host: string,
      options: { all?: boolean },
      callback: (...answer: unknown[]) => void,
    ) => {
      if (host !== 'kafka.test') return lookup(host, options as object, callback as never);
      if (options.all) process.nextTick(callback, null, all);
      else process.nextTick(callback, null, addresses[0], 4);
    }) as never);
    onTestFinished(() => spy.mockRestore());
  }

  test('of which the first is dead is reached by the second', async () => {
    const port = kafka.brokers[0]!.split(':')[1]!;
    resolveTo(['127.0.0.9', '127.0.0.1']);
    const brokers = [`kafka.test:${port}`];
    const client = createClient(resolveConnectionOptions({ brokers, client: name, retries: 0 }));
    onTestFinished(() => client.close());
    const [info] = await client.topics([topic]);
    expect(info!.partitions).toHaveLength(3);
  });

  test('all of which are dead is one error that names it', async () => {
    const port = kafka.brokers[0]!.split(':')[1]!;
    resolveTo(['127.0.0.8', '127.0.0.9']);
    const brokers = [`kafka.test:${port}`];
    const client = createClient(resolveConnectionOptions({ brokers, client: name, retries: 0 }));
    onTestFinished(() => client.close());
    await expect(client.topics([topic])).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringContaining(`kafka.test:${port}`),
    });
  });
});

// Last: the cluster is not whole behind it.
describe('while a broker is dead', () => {
  test('its partitions are read elsewhere, and other bootstrap servers are asked', async () => {
    const reads = CLIENTS.map((client) => readerOf(client));
    for (const read of reads) expect(await eventually(read)).toBe(2);
    await kafka.kill(1);
    for (const read of reads) {
      expect(await eventually(() => read().catch(() => undefined))).not.toBe(2);
    }
  });

  /** Reads partition 0 as from the south, and answers the node that sent it, if any did. */
  function readerOf(name: ClientName): () => Promise<number | undefined> {
    const brokers = [kafka.brokers[1]!, kafka.brokers[2]!];
    const { client } = new Watched(name, { rack: 'south', brokers });
    const positions = [{ topic, partition: 0, offset: 0n }];
    const limits = { maxBytes: 1e6, partitionMaxBytes: 1e6, minBytes: 1, maxWaitMs: 100 };
    return async () => {
      const [info] = await client.topics([topic], { refresh: true });
      const { leader, readFrom } = info!.partitions[0]!;
      const node = readFrom ?? leader;
      if (node < 0) return undefined;
      const request = { ...limits, node, positions, isolation: 'read_committed' } as const;
      const { sets } = await client.fetch(request);
      return sets.some((set) => set.byteLength > 0) ? node : undefined;
    };
  }
});
