/** How much may wait in a sink of rows: options that streams have none of. */
import type { OptionReader } from './option-reader.ts';

/** What may wait in a `KafkaSink` or a publisher; a stream has `maxInFlightBytes`. */
export interface SinkBufferOptions {
  /**
   * Bytes of messages that may wait for their delivery in a sink of rows. Default 32 MiB, at least
   * 1,024.
   */
  readonly maxBufferBytes?: number;
  /** Messages that may wait for their delivery in a sink of rows. Default 100,000. */
  readonly maxBufferMessages?: number;
}

/** Names of `SinkBufferOptions`. */
export const SINK_BUFFER_NAMES = ['maxBufferBytes', 'maxBufferMessages'] as const;

/** The largest `maxBufferMessages`. */
export const MAX_BUFFER_MESSAGES = 100_000_000;

const MIB = 1024 * 1024;
// As large as a run's `maxInFlightBytes` may be: a name such as `buffer.memory` says both.
const MAX_BUFFER_BYTES = 65_536 * MIB;

/**
 * The bounds that options stand for, defaults filled in.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function readSinkBuffer(options: OptionReader): Required<SinkBufferOptions> {
  return {
    maxBufferBytes: options.integer('maxBufferBytes', [1_024, MAX_BUFFER_BYTES], 32 * MIB),
    maxBufferMessages: options.integer('maxBufferMessages', [1, MAX_BUFFER_MESSAGES], 100_000),
  };
}
