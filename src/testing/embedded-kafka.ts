import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '../errors.ts';
import { classArchiveOptions } from './class-archive.ts';
import { assertReachable, externalBrokers } from './external-brokers.ts';
import { freeLayout } from './free-ports.ts';
import { Guard } from './guard.ts';
import { findJava } from './java.ts';
import { type KafkaHome, kafkaHome, type OnProgress } from './kafka-home.ts';
import { KafkaNode, type KafkaNodeOptions } from './kafka-node.ts';
import {
  type KafkaTool,
  runTool,
  spawnTool,
  type ToolOptions,
  type ToolResult,
} from './kafka-tool.ts';
import type { ClusterLayout, KafkaConfig } from './node-config.ts';
import {
  checkListenerNames,
  SCRAM_MECHANISMS,
  type SecureListeners,
  scramUsers,
} from './secure-listener.ts';

/** So often are other ports tried, where somebody takes one before the broker does. */
const PORTS_TRIES_MAX = 3;

/** Settings of {@link EmbeddedKafka.start}. */
export interface EmbeddedKafkaOptions {
  /** How many nodes, each broker and controller at once; default 1. */
  readonly brokers?: 1 | 3;
  /** Broker settings by Kafka's names, such as `{ 'message.max.bytes': 8_000_000 }`. */
  readonly config?: KafkaConfig;
  /** `broker.rack` of each broker, by index; default none. */
  readonly racks?: readonly string[];
  /**
   * Further listeners, with TLS, SASL or both; see {@link EmbeddedKafka.addresses}. Default: only
   * the one without either, which stays beside them.
   */
  readonly listeners?: SecureListeners;
  /** Told what takes time: the first start fetches Apache Kafka. Default: silent. */
  readonly onProgress?: OnProgress;
  /** Largest Java heap of one broker, in MiB; default 512. */
  readonly heapMiB?: number;
  /** Further options of the brokers' Java, such as `['-XX:+UseParallelGC']`. */
  readonly javaOptions?: readonly string[];
  /** How long the brokers may take to be ready once the jars are there; default 120,000. */
  readonly startMaxMs?: number;
}

/**
 * A real Apache Kafka for tests and trials: KRaft, on free loopback ports, data in a temp folder.
 *
 * Needs Java 17 or newer, and Maven the first time. Where `KAFKA_BROKERS` is set that cluster is
 * used instead and never stopped. The Java processes and the folder are removed by {@link stop},
 * and also where this process ends without it, by Ctrl-C, a crash or SIGKILL.
 *
 * @example
 * ```ts
 * await using kafka = await EmbeddedKafka.start();
 * console.log(kafka.bootstrapServers);
 * ```
 */
export class EmbeddedKafka {
  /** Addresses as `host:port`, by broker index. */
  readonly brokers: readonly string[];
  /** Whether this is the cluster of `KAFKA_BROKERS`, which cannot be killed or restarted. */
  readonly isExternal: boolean;
  readonly #layout: ClusterLayout | undefined;
  readonly #nodes: readonly KafkaNode[];
  readonly #guard: Guard;
  readonly #home: Promise<KafkaHome> | undefined;
  readonly #onProgress: OnProgress;

  private constructor(
    brokers: readonly string[],
    nodes: readonly KafkaNode[],
    guard: Guard,
    home: KafkaHome | undefined,
    onProgress: OnProgress,
    layout?: ClusterLayout,
  ) {
    this.#layout = layout;
    this.brokers = brokers;
    this.isExternal = home === undefined;
    this.#nodes = nodes;
    this.#guard = guard;
    this.#home = home === undefined ? undefined : Promise.resolve(home);
    this.#onProgress = onProgress;
  }

  /**
   * Starts a cluster and resolves when every broker takes requests.
   *
   * @throws {@link MillraceError} `MISSING_DEPENDENCY` without Java 17 or Maven,
   * `BROKER_UNREACHABLE` where a broker does not start or `KAFKA_BROKERS` does not answer,
   * `INVALID_OPTION`
   */
  static async start(options: EmbeddedKafkaOptions = {}): Promise<EmbeddedKafka> {
    const count = options.brokers ?? 1;
    if (count !== 1 && count !== 3) {
      throw new MillraceError(`brokers is ${String(count)}: it must be 1 or 3`, {
        code: 'INVALID_OPTION',
      });
    }
    const onProgress = options.onProgress ?? (() => undefined);
    const { listeners = {} } = options;
    checkListenerNames(listeners);
    const external = externalBrokers();
    if (external !== undefined) {
      await assertReachable(external);
      return new EmbeddedKafka(external, [], new Guard(), undefined, onProgress);
    }
    const home = await kafkaHome(await findJava(), onProgress);
    const archive = await classArchiveOptions(home, onProgress);
    for (let left = PORTS_TRIES_MAX - 1; ; left--) {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-kafka-'));
      const guard = new Guard(folder);
      try {
        const layout = await freeLayout(folder, count, Object.keys(listeners));
        const nodes = await startNodes({ home, guard, layout, ...nodeOptions(options, archive) });
        const addresses = nodes.map((node) => node.address);
        const kafka = new EmbeddedKafka(addresses, nodes, guard, home, onProgress, layout);
        await kafka.#addScramUsers(scramUsers(listeners));
        return kafka;
      } catch (error) {
        await guard.release();
        // Nothing holds a free port for us until the broker listens on it.
        if (left <= 0 || MillraceError.from(error).context.portTaken !== true) throw error;
      }
    }
  }

