import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MillraceError } from '../errors.ts';
import { Guard } from './guard.ts';
import { findMaven, type Java } from './java.ts';

/** Where Apache Kafka lies on this machine. */
export interface KafkaHome {
  /** Kafka's version, such as `4.3.1`. */
  readonly version: string;
  readonly folder: string;
  readonly java: Java;
  /** Java's class path. */
  readonly classPath: string;
  /** Starts every node's metadata: what `kafka-storage format` writes, the same for all. */
  readonly bootstrapCheckpoint: string;
  /** log4j's configuration: warnings, and the line that says that a broker is ready. */
  readonly loggingConfig: string;
}

/** Told what takes time, in words for a person. */
export type OnProgress = (message: string) => void;

const FETCH_MAX_MS = 10 * 60_000;
const FORMAT_MAX_MS = 60_000;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;
/** Any will do: what is taken from the formatted folder does not contain it. */
const TEMPLATE_CLUSTER_ID = 'bWlsbHJhY2UtdGVtcGxhdA';

const LOGGING = `status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.ready.name = kafka.server.KafkaRaftServer
logger.ready.level = info
`;

const run = promisify(execFile);

/**
 * The folder that holds fetched versions of Kafka: `MILLRACE_CACHE`, else `millrace` in
 * `XDG_CACHE_HOME`, else `~/.cache/millrace`.
 */
export function cacheFolder(environment = process.env): string {
  const own = environment.MILLRACE_CACHE;
  if (own) return own;
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'millrace');
}

/**
 * Finds Apache Kafka in the cache folder, or fetches it there with Maven, once.
 *
 * Several processes may do so at once: each fetches into a folder of its own, and the first whose
 * `rename` succeeds has made it for all.
 *
 * @throws {@link MillraceError} `MISSING_DEPENDENCY` where Maven is needed and not there, or where
 * it could not fetch the jars
 */
export async function kafkaHome(java: Java, onProgress: OnProgress): Promise<KafkaHome> {
  const pom = await readFile(fileURLToPath(new URL('./pom.xml', import.meta.url)), 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1] ?? '';
  const hash = createHash('sha256').update(pom).update(LOGGING).digest('hex').slice(0, 8);
  const home = homeIn(join(cacheFolder(), `kafka-${version}-${hash}`), version, java);
  if (existsSync(home.folder)) return home;

  const staging = `${home.folder}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await mkdir(staging, { recursive: true });
  const guard = new Guard(staging);
  try {
    await fetchInto(homeIn(staging, version, java), pom, guard, onProgress);
    await renameUnlessThere(staging, home.folder);
  } finally {
    await guard.release();
  }
  return home;
}

function homeIn(folder: string, version: string, java: Java): KafkaHome {
  return {
    version,
    folder,
    java,
    classPath: join(folder, 'libs', '*'),
    bootstrapCheckpoint: join(folder, 'bootstrap.checkpoint'),
    loggingConfig: join(folder, 'log4j2.properties'),
  };
}

async function fetchInto(
  home: KafkaHome,
  pom: string,
  guard: Guard,
  onProgress: OnProgress,
): Promise<void> {
  const maven = await findMaven();
  onProgress(`fetching Apache Kafka ${home.version} (once)…`);
  const pomFile = join(home.folder, 'pom.xml');
  await writeFile(pomFile, pom);
  await writeFile(home.loggingConfig, LOGGING);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(home.folder, 'libs')}`];
  try {
    const fetching = run(maven, ['-B', '-q', '-ntp', '-f', pomFile, ...goal], {
      timeout: FETCH_MAX_MS,
      maxBuffer: OUTPUT_MAX_BYTES,
    });
    guard.add(fetching.child);
    await fetching;
  } catch (cause) {
    throw new MillraceError(
      `Maven could not fetch Apache Kafka ${home.version}: ${outputOf(cause)}\n` +
        'Run it again where the network allows it, or set KAFKA_BROKERS to a running cluster.',
      { code: 'MISSING_DEPENDENCY', retry: 'backoff', cause },
    );
  }
  await makeBootstrapCheckpoint(home, guard);
}

/**
 * Formats one storage folder with Kafka's own tool and keeps the part that every node shares.
 *
 * With it, each later start needs no Java process beside the brokers' own.
 */
async function makeBootstrapCheckpoint(home: KafkaHome, guard: Guard): Promise<void> {
  const config = join(home.folder, 'template.properties');
  await writeFile(
    config,
    'process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:9093\n' +
      'listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n' +
      `controller.listener.names=CONTROLLER\nlog.dirs=${home.folder}\n`,
  );
  const tool = ['kafka.tools.StorageTool', 'format', '-t', TEMPLATE_CLUSTER_ID, '-c', config];
  try {
    const options = ['-XX:TieredStopAtLevel=1', '-cp', home.classPath];
    const formatting = run(home.java.command, [...options, ...tool], {
      timeout: FORMAT_MAX_MS,
      maxBuffer: OUTPUT_MAX_BYTES,
    });
    guard.add(formatting.child);
    await formatting;
  } catch (cause) {
    throw new MillraceError(`Kafka's storage tool failed: ${outputOf(cause)}`, {
      code: 'INTERNAL',
      cause,
    });
  }
}

/** Moves a finished folder to its place; where another process was first, its folder stays. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // A folder that is not empty cannot be replaced: the error's code differs between systems.
    if (!existsSync(to)) throw error;
  }
}

/** The last lines that a failed command printed, else its message. */
function outputOf(error: unknown): string {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
  return output === '' ? String(error) : output.split('\n').slice(-20).join('\n');
}
