import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../errors.ts';
import { type Guard, killed } from './guard.ts';
import type { KafkaHome } from './kafka-home.ts';
import { tempFolder } from './kafka-tool.ts';
import { type ClusterLayout, type NodeSettings, nodeConfig, nodeFolder } from './node-config.ts';

const POLL_MS = 25;
/** What Kafka logs when a broker has joined and takes requests. */
const READY_LINE = 'Kafka Server started (';
/** What it logs where somebody else listens on one of its ports. */
const PORT_TAKEN = 'Address already in use';

/** What one node needs to be started, and started again. */
export interface KafkaNodeOptions {
  readonly home: KafkaHome;
  readonly guard: Guard;
  readonly layout: ClusterLayout;
  /** Counts from 0; the node's id in Kafka is one more. */
  readonly index: number;
  readonly settings: NodeSettings;
  /** Among them the size of the heap. */
  readonly javaOptions: readonly string[];
  readonly startMaxMs: number;
}

/** One broker and controller: a Java process, its port and its files. */
export class KafkaNode {
  readonly #options: KafkaNodeOptions;
  readonly #logFile: string;
  #process: ChildProcess | undefined;

  constructor(options: KafkaNodeOptions) {
    this.#options = options;
    this.#logFile = join(nodeFolder(options.layout, options.index), 'server.log');
  }

  /** Where clients reach it. */
  get address(): string {
    return `127.0.0.1:${this.#options.layout.brokerPorts[this.#options.index]}`;
  }

  /** The process id, or undefined where it does not run. */
  get pid(): number | undefined {
    return this.isRunning ? this.#process?.pid : undefined;
  }

  /** Whether the Java process is there. */
  get isRunning(): boolean {
    const child = this.#process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The last `lines` lines that it logged, of all its starts. */
  logs(lines: number): string {
    if (!existsSync(this.#logFile)) return '';
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Writes what Kafka's storage tool would: configuration, identity, first metadata. */
  async format(): Promise<void> {
    const { layout, index, settings, home } = this.#options;
    const data = join(nodeFolder(layout, index), 'data');
    await mkdir(data, { recursive: true });
    await writeFile(this.#configFile, nodeConfig(layout, index, settings));
    const directoryId = randomBytes(16).toString('base64url');
    const properties = [
      'version=1',
      `cluster.id=${layout.clusterId}`,
      `node.id=${index + 1}`,
      `directory.id=${directoryId}`,
    ];
    await writeFile(join(data, 'meta.properties'), `${properties.join('\n')}\n`);
    await copyFile(home.bootstrapCheckpoint, join(data, 'bootstrap.checkpoint'));
  }

  /**
   * Starts the process and resolves when the broker takes requests.
   *
   * @throws {@link MillraceError} `BROKER_UNREACHABLE`, with the end of the log, where it ends or
   * is not ready in time
   */
  async start(): Promise<void> {
    const logStart = existsSync(this.#logFile) ? statSync(this.#logFile).size : 0;
    this.#process = this.#spawn();
    const { startMaxMs } = this.#options;
    const deadline = Date.now() + startMaxMs;
    while (!this.#hasLogged(READY_LINE, logStart)) {
      if (!this.isRunning) throw this.#failed('ended while it started');
      if (Date.now() > deadline) {
        await this.kill();
        throw this.#failed(`was not ready within ${startMaxMs} ms`);
      }
      await delay(POLL_MS);
    }
  }

  /** Ends the process with SIGKILL and resolves when it is gone. Its data stay. */
  async kill(): Promise<void> {
    if (this.#process !== undefined) await killed(this.#process);
  }

  /**
   * Asks the process to shut down in order and resolves when it has.
   *
   * @throws {@link MillraceError} `INTERNAL` where it has not after `maxMs`; it is killed then
   */
  async terminate(maxMs: number): Promise<void> {
    this.#process?.kill('SIGTERM');
    const deadline = Date.now() + maxMs;
    while (this.isRunning) {
      if (Date.now() > deadline) {
        await this.kill();
        throw new MillraceError(`the broker did not shut down within ${maxMs} ms`, {
          code: 'INTERNAL',
        });
      }
      await delay(POLL_MS);
    }
  }

  get #configFile(): string {
    return join(nodeFolder(this.#options.layout, this.#options.index), 'server.properties');
  }

  #spawn(): ChildProcess {
    const { home, javaOptions, guard } = this.#options;
    // The log is the process's own file, not a pipe to us: a busy parent cannot block a broker.
    const log = openSync(this.#logFile, 'a');
    const args = [
      '-Xshare:auto',
      `-Dlog4j2.configurationFile=${home.loggingConfig}`,
      '-Djava.awt.headless=true',
      ...javaOptions,
      ...tempFolder(guard),
      '-cp',
      home.classPath,
      'kafka.Kafka',
      this.#configFile,
    ];
    try {
      // detached: Ctrl-C on the terminal is for this process, which may want to drain first.
      const child = spawn(home.java.command, args, { stdio: ['ignore', log, log], detached: true });
      guard.add(child);
      child.unref();
      // A failed spawn shows as a process that does not run.
      child.on('error', () => undefined);
      return child;
    } finally {
      closeSync(log);
    }
  }

  #hasLogged(line: string, fromByte: number): boolean {
    return readFileSync(this.#logFile).subarray(fromByte).includes(line);
  }

  #failed(what: string): MillraceError {
    const { index } = this.#options;
    const message = `the embedded Kafka's broker ${index} ${what}; the end of its log:`;
    const portTaken = this.logs(200).includes(PORT_TAKEN);
    return new MillraceError(`${message}\n${this.logs(20)}`, {
      code: 'BROKER_UNREACHABLE',
      context: { broker: index, address: this.address, portTaken },
    });
  }
}