  /** All addresses in one string, as Kafka's `bootstrap.servers`. */
  get bootstrapServers(): string {
    return this.brokers.join(',');
  }

  /**
   * Addresses of the listener `name`, by broker index.
   *
   * @throws {@link MillraceError} `INVALID_OPTION` where `listeners` did not name it
   */
  addresses(name: string): string[] {
    const ports = this.#layout?.listenerPorts?.[name];
    if (ports !== undefined) return ports.map((port) => `127.0.0.1:${port}`);
    const known = Object.keys(this.#layout?.listenerPorts ?? {}).join(', ') || 'none';
    throw new MillraceError(`there is no listener "${name}"; those of this cluster: ${known}`, {
      code: 'INVALID_OPTION',
      context: { listener: name },
    });
  }

  /** Process ids of the brokers that run. */
  get pids(): number[] {
    return this.#nodes.map((node) => node.pid).filter((pid) => pid !== undefined);
  }

  /** Kills all brokers and removes their data. May be called twice; external clusters stay. */
  async stop(): Promise<void> {
    await this.#guard.release();
  }

  /** The same as {@link stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Ends broker `index` (from 0) with SIGKILL and resolves when it is gone. Its data stay.
   *
   * @throws {@link MillraceError} `INVALID_OPTION` for an external cluster or a wrong index
   */
  async kill(index: number): Promise<void> {
    await this.#node(index, 'kill').kill();
  }

  /**
   * Starts broker `index` again with the same port and data, killing it first where it runs;
   * resolves when it takes requests.
   *
   * @throws {@link MillraceError} `INVALID_OPTION` for an external cluster or a wrong index,
   * `BROKER_UNREACHABLE` where it does not start
   */
  async restart(index: number): Promise<void> {
    const node = this.#node(index, 'restart');
    await node.kill();
    await node.start();
  }

  /** The last `lines` (default 200) lines that broker `index` logged. */
  logs(index: number, lines = 200): string {
    return this.#node(index, 'read the log of').logs(lines);
  }

  /**
   * Runs one of Kafka's own tools to its end, such as
   * `runTool('org.apache.kafka.tools.TopicCommand', ['--bootstrap-server', …, '--list'])`.
   *
   * A tool that fails is a result with its `code`, not an error. With an external cluster the jars
   * are fetched by the first call.
   */
  async runTool(
    className: string,
    args: readonly string[],
    options: ToolOptions = {},
  ): Promise<ToolResult> {
    return runTool(await this.#jars(), this.#guard, className, args, options);
  }

  /** Starts one of Kafka's own tools; it is ended by {@link stop} at the latest. */
  async spawnTool(className: string, args: readonly string[]): Promise<KafkaTool> {
    return spawnTool(await this.#jars(), this.#guard, className, args);
  }

  async #addScramUsers(users: Readonly<Record<string, string>>): Promise<void> {
    for (const [user, password] of Object.entries(users)) {
      // Kafka takes one credential of a user in a request.
      for (const mechanism of SCRAM_MECHANISMS) {
        const entity = ['--entity-type', 'users', '--entity-name', user];
        const server = ['--bootstrap-server', this.bootstrapServers, '--alter'];
        const args = [...server, ...entity, '--add-config', `${mechanism}=[password=${password}]`];
        const { code, stderr } = await this.runTool('kafka.admin.ConfigCommand', args);
        if (code === 0) continue;
        const reason = stderr.replaceAll(password, '[secret]');
        throw new MillraceError(`the SCRAM user "${user}" was not made: ${reason}`, {
          code: 'INTERNAL',
          context: { user },
        });
      }
    }
  }

  async #jars(): Promise<KafkaHome> {
    return this.#home ?? kafkaHome(await findJava(), this.#onProgress);
  }

  #node(index: number, verb: string): KafkaNode {
    const node = this.#nodes[index];
    if (node !== undefined) return node;
    const message = this.isExternal
      ? `cannot ${verb} a broker of the cluster in KAFKA_BROKERS: unset it to use the embedded one`
      : `cannot ${verb} broker ${index}: there are ${this.#nodes.length}, counted from 0`;
    throw new MillraceError(message, { code: 'INVALID_OPTION', context: { index } });
  }
}

// As in Kafka's own start script: without them a collection may stop the broker for 200 ms.
const COLLECTOR_OPTIONS = [
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
];

/** The caller's settings with their defaults. */
function nodeOptions(options: EmbeddedKafkaOptions, archive: readonly string[]) {
  const { config = {}, racks = [], listeners = {} } = options;
  const { heapMiB = 512, javaOptions = [], startMaxMs = 120_000 } = options;
  // Java refuses two collectors.
  const collector = javaOptions.some((option) => /Use\w+GC$/.test(option)) ? [] : COLLECTOR_OPTIONS;
  const all = [...collector, `-Xmx${heapMiB}m`, ...archive, ...javaOptions];
  return { settings: { config, racks, listeners }, startMaxMs, javaOptions: all };
}

async function startNodes(options: Omit<KafkaNodeOptions, 'index'>): Promise<KafkaNode[]> {
  const indexes = options.layout.brokerPorts.keys();
  const nodes = Array.from(indexes, (index) => new KafkaNode({ ...options, index }));
  await Promise.all(nodes.map((node) => node.format()));
  await Promise.all(nodes.map((node) => node.start()));
  return nodes;
}
