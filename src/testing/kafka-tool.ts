import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Guard } from './guard.ts';
import type { KafkaHome } from './kafka-home.ts';

/** A running tool of Kafka's, its three streams as pipes. */
export type KafkaTool = ChildProcessByStdio<Writable, Readable, Readable>;

/** What a tool left behind. */
export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; null where a signal ended it. */
  readonly code: number | null;
}

/** How a tool is run. */
export interface ToolOptions {
  /** Written to its standard input, which is then closed; default: closed at once. */
  readonly stdin?: string | Uint8Array;
  /** Kills the tool, which then has no exit status. */
  readonly signal?: AbortSignal;
}

/** Starts the class `className` of Kafka's jars; `guard` ends it where this process ends first. */
export function spawnTool(
  home: KafkaHome,
  guard: Guard,
  className: string,
  args: readonly string[],
): KafkaTool {
  // A tool lives for seconds: the quick compiler alone, so that it is done sooner.
  const options = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-XX:+UseSerialGC'];
  const logging = `-Dlog4j2.configurationFile=${home.loggingConfig}`;
  const child = spawn(
    home.java.command,
    [...options, ...tempFolder(guard), logging, '-cp', home.classPath, className, ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  guard.add(child);
  return child;
}

/** Runs a tool to its end; a failing one is a result with its `code`, not an error. */
export async function runTool(
  home: KafkaHome,
  guard: Guard,
  className: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const child = spawnTool(home, guard, className, args);
  const closed = once(child, 'close');
  const kill = () => child.kill('SIGKILL');
  options.signal?.addEventListener('abort', kill);
  // A tool that ends before it has read everything breaks the pipe: its status tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);
  try {
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await closed;
    return { stdout, stderr, code: child.exitCode };
  } finally {
    options.signal?.removeEventListener('abort', kill);
  }
}

/** Java unpacks native libraries into its temp folder and leaves them where it is killed. */
export function tempFolder(guard: Guard): string[] {
  return guard.folder === undefined ? [] : [`-Djava.io.tmpdir=${guard.folder}`];
}
