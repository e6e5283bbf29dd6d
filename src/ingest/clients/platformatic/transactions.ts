/** A transactional producer's requests over the library's connections. */
import { type API, createAPI, Writer } from '@platformatic/kafka';
import type { TransactionRequest } from '../transaction-requests.ts';
import { Transactions } from '../transactions.ts';
import { WireReader } from '../wire.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { toMillraceError } from './errors.ts';

/** The transactions of a client's producers. */
export function transactionsOf(cluster: Cluster): Transactions<BrokerConnection> {
  return new Transactions({ cluster, toMillraceError, send });
}

function send<Answer>(
  broker: BrokerConnection,
  request: TransactionRequest<Answer>,
): Promise<Answer> {
  const { apiName, versions } = request;
  const apis = versions.map((version) => apiOf(request, version));
  return broker.call({ name: apiName, versions: apis });
}

function apiOf<Answer>(
  { apiKey, body, read }: TransactionRequest<Answer>,
  version: number,
): API<[], Answer> {
  return createAPI<[], Answer>(
    apiKey,
    version,
    () => Writer.create().append(body),
    (_correlationId, _apiKey, _version, { buffer, position, length }) =>
      read(new WireReader(buffer.slice(position, length))),
  );
}
