import { expect, test, vi } from 'vitest';
import { MillraceError } from '../../../src/errors.ts';
import { kafkaErrorName } from '../../../src/ingest/clients/kafka-errors.ts';
import { withRetries } from '../../../src/ingest/clients/retry.ts';
import type {
  TransactionRequest,
  Verdict,
} from '../../../src/ingest/clients/transaction-requests.ts';
import { Transactions } from '../../../src/ingest/clients/transactions.ts';

const producer = { transactionalId: 'tx', producerId: 4n, producerEpoch: 2 };
const place = { topic: 'out', partition: 0 };
const offsets = [{ topic: 'in', partition: 3, offset: 8n }];
const lost = new MillraceError('connection lost', { code: 'BROKER_UNREACHABLE' });
const RETRIES = 3;

/** An answer to one request: nothing, Kafka's errors, or an exception. */
type Fate = 'done' | MillraceError | readonly string[];

/** What is sent, and to which node; each request has the next of `fates`, then `done`. */
class Script {
  readonly sent: string[] = [];
  readonly sought: string[] = [];
  readonly transactions: Transactions<number>;
  readonly #closing = new AbortController();
  /** Where the coordinator is, of every name; it moves each time that it was forgotten. */
  #node = 1;

  constructor(...fates: Fate[]) {
    const { signal } = this.#closing;
    const known = new Map<string, number>();
    const cluster = {
      signal,
      retrying: <T>(attempt: () => Promise<T>) =>
        withRetries({ retries: RETRIES, retryDelayMs: 1 }, signal, attempt),
      topics: async (names: readonly string[]) => {
        if (!names.includes('missing')) return [];
        throw new MillraceError('there is none', { code: 'UNKNOWN_TOPIC' });
      },
      connection: async (_purpose: string, node: number) => node,
      coordinator: async (name: string, kind = 'group') => {
        const key = `${kind} ${name}`;
        if (!known.has(key)) this.sought.push(key);
        known.set(key, known.get(key) ?? this.#node++);
        return known.get(key)!;
      },
      forgetTopics: () => undefined,
      forgetCoordinator: (name: string, kind = 'group') => void known.delete(`${kind} ${name}`),
    };
    const send = async <A>(node: number, { apiName }: TransactionRequest<A>): Promise<A> => {
      this.sent.push(`${apiName}@${node}`);
      const fate = fates.shift() ?? 'done';
      if (fate instanceof MillraceError) throw fate;
      const codes = fate === 'done' ? [0] : fate.map(codeOf);
      const verdicts: Verdict[] = codes.map((errorCode) => ({ errorCode, ...place }));
      const byPartition = apiName === 'AddPartitionsToTxn' || apiName === 'TxnOffsetCommit';
      return (byPartition ? verdicts : { ...verdicts[0], ...producer }) as A;
    };
    const toMillraceError = (error: unknown) => MillraceError.from(error);
    this.transactions = new Transactions({ cluster, toMillraceError, send });
  }

  close(): void {
    this.#closing.abort();
  }
}

function codeOf(name: string): number {
  for (let code = 0; code < 200; code++) if (kafkaErrorName(code) === name) return code;
  throw new Error(`there is no ${name}`);
}

test('each request goes to the coordinator that it is for', async () => {
  const script = new Script();
  const { transactions } = script;
  expect(await transactions.init({ transactionalId: 'tx', transactionTimeoutMs: 9 })).toEqual(
    producer,
  );
  await transactions.addPartitions(producer, [place]);
  await transactions.sendOffsets(producer, 'group', offsets);
  await transactions.end(producer, 'commit');
  expect(script.sought).toEqual(['transaction tx', 'group group']);
  expect(script.sent).toEqual([
    'InitProducerId@1',
    'AddPartitionsToTxn@1',
    'AddOffsetsToTxn@1',
    'TxnOffsetCommit@2',
    'EndTxn@1',
  ]);
});

test('nothing to add is nothing to send', async () => {
  const script = new Script();
  await script.transactions.addPartitions(producer, []);
  await script.transactions.sendOffsets(producer, 'group', []);
  expect(script.sent).toEqual([]);
});

test.each([
  ['a connection is lost', lost],
  ['the coordinator has moved', ['NOT_COORDINATOR']],
  ['the coordinator is loading', ['COORDINATOR_LOAD_IN_PROGRESS']],
] as const)('where %s it is looked up again', async (_, fate) => {
  const script = new Script(fate, fate);
  await script.transactions.end(producer, 'commit');
  expect(script.sent).toEqual(['EndTxn@1', 'EndTxn@2', 'EndTxn@3']);
  const offsetsScript = new Script('done', fate);
  await offsetsScript.transactions.sendOffsets(producer, 'group', offsets);
  expect(offsetsScript.sent).toEqual([
    'AddOffsetsToTxn@1',
    'TxnOffsetCommit@2',
    'TxnOffsetCommit@3',
  ]);
});

test('while markers are written it is asked again in place, before the retries begin', async () => {
  const busy = ['CONCURRENT_TRANSACTIONS'];
  const script = new Script(busy, busy, busy, busy, busy);
  await script.transactions.addPartitions(producer, [place]);
  expect(script.sent).toEqual(Array(6).fill('AddPartitionsToTxn@1'));
  const stuck = new Script(...Array<Fate>(100).fill(busy));
  await expect(stuck.transactions.end(producer, 'abort')).rejects.toMatchObject({
    code: 'KAFKA_RETRIABLE',
    message: expect.stringMatching(/^Aborting the transaction of 'tx': .* still being completed/),
  });
  expect(stuck.sent).toHaveLength(6 * (RETRIES + 1));
});

test('closing the client ends the waiting', async () => {
  const script = new Script(...Array<Fate>(100).fill(['CONCURRENT_TRANSACTIONS']));
  const ended = expect(script.transactions.end(producer, 'commit')).rejects.toMatchObject({
    code: 'ABORTED',
  });
  await vi.waitUntil(() => script.sent.length > 0);
  script.close();
  await ended;
});

test.each(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'])('%s is not asked again', async (name) => {
  const fenced = {
    code: 'PRODUCER_FENCED',
    retry: 'never',
    domain: 'external',
    context: { transactionalId: 'tx', kafkaError: name },
  };
  for (const request of [
    ({ transactions }: Script) => transactions.addPartitions(producer, [place]),
    ({ transactions }: Script) => transactions.sendOffsets(producer, 'group', offsets),
    ({ transactions }: Script) => transactions.end(producer, 'commit'),
  ]) {
    const script = new Script([name]);
    await expect(request(script)).rejects.toMatchObject(fenced);
    expect(script.sent).toHaveLength(1);
  }
});

