import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MillraceError } from '../errors.ts';

/** The oldest Java that Kafka 4 brokers run on. */
export const JAVA_MAJOR_MIN = 17;

/** A Java that is new enough. */
export interface Java {
  /** What to execute. */
  readonly command: string;
  readonly major: number;
  /** The whole version, such as `17.0.15`. */
  readonly version: string;
}

const run = promisify(execFile);

/**
 * Finds Java in `JAVA_HOME`, else on the `PATH`.
 *
 * @param environment where the two variables are read; default the process's own
 * @throws {@link MillraceError} `MISSING_DEPENDENCY` where there is none, or only an older one
 */
export async function findJava(environment = process.env): Promise<Java> {
  const home = environment.JAVA_HOME;
  const command = home ? join(home, 'bin', 'java') : 'java';
  const output = await firstOutput(command, ['-version'], environment);
  if (output === undefined) throw missing(`Java was not found (tried \`${command}\`)`);
  // openjdk version "17.0.15" 2025-04-15; before Java 9 it was "1.8.0_292".
  const version = /version "([^"]+)"/.exec(output)?.[1] ?? '';
  const major = Number(/^(?:1\.)?(\d+)/.exec(version)?.[1] ?? 0);
  if (major < JAVA_MAJOR_MIN) {
    throw missing(`\`${command}\` is Java ${version || 'of an unknown version'}, which is too old`);
  }
  return { command, major, version };
}

/**
 * Finds Maven in `MAVEN_HOME`, else on the `PATH`, and returns what to execute.
 *
 * @param environment where the two variables are read; default the process's own
 * @throws {@link MillraceError} `MISSING_DEPENDENCY` where there is none that runs
 */
export async function findMaven(environment = process.env): Promise<string> {
  const home = environment.MAVEN_HOME;
  const command = home ? join(home, 'bin', 'mvn') : 'mvn';
  const output = await firstOutput(command, ['--version'], environment);
  if (output === undefined) throw missing(`Maven was not found (tried \`${command}\`)`);
  return command;
}

/** Both streams of a command, or undefined where it is not there or fails. */
async function firstOutput(
  command: string,
  args: string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(command, args, { env: environment });
    return stderr + stdout;
  } catch {
    return undefined;
  }
}

/** One error with both ways out. */
function missing(what: string): MillraceError {
  const message = [
    `the embedded Kafka cannot start: ${what}. Either`,
    `  - install Java ${JAVA_MAJOR_MIN} or newer and Maven (Debian: apt-get install ` +
      `openjdk-17-jre-headless maven), or`,
    '  - set KAFKA_BROKERS to a cluster that is running, such as the one of',
    '    docker run -d -p 9092:9092 apache/kafka  with KAFKA_BROKERS=localhost:9092',
  ].join('\n');
  return new MillraceError(message, { code: 'MISSING_DEPENDENCY', context: { reason: what } });
}
