/** Confluent Cloud in three options. */
import { MillraceError } from '../errors.ts';
import { meantName } from '../nearest-name.ts';
import type { ConnectionInput } from './connection-options.ts';
import { Secret } from './secret.ts';

/** What Confluent Cloud's console shows for a cluster and an API key of it. */
export interface ConfluentCloudOptions {
  /** The cluster's bootstrap server, such as `pkc-1.eu-central-1.aws.confluent.cloud:9092`. */
  readonly bootstrapServers: string | readonly string[];
  readonly apiKey: string;
  readonly apiSecret: string | Secret;
}

const NAMES = ['bootstrapServers', 'apiKey', 'apiSecret'];
/** Its load balancers take longer to let a client in than a broker next door. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The connection options of a Confluent Cloud cluster: TLS with the authorities that Node.js
 * trusts, SASL PLAIN with an API key, and ten seconds to connect. Spread them into the options of a
 * source or a sink.
 *
 * Throws `INVALID_OPTION` for a missing, empty or unknown option.
 *
 * @example
 * ```ts
 * const cloud = confluentCloud({
 *   bootstrapServers: 'pkc-1.eu-central-1.aws.confluent.cloud:9092',
 *   apiKey: process.env.CONFLUENT_KEY ?? '',
 *   apiSecret: process.env.CONFLUENT_SECRET ?? '',
 * });
 * Stream.fromKafka({ ...cloud, topic: 'orders', schema: { id: 'int64' } });
 * ```
 */
export function confluentCloud(options: ConfluentCloudOptions): ConnectionInput {
  if (typeof options !== 'object' || options === null) {
    throw invalid('options', `give an object of ${NAMES.join(', ')}`);
  }
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw invalid(name, `no such option; ${meantName(name, NAMES)}`);
  }
  const { bootstrapServers, apiKey, apiSecret } = options;
  const servers: readonly unknown[] = [bootstrapServers ?? []].flat();
  if (servers.length === 0 || !servers.every(isText)) {
    throw invalid('bootstrapServers', "give the cluster's 'host:port'");
  }
  if (!isText(apiKey)) throw invalid('apiKey', 'give the API key');
  const secret = apiSecret instanceof Secret ? apiSecret : new Secret(apiSecret);
  if (!isText(secret.reveal())) throw invalid('apiSecret', "give the API key's secret");
  return Object.freeze({
    brokers: bootstrapServers,
    ssl: true,
    sasl: Object.freeze({ mechanism: 'plain', username: apiKey, password: secret }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

// The values are not shown: one of them is the secret.
function invalid(option: string, wayOut: string): MillraceError {
  return new MillraceError(`confluentCloud: ${option}: ${wayOut}.`, {
    code: 'INVALID_OPTION',
    context: { option },
  });
}