test.each(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'STALE_MEMBER_EPOCH'])(
  'offsets of a member that the group went on without: %s',
  async (name) => {
    const member = { memberId: 'm', generationId: 6, instanceId: 'static' };
    const script = new Script('done', [name]);
    const sent = script.transactions.sendOffsets(producer, 'group', offsets, member);
    await expect(sent).rejects.toMatchObject({
      code: 'GROUP_FENCED',
      context: { groupId: 'group', generationId: 6 },
      cause: { context: { kafkaError: name, transactionalId: 'tx' } },
    });
    expect(script.sent).toHaveLength(2);
  },
);

test('of several refusals the one is told that is the reason of the others', async () => {
  const skipped = 'OPERATION_NOT_ATTEMPTED';
  const refused = (...names: string[]) => new Script(names).transactions;
  const adding = (transactions: Transactions<number>) =>
    transactions.addPartitions(producer, [place]);
  await expect(adding(refused(skipped, 'TOPIC_AUTHORIZATION_FAILED'))).rejects.toMatchObject({
    code: 'KAFKA_ERROR',
    context: { ...place, kafkaError: 'TOPIC_AUTHORIZATION_FAILED' },
  });
  const both = refused(skipped, 'UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED');
  await expect(adding(both)).rejects.toMatchObject({
    context: { kafkaError: 'TOPIC_AUTHORIZATION_FAILED' },
  });
  const passing = new Script([skipped, 'UNKNOWN_TOPIC_OR_PARTITION']);
  await adding(passing.transactions);
  expect(passing.sent).toHaveLength(2);
});

test('a topic that does not exist is not asked for', async () => {
  const script = new Script();
  const added = script.transactions.addPartitions(producer, [{ topic: 'missing', partition: 0 }]);
  await expect(added).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  expect(script.sent).toEqual([]);
});
