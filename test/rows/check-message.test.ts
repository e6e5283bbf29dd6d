import { tableFromArrays } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

function setUp(options: Partial<RowSinkOptions> = {}) {
  const topic = new FakeTopic(1);
  const sink = new KafkaSink({ topic: 'orders', ...options }, { client: topic.client });
  const send = (value: unknown, given?: unknown) => sink.send(value, given as object | undefined);
  return { topic, sink, send };
}

const invalid = (text: RegExp) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(text) });

describe('what goes with a message', () => {
  it.each<[unknown, RegExp]>([
    [{ kye: 'k' }, /a message has no option 'kye'; did you mean 'key'/],
    [{ header: {} }, /did you mean 'headers'/],
    [{ topic: 'other' }, /no option 'topic'; a sink writes one topic/],
    [{ timeoutMs: 5 }, /it has key, headers, partition, timestamp, onDelivery/],
    [{ onDelivery: true }, /onDelivery is true; give a function/],
    ['k', /send takes options such as { key: 'k' }, not 'k'/],
    [null, /not null/],
    [['k'], /not \[/],
  ])('%o is refused, and nothing is sent', async (options, text) => {
    const { topic, sink, send } = setUp();
    await expect(send({ id: 1 }, options)).rejects.toEqual(invalid(text));
    // Also where it is connected already; and those behind it go on.
    await expect(send({ id: 1 }, options)).rejects.toEqual(invalid(text));
    await send({ id: 2 });
    expect(topic.values(0)).toEqual([{ id: 2 }]);
    expect(sink.stats()).toMatchObject({ sent: 3, failed: 2, delivered: 1 });
    await sink.close();
  });
});

describe("what other clients' send takes", () => {
  const encoded = { topic: 'orders', messages: [{ key: 'k', value: '{"id":1}' }] };

  it.each([
    [encoded],
    [{ ...encoded, acks: -1, compression: 1 }],
    [{ topic: 'x', messages: [{ value: Buffer.from('1') }, { value: null, headers: {} }] }],
  ])('%o is no value', async (value) => {
    const { topic, sink, send } = setUp();
    const text =
      /stored as it is; the sink's topic is 'orders': call send\(value, { key, headers }/;
    await expect(send(value)).rejects.toEqual(invalid(text));
    await expect(sink.sendBatch([value])).rejects.toEqual(invalid(text));
    await sink.close();
    expect(topic.messages).toEqual([]);
  });

  it.each([
    [{ topic: 'sports', messages: [{ text: 'hi' }] }],
    [{ topic: 'sports', messages: [{ value: { score: 3 } }] }],
    [{ topic: 'sports', messages: [{ value: '3', author: 'me' }] }],
    [{ topic: 'sports', messages: ['hi'] }],
    [{ topic: 'sports', messages: [] }],
    [{ topic: 'sports', messages: 'none' }],
    [{ ...encoded, id: 1 }],
    [{ messages: encoded.messages }],
  ])('%o is one', async (value) => {
    const { topic, sink, send } = setUp();
    await send(value);
    expect(topic.values(0)).toEqual([value]);
    await sink.close();
  });

  it('it is one where the sink says that its values have such fields', async () => {
    const { topic, sink, send } = setUp({ key: 'topic' });
    await send(encoded);
    expect(topic.values(0)).toEqual([encoded]);
    await sink.close();
  });

  it('it is one where the columns of a batch say so, or the codec is text', async () => {
    const { topic, sink } = setUp();
    const [batch] = tableFromArrays({ topic: ['a'], messages: ['b'] }).batches;
    await sink.sendBatch(batch!);
    expect(topic.values(0)).toEqual([{ topic: 'a', messages: 'b' }]);
    await sink.close();
    const text = setUp({ codec: 'string' });
    await text.send(JSON.stringify(encoded));
    expect(text.topic.values(0)).toEqual([encoded]);
    await text.sink.close();
  });
});

it.each<[unknown, RegExp]>([
  [{}, /sendBatch takes a list of values or a RecordBatch, not {}; give \[value, …\]/],
  [{ topicMessages: [] }, /the topic is that of the sink/],
  [undefined, /not undefined/],
  ['values', /not 'values'/],
  [new Set([1]), /not Set\(1\)/],
  [tableFromArrays({ id: [1] }), /not a table; .*of table\.batches\) await sink\.sendBatch/],
])('sendBatch refuses %o', async (rows, text) => {
  const { sink, topic } = setUp();
  await expect(sink.sendBatch(rows as never)).rejects.toEqual(invalid(text));
  await sink.close();
  expect(topic.messages).toEqual([]);
});
