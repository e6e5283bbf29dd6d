/** The options of `millrace schema`. */
import { checkIdentifier } from '../../arrow/schema-to-literal.ts';
import { TYPE_NAMES } from '../../arrow/schema-to-typescript.ts';
import { MillraceError } from '../../errors.ts';
import type { ConnectionOptions } from '../../ingest/client.ts';
import { INFERENCE_DEFAULTS } from '../../ingest/infer/rules.ts';
import type { InferenceOptions } from '../../stream/infer-schema.ts';
import { oneOf, parseArguments, wholeNumber } from '../arguments.ts';

/** How the schema is printed. */
export type SchemaFormat = 'literal' | 'arrow-json' | 'typescript';

/** What `millrace schema` runs with. */
export interface SchemaOptions {
  /** Absent: the topic of the configuration. */
  readonly topic: string | undefined;
  readonly brokers: string | undefined;
  readonly client: ConnectionOptions['client'] | undefined;
  /** A configuration file; absent: the usual places. */
  readonly config: string | undefined;
  readonly format: SchemaFormat;
  /** What the literal or the interface is called; absent: after the topic. */
  readonly name: string | undefined;
  /** Where the schema goes; absent: standard output. */
  readonly out: string | undefined;
  readonly inference: InferenceOptions;
  readonly help: boolean;
}

const FORMATS: readonly SchemaFormat[] = ['literal', 'arrow-json', 'typescript'];
const CLIENTS: readonly ConnectionOptions['client'][] = ['auto', 'platformatic', 'kafkajs'];
const MAX_MESSAGES = 10_000_000;

/** Text of `millrace schema --help`. */
export const SCHEMA_HELP = `Reads a sample of the JSON messages of a topic and prints the schema
that they have, to be pinned in a program. No group is joined, and nothing is committed.

Usage: millrace schema TOPIC [options]

  --brokers LIST     host:port[,host:port] (default: the configuration, else localhost:9092)
  --client NAME      the client library: ${CLIENTS.join(', ')}
  --config FILE      the configuration; default millrace.config.ts and its like, and the
                     environment: KAFKA_BOOTSTRAP_SERVERS, KAFKA_SECURITY_PROTOCOL, …
  --messages N       messages of the sample, at most (default 1000)
  --from END         earliest (default): the oldest messages of each partition, the first
                     that there are; latest: the newest
  --format NAME      ${FORMATS.join(', ')} (default literal)
  --name NAME        what the literal or the interface is called (default: after the topic)
  --out FILE         writes the schema to a file
  --help

How values become types (docs/inference.md):

  --timestamps       strings that are timestamps, dates, times, durations become those
  --numbers          strings that are numbers become decimals
  --dictionaries     strings of few different values become dictionaries
  --integers KIND    int64 (default), or smallest: the smallest type that holds the sample
  --fractions KIND   float64 (default), or decimal
  --nullable KIND    observed (default): what was null or missing; all: everything
  --maps KIND        guess (default): objects whose keys look like data are maps; never
  --conflicts KIND   json (default): values of several kinds are read as json; error

The schema goes to standard output, all else to standard error. Exit status: 0; 1 where
there is no schema; 2 for an option that cannot be; 130 after Ctrl-C.`;

/**
 * Reads the command line.
 *
 * @throws MillraceError `INVALID_OPTION`, which names the value and what would work.
 */
export function readSchemaOptions(args: readonly string[]): SchemaOptions {
  const { values, positionals } = parseArguments('millrace schema', args, OPTIONS, true);
  if (positionals.length > 1) {
    throw new MillraceError(`one topic has one schema; "${positionals[1]}" is another`, {
      code: 'INVALID_OPTION',
      context: { option: 'TOPIC', value: positionals[1]! },
    });
  }
  const { client, name, out } = values;
  const format = oneOf('format', values.format ?? 'literal', FORMATS);
  if (name !== undefined) checkIdentifier(name, format === 'typescript' ? TYPE_NAMES : []);
  return {
    topic: positionals[0],
    brokers: values.brokers,
    client: client === undefined ? undefined : oneOf('client', client, CLIENTS),
    config: values.config,
    format,
    name,
    out,
    inference: readInference(values),
    help: values.help ?? false,
  };
}

const OPTIONS = {
  brokers: { type: 'string' },
  client: { type: 'string' },
  config: { type: 'string' },
  messages: { type: 'string' },
  from: { type: 'string' },
  format: { type: 'string' },
  name: { type: 'string' },
  out: { type: 'string' },
  timestamps: { type: 'boolean' },
  numbers: { type: 'boolean' },
  dictionaries: { type: 'boolean' },
  integers: { type: 'string' },
  fractions: { type: 'string' },
  nullable: { type: 'string' },
  maps: { type: 'string' },
  conflicts: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = Readonly<Record<string, string | boolean | undefined>>;

function readInference(values: Values): InferenceOptions {
  const text = (name: string, otherwise: string) => String(values[name] ?? otherwise);
  const { integers, fractions, nullable, maps, conflicts } = INFERENCE_DEFAULTS;
  return {
    messages: wholeNumber('messages', values.messages as string | undefined, 1_000, MAX_MESSAGES),
    from: oneOf('from', text('from', 'earliest'), ['earliest', 'latest']),
    timestamps: values.timestamps === true,
    numbers: values.numbers === true,
    dictionaries: values.dictionaries === true,
    integers: oneOf('integers', text('integers', integers), ['int64', 'smallest']),
    fractions: oneOf('fractions', text('fractions', fractions), ['float64', 'decimal']),
    nullable: oneOf('nullable', text('nullable', nullable), ['observed', 'all']),
    maps: oneOf('maps', text('maps', maps), ['guess', 'never']),
    conflicts: oneOf('conflicts', text('conflicts', conflicts), ['json', 'error']),
  };
}
