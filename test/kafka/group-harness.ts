import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type {
  GroupListener,
  GroupMember,
  GroupOptions,
  KafkaClient,
  TopicPartition,
} from '../../src/ingest/client.ts';
import type { GroupIdentity } from '../../src/ingest/clients/group/group-transport.ts';
import { joinGroup } from '../../src/ingest/clients/group/join-group.ts';
import type { ClientName } from '../../src/ingest/clients/info.ts';
import { Cluster as KafkajsCluster } from '../../src/ingest/clients/kafkajs/cluster.ts';
import { kafkajsTransports } from '../../src/ingest/clients/kafkajs/group-transport.ts';
import { loadKafkajs } from '../../src/ingest/clients/kafkajs/internals.ts';
import * as kafkajsOffsets from '../../src/ingest/clients/kafkajs/offsets.ts';
import { Cluster } from '../../src/ingest/clients/platformatic/cluster.ts';
import {
  groupCluster,
  platformaticTransports,
} from '../../src/ingest/clients/platformatic/group-transport.ts';
import * as platformaticOffsets from '../../src/ingest/clients/platformatic/offsets.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';
import { sharedBrokers } from './cluster.ts';

/** Times of groups that are quick to notice. */
export const TIMES = {
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 100,
  rebalanceTimeoutMs: 10_000,
};
/** How the tests before the other assignors join. */
export const RANGE = { protocol: 'classic', assignors: ['range'] } as const;
/** How long {@link until} waits. */
export const DEADLINE_MS = 30_000;

/** A member that notes what it is told. */
export interface Observed {
  readonly member: GroupMember;
  /** `assign 0,1`, `revoke 0`, `revoked` (when that has settled), `lost 1`, `error <message>`. */
  readonly events: string[];
  /** What it owns now, as sorted partition numbers; those in `onRevoke` belong to it. */
  owned(): number[];
  /** Of one topic, where it reads several. */
  ownedOf(topic: string): number[];
  /** The next `onRevoke` does this before it settles. */
  whenRevoked: (member: GroupMember) => Promise<void>;
}

/** Joins as the tests do, by the range unless said. */
export function join(
  client: KafkaClient,
  groupId: string,
  topic: string,
  how: Partial<GroupOptions> = {},
): Promise<Observed> {
  const options = { groupId, topics: [topic], ...RANGE, ...TIMES, ...how };
  return observe((listener) => client.joinGroup(options, listener));
}

/** The same, reading the list of topics every `topicsRefreshMs`, on a cluster of its own. */
export function joinWatching(
  topicsRefreshMs: number,
  options: GroupOptions,
  client: ClientName = 'platformatic',
): Promise<Observed> {
  const settings = { options, topicsRefreshMs };
  if (client === 'kafkajs') {
    const cluster = kafkajsCluster();
    const transports = kafkajsTransports(cluster, options);
    return observe((listener) => joinGroup({ ...settings, cluster, listener }, transports));
  }
  const brokers = platformaticCluster();
  const cluster = groupCluster(brokers);
  const transports = platformaticTransports(brokers, options);
  return observe((listener) => joinGroup({ ...settings, cluster, listener }, transports));
}

/** Asks for committed offsets as a member in protocol `consumer`, whoever it is. */
export function readAs(
  client: ClientName,
  groupId: string,
  partitions: readonly TopicPartition[],
  as: GroupIdentity,
): Promise<(bigint | undefined)[]> {
  return client === 'kafkajs'
    ? kafkajsOffsets.committedOffsets(kafkajsCluster(), groupId, partitions, as)
    : platformaticOffsets.committedOffsets(platformaticCluster(), groupId, partitions, as);
}

function kafkajsCluster(): KafkajsCluster {
  const kafkajs = loadKafkajs(createRequire(import.meta.url));
  const { signal } = new AbortController();
  const brokers = sharedBrokers();
  const cluster = new KafkajsCluster(kafkajs, resolveConnectionOptions({ brokers }), signal);
  onTestFinished(() => cluster.close());
  return cluster;
}

function platformaticCluster(): Cluster {
  const { signal } = new AbortController();
  const cluster = new Cluster(resolveConnectionOptions({ brokers: sharedBrokers() }), signal);
  onTestFinished(() => cluster.close());
  return cluster;
}

async function observe(
  joinWith: (listener: GroupListener) => Promise<GroupMember>,
): Promise<Observed> {
  const events: string[] = [];
  const owned = new Map<string, TopicPartition>();
  const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;
  const drop = (partitions: readonly TopicPartition[]) => {
    for (const partition of partitions) owned.delete(keyOf(partition));
  };
  const member = await joinWith({
    async onAssign(partitions) {
      for (const partition of partitions) owned.set(keyOf(partition), partition);
      events.push(`assign ${numbers(partitions)}`);
    },
    async onRevoke(partitions) {
      events.push(`revoke ${numbers(partitions)}`);
      await state.whenRevoked(member);
      drop(partitions);
      events.push('revoked');
    },
    async onLost(partitions) {
      drop(partitions);
      events.push(`lost ${numbers(partitions)}`);
    },
    onError(error) {
      events.push(`error ${error.message}`);
    },
  });
  const state: Observed = {
    member,
    events,
    owned: () => numbers([...owned.values()]),
    ownedOf: (topic) => numbers([...owned.values()].filter((p) => p.topic === topic)),
    whenRevoked: idle,
  };
  return state;
}

function numbers(partitions: readonly TopicPartition[]): number[] {
  return partitions.map(({ partition }) => partition).sort((a, b) => a - b);
}

/** Does nothing before a revoke settles. */
export async function idle(): Promise<void> {}

/** Waits for a condition; fails with the name of what did not come. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${DEADLINE_MS} ms for: ${what}`);
    await delay(10);
  }
}

/** What all of them own, sorted; a number twice has two owners. */
export function together(...members: readonly Observed[]): number[] {
  return members.flatMap((member) => member.owned()).sort((a, b) => a - b);
}

/** Which partitions were ever asked back from a member, since event number `from`. */
export function revokedSince(member: Observed, from: number): number[] {
  const revokes = member.events.slice(from).filter((event) => event.startsWith('revoke '));
  return revokes.flatMap((event) => event.slice('revoke '.length).split(',').map(Number));
}
