/** The options of `millrace start`. */
import type { ConnectionOptions } from '../../ingest/client.ts';
import type { Compression } from '../../plan.ts';
import { oneOf, parseArguments, wholeNumber } from '../arguments.ts';

/** What `millrace start` runs with. */
export interface StartOptions {
  readonly messages: number;
  readonly partitions: number;
  readonly compression: Compression;
  /** The client library that reads and writes. */
  readonly client: ConnectionOptions['client'];
  /** A cluster to use instead of the embedded one. */
  readonly brokers: string | undefined;
  readonly help: boolean;
}

const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const CLIENTS: readonly ConnectionOptions['client'][] = ['auto', 'platformatic', 'kafkajs'];
const MAX_MESSAGES = 50_000_000;
const MAX_PARTITIONS = 1_000;

/** Text of `millrace start --help`. */
export const START_HELP = `Runs the main job against a real Apache Kafka: puts JSON orders on
a topic, runs a pipeline over them in worker threads, writes the results to another
topic, and has them read back and checked by a program that knows nothing of Millrace.

Usage: millrace start [options]

  --messages N        orders to put on the topic (default 1000000)
  --partitions N      partitions of both topics (default 4)
  --compression NAME  of the results: ${COMPRESSIONS.join(', ')} (default none)
  --client NAME       the client library: ${CLIENTS.join(', ')} (default auto)
  --brokers LIST      use this cluster, host:port[,host:port], instead of starting one
  --help

Without --brokers it needs Java 17 or later, and Maven the first time. The result is read
by Kafka's own console consumer, or, with --brokers and without Java, by the consumer of
@platformatic/kafka. The last line of the output is one line of JSON. Ctrl-C drains
what is under way, commits, and stops without that line.`;

/**
 * Reads the command line.
 *
 * @throws MillraceError `INVALID_OPTION`, which names the value and what would work.
 */
export function readStartOptions(args: readonly string[]): StartOptions {
  const { values } = parseArguments('millrace start', args, {
    messages: { type: 'string' },
    partitions: { type: 'string' },
    compression: { type: 'string' },
    client: { type: 'string' },
    brokers: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  return {
    messages: wholeNumber('messages', values.messages, 1_000_000, MAX_MESSAGES),
    partitions: wholeNumber('partitions', values.partitions, 4, MAX_PARTITIONS),
    compression: oneOf('compression', values.compression ?? 'none', COMPRESSIONS),
    client: oneOf('client', values.client ?? 'auto', CLIENTS),
    brokers: values.brokers,
    help: values.help ?? false,
  };
}
