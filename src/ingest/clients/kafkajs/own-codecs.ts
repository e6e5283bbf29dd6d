/** Snappy, LZ4 and zstd for kafkajs, which comes with gzip alone. */
import { MillraceError } from '../../../errors.ts';
import type { Compression } from '../../../plan.ts';
import { ArenaFull } from '../../../wasm/instance.ts';
import { BadCompression } from '../../bad-compression.ts';
import { COMPRESSION_ID, compress, decompress } from '../../compression.ts';
import type { Require } from './internals.ts';

/** What the records of one batch may decompress to. */
export const DECOMPRESSED_MAX_BYTES = 256 * 1024 * 1024;

/** A codec as kafkajs calls it. */
export interface OwnCodec {
  compress(records: { readonly buffer: Buffer }): Promise<Uint8Array>;
  decompress(records: Buffer): Promise<Uint8Array>;
}

/** Codecs by their number in a batch's attributes; one that kafkajs has not throws when called. */
export type OwnCodecs = Record<number, () => unknown>;

/**
 * Puts Millrace's codecs where kafkajs has none. What the user has put there stays, and what the
 * user puts there later takes the place of ours. False where kafkajs has no such table.
 */
export function addCodecs(load: Require): boolean {
  const { Codecs } = load('kafkajs/src/protocol/message/compression/index.js') as {
    readonly Codecs?: OwnCodecs;
  };
  if (typeof Codecs !== 'object' || Codecs === null) return false;
  for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const id = COMPRESSION_ID[compression];
    if (isThere(Codecs[id])) continue;
    const codec = codecOf(compression);
    Codecs[id] = () => codec;
  }
  return true;
}

function isThere(make: (() => unknown) | undefined): boolean {
  try {
    return typeof make === 'function' && make() !== undefined;
  } catch (error) {
    // What stands there by default throws this; what fails otherwise was put there.
    return (error as Error).name !== 'KafkaJSNotImplemented';
  }
}

function codecOf(compression: Compression): OwnCodec {
  return {
    compress: async ({ buffer }) => compress(compression, buffer),
    decompress: async (records) => {
      try {
        return decompress(compression, records, DECOMPRESSED_MAX_BYTES);
      } catch (cause) {
        if (!(cause instanceof BadCompression) && !(cause instanceof ArenaFull)) throw cause;
        const message = `a record batch with ${compression} cannot be read: ${cause.message}`;
        throw new MillraceError(message, { code: 'CORRUPT_BATCH', cause });
      }
    },
  };
}
