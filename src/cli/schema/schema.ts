/** `millrace schema`: the schema of a topic's messages, printed. */
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { toSourceOptions } from '../../config/stream-options.ts';
import { MillraceError } from '../../errors.ts';
import { type InferenceOptions, inferSchema } from '../../stream/infer-schema.ts';
import type { InferredSchema } from '../../stream/inferred-schema.ts';
import type { KafkaSourceCommon } from '../../stream/source-options.ts';
import type { Command } from '../command.ts';
import { waitingFor } from '../waiting.ts';
import { defaultName } from './default-name.ts';
import { readSchemaOptions, SCHEMA_HELP, type SchemaOptions } from './options.ts';

const EXIT_INTERRUPTED = 130;
/** Rejected messages that are told. */
const SHOWN_REJECTS = 3;

/** The command. */
export const schemaCommand: Command = {
  name: 'schema',
  summary: "infer the schema of a topic's messages and print it",
  run: schema,
};

async function schema(args: readonly string[]): Promise<number> {
  const options = readSchemaOptions(args);
  if (options.help) {
    console.log(SCHEMA_HELP);
    return 0;
  }
  // Before a topic is read for nothing.
  if (options.out !== undefined) await checkWritable(options.out);
  const stopping = new AbortController();
  const interrupt = () => stopping.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const source = await sourceOf(options);
    const inference = { ...options.inference, signal: stopping.signal };
    const inferring = inferSchema(source, inference);
    const inferred = await waitingFor(source.brokers, inferring);
    report(inferred, inference.from);
    await write(render(inferred, options, source.topic!), options.out);
    return 0;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    console.error('millrace: stopped; nothing was written');
    // A client that is still connecting would keep the process until it has.
    process.exit(EXIT_INTERRUPTED);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** What the configuration says of reading, and the command line above it. */
async function sourceOf(options: SchemaOptions): Promise<KafkaSourceCommon> {
  const { topic, brokers, client, config } = options;
  const loaded = await loadConfig(config === undefined ? {} : { file: config });
  for (const note of loaded.notes) console.error(`note: ${note}`);
  const wanted = topic ?? loaded.source.topic;
  if (wanted === undefined) {
    throw new MillraceError('no topic: millrace schema TOPIC (millrace schema --help)', {
      code: 'INVALID_OPTION',
      context: { option: 'TOPIC' },
    });
  }
  const given = toSourceOptions(loaded, {
    codec: 'bytes',
    ...(brokers === undefined ? {} : { brokers }),
    ...(client === undefined ? {} : { client }),
  });
  // What the configuration reads, and as whom, is another matter.
  const others = ['topics', 'partitions', 'groupId', 'group', 'startFrom', 'autoCommit'];
  const kept = Object.entries(given).filter(([name]) => !others.includes(name));
  return { ...Object.fromEntries(kept), topic: wanted };
}

function report(inferred: InferredSchema, from: InferenceOptions['from']): void {
  const { sampled, rejected, rejects, notes } = inferred;
  const which =
    from === 'latest'
      ? 'the newest of each partition (--from earliest: the oldest)'
      : 'the oldest of each partition (--from latest: the newest)';
  console.error(`inferred from ${sampled.toLocaleString('en')} messages, ${which}`);
  if (rejected > 0) {
    console.error(`warning: ${rejected.toLocaleString('en')} more are no JSON objects:`);
    for (const { message, reason } of rejects.slice(0, SHOWN_REJECTS)) {
      console.error(`  ${message}: ${reason}`);
    }
    const untold = rejected - SHOWN_REJECTS;
    if (untold > 0) console.error(`  and ${untold.toLocaleString('en')} more`);
  }
  for (const { kind, column, message } of notes) {
    console.error(`${kind}: ${column === '' ? '' : `${column}: `}${message}`);
  }
}

function render(inferred: InferredSchema, options: SchemaOptions, topic: string): string {
  const { format } = options;
  if (format === 'arrow-json') return `${JSON.stringify(inferred.toArrowJson(), null, 2)}\n`;
  const name = options.name ?? defaultName(topic, format);
  return format === 'literal' ? inferred.toModule(name) : inferred.toTypeScript(name);
}

async function write(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeFile(out, text).catch((error) => {
    throw unwritable(out, error);
  });
  console.error(`written to ${out}`);
}

async function checkWritable(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) throw unwritable(out, new Error('it is a directory'));
  await access(found === undefined ? dirname(out) : out, constants.W_OK).catch((error) => {
    throw unwritable(out, error);
  });
}

function unwritable(out: string, error: unknown): MillraceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new MillraceError(`--out ${out} cannot be written: ${reason}`, {
    code: 'INVALID_OPTION',
    context: { option: 'out', value: out },
    cause: error,
  });
}
