/** A transactional producer's requests over kafkajs's connections; its own know no members. */
import type { TransactionRequest } from '../transaction-requests.ts';
import { Transactions } from '../transactions.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { toMillraceError } from './errors.ts';

/** The empty TAG_BUFFER that ends the header of a flexible request; kafkajs writes none. */
const NO_TAGS = Buffer.from([0]);

/** The transactions of a client's producers. */
export function transactionsOf(cluster: Cluster): Transactions<BrokerConnection> {
  return new Transactions({ cluster, toMillraceError, send });
}

async function send<Answer>(
  connection: BrokerConnection,
  { apiKey, apiName, versions, body, read }: TransactionRequest<Answer>,
): Promise<Answer> {
  const answer = await connection.call({
    apiKey,
    apiName,
    apiVersion: connection.newestOf(apiKey, versions),
    body: Buffer.concat([NO_TAGS, body]),
    read: (reader) => {
      reader.tags();
      return read(reader);
    },
  });
  return answer!;
}
