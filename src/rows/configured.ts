/** What a configuration says to sources and sinks of rows. */
import type { LoadedConfig, MillraceConfig } from '../config/config.ts';
import { configIn } from '../config/load.ts';
import { OF_ROWS } from '../config/producer-names.ts';
import { overlaid, toSinkOptions } from '../config/stream-options.ts';
import { MillraceError } from '../errors.ts';
import type { SinkBufferOptions } from '../stream/buffer-options.ts';
import type { KafkaSinkOptions } from '../stream/sink-options.ts';
import type { RowSinkOptions } from './row-sink-options.ts';

/** The `code` of the warnings of the process about names that were taken with a remark. */
export const CONFIG_NOTE = 'MILLRACE_CONFIG_NOTE';

/** Which end of a topic is configured. */
type End = 'publisher' | 'subscriber';

/** What each end is told of the other's options. */
const ENDS = {
  publisher: { owner: 'createPublisher', verb: 'writes', other: 'reader', url: 'destination' },
  subscriber: { owner: 'createSubscriber', verb: 'reads', other: 'writer', url: 'source' },
} as const;

/**
 * What `KafkaSink` takes, of a configuration: as `toSinkOptions`, and how much may wait
 * (`sink.maxBufferBytes`, `sink.maxBufferMessages`), which streams have not.
 *
 * @throws MillraceError `INVALID_OPTION` where neither says a topic.
 *
 * @example
 * ```ts
 * const config = await loadConfig();
 * const sink = new KafkaSink(toRowSinkOptions(config, { topic: 'orders', key: 'customer' }));
 * ```
 */
export function toRowSinkOptions<Value = unknown>(
  config: MillraceConfig | LoadedConfig,
  options: Partial<RowSinkOptions<Value>> = {},
): RowSinkOptions<Value> {
  // Functions among them pass through unread; the sink's own types speak of them.
  const sink = toSinkOptions(config, options as Partial<KafkaSinkOptions>);
  const { maxBufferBytes, maxBufferMessages }: SinkBufferOptions = config.sink ?? {};
  const { maxBufferBytes: bytes, maxBufferMessages: messages } = options;
  return overlaid(
    'sink',
    { maxBufferBytes, maxBufferMessages },
    overlaid('sink', sink, { maxBufferBytes: bytes, maxBufferMessages: messages }),
  );
}

/**
 * The configuration of a publisher or subscriber. What it says of another topic, or of the other
 * side, would change nothing and is refused; its notes are warnings of the process.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function endConfig(end: End, topic: string, config: unknown): LoadedConfig {
  const loaded = configIn(config, `${ENDS[end].owner}'s config`);
  checkTopics(end, topic, loaded);
  checkSide(end, loaded);
  for (const note of loaded.notes) {
    if (end === 'publisher' && note.endsWith(`: ${OF_ROWS}`)) continue;
    const said = note.replace(`; ${OF_ROWS}`, '');
    process.emitWarning(said, { type: 'MillraceWarning', code: CONFIG_NOTE });
  }
  return loaded;
}

// `topic` alone is either side's; the same one, said twice, is no mistake.
function checkTopics(end: End, topic: string, { source, sink, origins }: LoadedConfig): void {
  const said: readonly (readonly [path: string, topics: readonly unknown[]])[] = [
    ['source.topic', source.topic === undefined ? [] : [source.topic]],
    ['source.topics', source.topics ?? []],
    ['sink.topic', sink.topic === undefined ? [] : [sink.topic]],
  ];
  for (const [path, topics] of said) {
    const other = topics.find((one) => one !== topic);
    if (other === undefined) continue;
    const { owner, verb, url } = ENDS[end];
    const given = `${origins[path] ?? path} is ${String(other)}`;
    throw refused(
      path,
      `${owner}: ${given}, but it ${verb} '${topic}', its ${url}; leave one of them out`,
    );
  }
}

function checkSide(end: End, { origins }: LoadedConfig): void {
  const { other, verb } = ENDS[end];
  for (const [path, origin] of Object.entries(origins)) {
    if (origin.startsWith("preset '") || /^s\w+\.topics?$/.test(path)) continue;
    if (isOf(end, path, origins)) continue;
    throw refused(
      path,
      `${origin}: ${path} is a ${other}'s option, and a ${end} only ${verb}; leave it out`,
    );
  }
}

function isOf(end: End, path: string, origins: LoadedConfig['origins']): boolean {
  if (path.startsWith('connection.')) return true;
  if (end === 'publisher') {
    // `buffer.memory` is both, each for its own.
    const isBuffer = origins[path] === origins['sink.maxBufferBytes'];
    return path.startsWith('sink.') || (path === 'run.maxInFlightBytes' && isBuffer);
  }
  if (path === 'source.partitions') return false;
  return path.startsWith('source.') || path.startsWith('run.');
}

function refused(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
