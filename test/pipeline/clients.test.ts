import { expect, test } from 'vitest';
import { col, otherwise, Stream } from '../../src/index.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { Clients, kafkaEnds } from '../../src/pipeline/clients.ts';
import { type Plan, sourcesOf } from '../../src/plan.ts';

const schema = { id: 'int64' } as const;
const orders = (brokers: string) => Stream.fromKafka({ brokers, topic: 'orders', schema });

/** The clients of a plan, and the brokers that each was made for. */
function clientsOf(plan: Plan) {
  const made: string[] = [];
  const closed: string[] = [];
  const clients = new Clients(plan, ({ brokers }) => {
    const name = brokers.join();
    made.push(name);
    return { name, close: async () => void closed.push(name) } as unknown as KafkaClient;
  });
  return { clients, made, closed };
}

test('sinks share the client of a source with their connection, sources share none', async () => {
  const { big, rest } = orders('a:1')
    .union(orders('a:1'))
    .split({ big: col('id').gt(9), rest: otherwise() });
  const { plan } = big
    .toKafka({ topic: 'big' })
    .with(rest.toKafka({ topic: 'rest', brokers: 'b:1' }))
    .with(rest.toKafka({ topic: 'again', brokers: 'b:1' }));
  const { clients, made, closed } = clientsOf(plan);
  const used = new Set(kafkaEnds(plan).map((end) => clients.of(end)));
  expect(kafkaEnds(plan)).toHaveLength(5);
  expect(made).toEqual(['a:1', 'a:1', 'b:1']);
  expect(used.size).toBe(3);
  const [first] = sourcesOf(plan);
  if (first?.kind !== 'kafka' || plan.sink.kind !== 'kafka') throw new Error('both are Kafka');
  expect(clients.of(plan.sink)).toBe(clients.of(first));
  await clients.close();
  expect(closed).toEqual(['a:1', 'a:1', 'b:1']);
});

test('only what was asked for is made', async () => {
  const { plan } = orders('a:1').toKafka({ topic: 'copy', brokers: 'b:1' });
  const { clients, made, closed } = clientsOf(plan);
  clients.of(kafkaEnds(plan)[1]!);
  expect(made).toEqual(['b:1']);
  await clients.close();
  expect(closed).toEqual(['b:1']);
});
