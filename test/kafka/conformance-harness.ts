import { onTestFinished } from 'vitest';
import type { KafkaClient } from '../../src/ingest/client.ts';
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

/** A client of the shared broker on a library, closed at the end of the test. */
export function clientOn(client: ClientName, input: ConnectionInput = {}): KafkaClient {
  const options = resolveConnectionOptions({ brokers: sharedBrokers(), ...input, client });
  const made = createClient(options);
  onTestFinished(() => made.close());
  return made;
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
