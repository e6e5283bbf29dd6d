import { onTestFinished } from 'vitest';
import { COPYING_KAFKAJS, copyingPackages } from '../../bench/broker/copying-kafkajs.ts';
import type { ConnectionOptions, KafkaClient } from '../../src/ingest/client.ts';
import { createClient } from '../../src/ingest/clients/choose.ts';
import type { ClientName } from '../../src/ingest/clients/info.ts';
import { COMPRESSION_ID, compress } from '../../src/ingest/compression.ts';
import {
  type ConnectionInput,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { crc32c } from '../../src/ingest/crc32c.ts';
import type { Compression } from '../../src/plan.ts';
import { sharedBrokers } from './cluster.ts';

/** Every client: one suite runs on all of them. */
export const CLIENTS = ['platformatic', 'kafkajs'] as const satisfies readonly ClientName[];

/** The same, and a kafkajs of which each message is copied: for what messages pass through. */
export const VARIANTS = [...CLIENTS, COPYING_KAFKAJS] as const;
export type Variant = (typeof VARIANTS)[number];

/** A client of the shared broker on a library, closed at the end of the test. */
export function clientOn(variant: Variant, input: ConnectionInput = {}): KafkaClient {
  const client = libraryOf(variant);
  const made = clientFor(
    variant,
    resolveConnectionOptions({ brokers: sharedBrokers(), ...input, client }),
  );
  onTestFinished(() => made.close());
  return made;
}

/** What the option `client` has to be. */
export function libraryOf(variant: Variant): ClientName {
  return variant === COPYING_KAFKAJS ? 'kafkajs' : variant;
}

/** The client of a variant, as a run can be given it. */
export function clientFor(variant: Variant, options: ConnectionOptions): KafkaClient {
  if (variant !== COPYING_KAFKAJS) return createClient(options);
  return createClient(options, { packages: copyingPackages, log: () => undefined });
}

const HEADER_BYTES = 61;

/** A record batch without compression, compressed. */
export function compressed(batch: Buffer, compression: Compression): Buffer {
  const records = compress(compression, batch.subarray(HEADER_BYTES));
  const made = Buffer.concat([batch.subarray(0, HEADER_BYTES), records]);
  made.writeInt32BE(made.length - 12, 8);
  made.writeInt16BE(COMPRESSION_ID[compression], 21);
  made.writeUInt32BE(crc32c(made.subarray(21)), 17);
  return made;
}
