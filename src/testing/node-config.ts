import { join } from 'node:path';
import { listenerConfig, listenerProtocol, type SecureListeners } from './secure-listener.ts';

/** The members of a cluster: one of each port per node, node ids count from 1. */
export interface ClusterLayout {
  readonly clusterId: string;
  readonly brokerPorts: readonly number[];
  readonly controllerPorts: readonly number[];
  /** Ports of further listeners, by their names; default none. */
  readonly listenerPorts?: Readonly<Record<string, readonly number[]>>;
  /** Each node has its files in `<folder>/node-<id>`. */
  readonly folder: string;
}

/** Settings by Kafka's own names; see its documentation of broker configs. */
export type KafkaConfig = Readonly<Record<string, string | number | boolean>>;

/** The folder of one node (`index` counts from 0): configuration, log file, and `data`. */
export function nodeFolder(layout: ClusterLayout, index: number): string {
  return join(layout.folder, `node-${index + 1}`);
}

/** What nodes are given beside their ports. */
export interface NodeSettings {
  /** Overrides our settings, one by one. */
  readonly config?: KafkaConfig;
  /** What the listeners of `listenerPorts` are; default none. */
  readonly listeners?: SecureListeners;
  /** `broker.rack` of each node; default none. */
  readonly racks?: readonly string[];
}

/**
 * The `server.properties` of one node that is broker and controller at once.
 *
 * @param index counts from 0
 */
export function nodeConfig(layout: ClusterLayout, index: number, given: NodeSettings): string {
  const { config = {}, listeners = {}, racks = [] } = given;
  const rack = racks[index];
  const settings = {
    ...identity(layout, index, listeners),
    ...testSettings(layout),
    ...(rack === undefined ? {} : { 'broker.rack': rack }),
    ...config,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${escaped(String(value))}`);
  return `${lines.join('\n')}\n`;
}

function identity(layout: ClusterLayout, index: number, further: SecureListeners): KafkaConfig {
  const broker = `PLAINTEXT://127.0.0.1:${layout.brokerPorts[index]}`;
  const listeners = [broker, `CONTROLLER://127.0.0.1:${layout.controllerPorts[index]}`];
  const advertised = [broker];
  const protocols = ['CONTROLLER:PLAINTEXT', 'PLAINTEXT:PLAINTEXT'];
  const security: KafkaConfig[] = [];
  for (const [name, listener] of Object.entries(further)) {
    const port = layout.listenerPorts?.[name]?.[index];
    listeners.push(`${name}://127.0.0.1:${port}`);
    advertised.push(`${name}://${listener.advertisedHost ?? '127.0.0.1'}:${port}`);
    protocols.push(`${name}:${listenerProtocol(listener)}`);
    security.push(listenerConfig(name, listener));
  }
  const voters = layout.controllerPorts.map((port, other) => `${other + 1}@127.0.0.1:${port}`);
  return {
    'process.roles': 'broker,controller',
    'node.id': index + 1,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: listeners.join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': protocols.join(','),
    ...Object.assign({}, ...security),
    'log.dirs': join(nodeFolder(layout, index), 'data'),
  };
}

/** Small, quick to start and to notice a death; nothing is made that a test did not ask for. */
function testSettings(layout: ClusterLayout): KafkaConfig {
  const nodes = layout.brokerPorts.length;
  return {
    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'default.replication.factor': nodes,
    'offsets.topic.replication.factor': nodes,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': nodes,
    'transaction.state.log.min.isr': Math.min(2, nodes),
    'transaction.state.log.num.partitions': 4,
    // 10 s by default: how often the coordinator looks for transactions that have timed out.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    'share.coordinator.state.topic.replication.factor': nodes,
    'share.coordinator.state.topic.min.isr': Math.min(2, nodes),
    'share.coordinator.state.topic.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'group.consumer.min.session.timeout.ms': 1000,
    'group.consumer.min.heartbeat.interval.ms': 100,
    // A new broker is let in by its first heartbeats: at the default of 2 s it waits for them. One
    // that was killed is let in again when its old session has ended.
    'broker.heartbeat.interval.ms': 250,
    'broker.session.timeout.ms': 3000,
    // By default what is a week old is deleted, half a minute after the start and from then on: the
    // messages of whoever tests with dates of his own would go in mid-test.
    'log.retention.ms': -1,
    // 128 MiB by default, most of the heap that we give to the whole broker.
    'log.cleaner.dedupe.buffer.size': 8_388_608,
  };
}

/** Escapes what `java.util.Properties` would take for an escape or drop. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replace(/^ /, '\\ ');
}
